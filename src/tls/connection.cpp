#include <ringway/tls/connection.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/ring/buffer_pool.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/tls/certificates.hpp>
#include <ringway/tls/client_context.hpp>
#include <ringway/tls/server_context.hpp>
#include <ringway/tls/types.hpp>

#include "tls/alert.hpp"
#include "tls/connection_state.hpp"
#include "tls/kernel_tls.hpp"
#include "tls/output_memory.hpp"
#include "tls/session.hpp"

namespace ringway::tls {

connection::connection(int fd, server_context& context)
    : state_{std::make_unique<state>(fd, &context, session::accept(context))} {}

connection::connection(int fd, const client_context& context, std::string_view host,
                       byte_view resume)
    : state_{std::make_unique<state>(fd, nullptr, session::connect(context, host, resume))} {}

connection::~connection() = default;

std::byte connection::foreign_byte() const noexcept { return state_->foreign_byte; }
std::string_view connection::problem() const noexcept { return state_->problem; }
bool connection::is_certificate_refused() const noexcept { return state_->certificate_refused; }
std::string_view connection::alpn() const noexcept { return state_->alpn; }
std::string_view connection::server_name() const noexcept { return state_->server_name; }
const policy* connection::shown_policy() const noexcept { return state_->shown; }
bool connection::resumed() const noexcept { return state_->resumed; }
version connection::protocol() const noexcept { return state_->spoken; }
std::string_view connection::cipher_text() const noexcept { return state_->cipher_text; }
bool connection::was_truncated() const noexcept { return state_->truncated; }
stream& connection::socket() noexcept { return state_->socket; }
int connection::fd() const noexcept { return state_->socket.fd(); }

std::vector<std::byte> connection::resumption_data() const {
    const bool could = state_->gnutls != nullptr && state_->server == nullptr;
    const bool has = state_->has_tickets || state_->spoken == version::tls_1_2;
    return could && has ? state_->gnutls->resumption_data() : std::vector<std::byte>{};
}

// What the reader has come upon besides data. False: the connection can't go on.
bool connection::state::take_news() {
    if (reader->take_update_request()) {
        if (!kernel_sends) {
            writer->owe_key_update();
        } else if (!update_kernel_keys(socket.fd(), writer->keys())) {
            problem = "the peer asks for new keys, and this kernel can't change them";
            send_last(alert::close_notify);
            return false;
        }
    }
    if (gnutls != nullptr) {
        if (const auto tickets = reader->take_tickets(); !tickets.empty()) {
            gnutls->add_tickets(tickets);
            has_tickets = true;
        }
    }
    return true;
}

// The record layer has failed: tells the peer, and our caller.
std::unexpected<error> connection::state::refuse() {
    if (reader->alerted()) {
        if (problem.empty() && server != nullptr) {
            server->count().alerts_received.fetch_add(1, std::memory_order_relaxed);
        }
        problem = "the peer sent alert " + std::to_string(static_cast<int>(reader->failure()));
        sending_broken = true;
        return fail(errc::closed);
    }
    if (problem.empty()) {
        problem = "record layer: alert " + std::to_string(static_cast<int>(reader->failure()));
        send_last(reader->failure());
        if (server != nullptr) {
            server->count().alerts_sent.fetch_add(1, std::memory_order_relaxed);
        }
    }
    return fail(errc::malformed);
}

task<result<buffer_lease>> connection::receive() {
    state& me = *state_;
    if (me.spoken == version::tls_1_2) {
        co_return co_await receive_tls_1_2();
    }
    RW_ASSERT(me.reader.has_value());  // After a handshake that has succeeded.
    while (!me.receiving_ended) {
        buffer_lease plain;
        const auto status = me.reader->next(plain);
        if (!me.take_news()) {
            co_return fail(errc::unsupported);
        }
        if (status == record_reader::status::data) {
            co_return plain;
        }
        if (status == record_reader::status::failed) {
            co_return me.refuse();
        }
        if (status == record_reader::status::ended) {
            me.receiving_ended = true;
            break;
        }
        auto arrived = co_await me.socket.receive();
        if (!arrived) {
            co_return std::unexpected{arrived.error()};
        }
        if (!*arrived) {
            me.receiving_ended = true;
            me.truncated = true;
            break;
        }
        me.reader->add(*std::move(arrived));
    }
    co_return buffer_lease{};
}

std::size_t connection::free_bytes() const noexcept {
    const state& me = *state_;
    if (me.flushing || me.kernel_sends) {
        return 0;
    }
    return me.writer ? me.writer->free_bytes() : output_plain_bytes - me.plain_bytes;
}

std::size_t connection::pending() const noexcept {
    return state_->writer ? state_->writer->pending() : state_->plain_bytes;
}

void connection::put(byte_view bytes) noexcept {
    state& me = *state_;
    RW_ASSERT(bytes.size() <= free_bytes());
    if (!me.writer) {
        std::ranges::copy(bytes, room(bytes.size()).begin());
        commit(bytes.size());
        return;
    }
    if (!me.writer->has_begun()) {
        me.writer->begin(driver::current().now());
    }
    me.writer->put(bytes);
}

byte_span connection::room(std::size_t wanted) noexcept {
    state& me = *state_;
    RW_ASSERT(free_bytes() > 0);
    if (!me.writer) {
        if (!me.plain) {
            me.plain = output_block::take();
        }
        return {me.plain.data() + me.plain_bytes, std::min(wanted, free_bytes())};
    }
    if (!me.writer->has_begun()) {
        me.writer->begin(driver::current().now());
    }
    return me.writer->room(wanted);
}

void connection::commit(std::size_t count) noexcept {
    if (state_->writer) {
        state_->writer->commit(count);
    } else {
        state_->plain_bytes += count;
    }
}

task<result<void>> connection::flush() {
    state& me = *state_;
    RW_ASSERT(!me.flushing);
    if (!me.writer) {
        co_return co_await flush_tls_1_2();
    }
    if (!me.writer->has_begun()) {
        co_return result<void>{};
    }
    const byte_view records = me.writer->finish();
    if (me.sending_broken || records.empty()) {
        me.writer->release();
        if (me.sending_broken) {
            co_return fail(errc::closed);
        }
        co_return result<void>{};
    }
    me.flushing = true;
    const auto sent = co_await me.socket.send(records);
    me.flushing = false;
    me.writer->release();
    if (!sent || *sent != records.size()) {
        me.sending_broken = true;
        co_return sent ? fail(errc::closed) : std::unexpected{sent.error()};
    }
    co_return result<void>{};
}

// Whatever is pending goes before it: its record numbers do. A send in flight may have got half of
// a record out, so then nothing can follow.
void connection::state::send_last(alert what) noexcept {
    if (sending_broken || flushing) {
        return;
    }
    sending_broken = true;  // Nothing follows an alert.
    driver& io = driver::current();
    if (kernel_sends) {
        send_kernel_alert(socket.fd(), what);
    } else if (writer) {
        if (!writer->has_begun()) {
            writer->begin(io.now());
        }
        writer->put_alert(what);
        io.send_now(socket.fd(), writer->finish());
        writer->release();
    } else if (spoken == version::tls_1_2) {
        gnutls->send_close_notify();
        io.send_now(socket.fd(), gnutls->output());
        gnutls->clear_output();
    }
}

void connection::shutdown_send() noexcept {
    state_->send_last(alert::close_notify);
    state_->socket.shutdown_send();
}

task<void> connection::close() {
    state& me = *state_;
    if (me.spoken != version::none) {
        me.send_last(alert::close_notify);  // RFC 8446 section 6.1: whoever closes says so.
    }
    if (me.writer) {
        me.writer->release();
    }
    me.plain.release();
    me.reader.reset();
    me.input.reset();
    return me.socket.close();
}

bool connection::is_kernel_send() const noexcept { return state_->kernel_sends; }

bool connection::use_kernel_send() noexcept {
    state& me = *state_;
    if (me.kernel_sends) {
        return true;
    }
    if (!me.writer || me.writer->has_begun() || me.writer->owes_key_update() || me.sending_broken ||
        !give_to_kernel(me.socket.fd(), me.writer->keys())) {
        return false;
    }
    me.kernel_sends = true;
    me.socket.send_piecewise();
    if (me.server != nullptr) {
        me.server->count().kernel_sends.fetch_add(1, std::memory_order_relaxed);
    }
    return true;
}

}  // namespace ringway::tls
