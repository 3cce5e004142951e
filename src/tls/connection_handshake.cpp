#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/buffer_pool.hpp>
#include <ringway/tls/connection.hpp>
#include <ringway/tls/types.hpp>

#include "tls/connection_state.hpp"
#include "tls/record_reader.hpp"
#include "tls/session.hpp"

namespace ringway::tls {
namespace {

// RFC 8446 section 5.1. A record that is no handshake is TLS all the same: it gets its alert.
bool is_record_type(std::byte first) noexcept {
    return first >= std::byte{20} && first <= std::byte{23};
}

// All messages of a handshake with their records, and what a quick client sends behind them.
constexpr std::size_t handshake_bytes_max = std::size_t{128} * 1024;

}  // namespace

task<result<void>> connection::handshake() {
    RW_ASSERT(state_->spoken == version::none && state_->gnutls != nullptr);
    const result<void> outcome = co_await shake_hands();
    state_->count_handshake(outcome);
    if (!outcome) {
        state_->gnutls.reset();
    }
    co_return outcome;
}

task<result<void>> connection::shake_hands() {
    state& me = *state_;
    buffer_lease arrived;  // The latest.
    std::size_t size = 0;  // Of all that has arrived.
    for (;;) {
        const session::progress now = me.gnutls->advance();
        if (now != session::progress::done) {
            arrived.reset();  // It is read: who waits must not keep a buffer from the others.
        }
        if (const byte_view records = me.gnutls->output(); !records.empty()) {
            const auto sent = co_await me.socket.send(records);
            if (!sent || *sent != records.size()) {
                co_return sent ? fail(errc::closed) : std::unexpected{sent.error()};
            }
            me.gnutls->clear_output();
        }
        if (now == session::progress::failed) {
            me.problem = me.gnutls->problem();
            me.certificate_refused = me.gnutls->certificate_refused();
            co_return fail(errc::malformed);
        }
        if (now == session::progress::done) {
            break;
        }
        auto next = co_await me.socket.receive();
        if (!next) {
            co_return std::unexpected{next.error()};
        }
        if (!*next) {
            me.problem = "the peer has closed";
            co_return fail(errc::closed);
        }
        if (size == 0 && !is_record_type(next->bytes().front())) {
            me.foreign_byte = next->bytes().front();
            me.problem = "the peer does not speak TLS";
            co_return fail(errc::malformed);
        }
        arrived = *std::move(next);
        size += arrived.bytes().size();
        if (size > handshake_bytes_max) {  // GnuTLS would read on to the end of the message.
            me.gnutls->refuse_length();
            driver::current().send_now(me.socket.fd(), me.gnutls->output());
            me.problem = me.gnutls->problem();
            co_return fail(errc::malformed);
        }
        me.gnutls->feed(arrived.bytes());
    }
    const std::size_t rest = me.gnutls->unread();
    if (rest > 0) {
        arrived.narrow(arrived.bytes().size() - rest, rest);
    } else {
        arrived.reset();
    }
    me.start(std::move(arrived));
    co_return result<void>{};
}

void connection::state::start(buffer_lease rest) {
    spoken = gnutls->spoken();
    resumed = gnutls->resumed();
    alpn = gnutls->alpn();
    server_name = gnutls->server_name();
    cipher_text = gnutls->cipher_text();
    certificates = gnutls->certificates();
    shown = gnutls->shown();
    if (spoken == version::tls_1_2) {
        input = std::move(rest);
        gnutls->feed(input.bytes());
        return;
    }
    const auto role = server != nullptr ? record_reader::role::server : record_reader::role::client;
    reader.emplace(gnutls->keys(session::direction::receiving), role);
    writer.emplace(gnutls->keys(session::direction::sending));
    if (rest) {
        reader->add(std::move(rest));
    }
    if (server != nullptr) {
        gnutls.reset();  // A client keeps it for the tickets that are on their way.
    }
}

void connection::state::count_handshake(const result<void>& outcome) noexcept {
    if (server == nullptr) {
        return;
    }
    const auto add = [](std::atomic<std::uint64_t>& to, bool one) {
        to.fetch_add(one ? 1 : 0, std::memory_order_relaxed);
    };
    auto& count = server->count();
    const bool refused = !outcome && outcome.error().code == errc::malformed;
    add(count.tls_1_3, spoken == version::tls_1_3);
    add(count.tls_1_2, spoken == version::tls_1_2);
    add(count.resumed, resumed);
    add(count.failed, refused);
    add(count.left, !outcome && !refused);
    add(count.alerts_sent, refused && gnutls->alert_sent());
    add(count.alerts_received, refused && gnutls->alert_received());
}

}  // namespace ringway::tls
