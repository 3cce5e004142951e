#include "quic/early_data_guard.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <gnutls/gnutls.h>
#include <mutex>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/quic/replay_register.hpp>

namespace ringway::quic::detail {
namespace {

// The key is the start of GnuTLS's object, which each has another of, and the binder of the
// ClientHello: nobody can make a second one for the same hello without the ticket's secret.
constexpr std::size_t start_bytes = 12;

// GnuTLS asks inside a call of one session, and says nothing of what it was told.
thread_local bool latest_was_refused = false;

int remember(void* shared, std::time_t until, const gnutls_datum_t* key,
             const gnutls_datum_t*) noexcept {
    if (key->size <= start_bytes) {
        return GNUTLS_E_DB_ENTRY_EXISTS;
    }
    const byte_view whole{reinterpret_cast<const std::byte*>(key->data), key->size};
    const std::int64_t now = until - early_data_guard::window.count();
    const auto said = static_cast<replay_register*>(shared)->add(whole.subspan(start_bytes), now,
                                                                 early_data_guard::window);
    latest_was_refused = said != replay_register::verdict::fresh;
    return latest_was_refused ? GNUTLS_E_DB_ENTRY_EXISTS : 0;
}

}  // namespace

early_data_guard::early_data_guard(replay_register& shared, std::int64_t now_unix_s) noexcept
    : shared_{shared}, current_{make(now_unix_s)}, next_{make(now_unix_s)} {}

early_data_guard::~early_data_guard() {
    for (const object& each : {retired_, current_, next_}) {
        gnutls_anti_replay_deinit(each.handle);
    }
}

early_data_guard::object early_data_guard::make(std::int64_t now_unix_s) const noexcept {
    object made{.start_unix_s = now_unix_s};
    const int failed = gnutls_anti_replay_init(&made.handle);
    RW_ASSERT(failed == 0);
    constexpr auto window_ms = std::chrono::duration_cast<std::chrono::milliseconds>(window);
    gnutls_anti_replay_set_window(made.handle, static_cast<unsigned>(window_ms.count()));
    gnutls_anti_replay_set_ptr(made.handle, &shared_);
    gnutls_anti_replay_set_add_function(made.handle, remember);
    return made;
}

void early_data_guard::advance(std::int64_t now_unix_s) noexcept {
    gnutls_anti_replay_deinit(retired_.handle);
    retired_ = std::exchange(current_, std::exchange(next_, make(now_unix_s)));
}

bool early_data_guard::take_refusal() noexcept { return std::exchange(latest_was_refused, false); }

// The second object is made by the first handshake after half of the first one's time: there are no
// tickets from before, which it would not take.
gnutls_anti_replay_st* early_data_guard::current(std::int64_t now_unix_s) noexcept {
    const std::lock_guard held{mutex_};
    const auto age = [&](const object& of) { return now_unix_s - of.start_unix_s; };
    if (age(next_) >= used_for.count() / 2 || age(current_) >= used_for.count()) {
        advance(now_unix_s);
    }
    if (age(current_) >= used_for.count()) {  // Nobody has come for long.
        advance(now_unix_s);
    }
    return current_.handle;
}

}  // namespace ringway::quic::detail
