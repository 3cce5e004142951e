// TLS 1.2, for those who ask for it: GnuTLS goes on with the records, over memory.
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/buffer_pool.hpp>
#include <ringway/tls/connection.hpp>

#include "tls/connection_state.hpp"
#include "tls/record_keys.hpp"

namespace ringway::tls {

task<result<buffer_lease>> connection::receive_tls_1_2() {
    state& me = *state_;
    while (!me.receiving_ended) {
        auto memory = std::make_unique_for_overwrite<std::byte[]>(record_plain_max);
        const auto got = me.gnutls->receive({memory.get(), record_plain_max});
        if (got && *got > 0) {
            co_return buffer_lease{std::move(memory), static_cast<std::uint32_t>(*got)};
        }
        if (got) {
            me.receiving_ended = true;
            me.truncated = !me.gnutls->has_ended_cleanly();
            break;
        }
        if (got.error().code != errc::would_block) {
            me.problem = me.gnutls->problem();
            if (!me.flushing) {
                driver::current().send_now(me.socket.fd(), me.gnutls->output());
                me.gnutls->clear_output();
            }
            me.sending_broken = true;
            co_return std::unexpected{got.error()};
        }
        memory.reset();
        me.input.reset();
        auto arrived = co_await me.socket.receive();
        if (!arrived) {
            co_return std::unexpected{arrived.error()};
        }
        if (!*arrived) {
            me.gnutls->feed_end();
            continue;
        }
        me.input = *std::move(arrived);
        me.gnutls->feed(me.input.bytes());
    }
    co_return buffer_lease{};
}

task<result<void>> connection::flush_tls_1_2() {
    state& me = *state_;
    if (me.plain_bytes == 0) {
        me.plain.release();
        co_return result<void>{};
    }
    const bool sealed = !me.sending_broken && me.gnutls->send({me.plain.data(), me.plain_bytes});
    me.plain.release();
    me.plain_bytes = 0;
    if (!sealed) {
        co_return fail(errc::closed);
    }
    // Ours, because an alert may be added to the session's output meanwhile.
    const std::vector<std::byte> records = me.gnutls->take_output();
    me.flushing = true;
    const auto sent = co_await me.socket.send(records);
    me.flushing = false;
    const bool all = sent && *sent == records.size();
    if (!all) {
        me.sending_broken = true;
        co_return sent ? fail(errc::closed) : std::unexpected{sent.error()};
    }
    co_return result<void>{};
}

}  // namespace ringway::tls
