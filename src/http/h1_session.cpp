#include <ringway/http/h1_session.hpp>

#include <algorithm>
#include <utility>

#include <ringway/http/plan_error.hpp>
#include <ringway/runtime/shard.hpp>

#include "http/stop_relay.hpp"
#include "wire/chars.hpp"

namespace ringway::http {
namespace {

// A peer that goes on sending after the last response is read for so many times the linger time.
constexpr int linger_factor_max = 5;

constexpr std::string_view h2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Of a request that can't be read. There may be an empty line in front.
bool asks_for_head(std::string_view received) noexcept {
    constexpr std::string_view empty_line = "\r\n";
    if (received.starts_with(empty_line)) {
        received.remove_prefix(empty_line.size());
    }
    return received.starts_with("HEAD ");
}

}  // namespace

h1_session::h1_session(int fd, session_context& context, observe::transport kind,
                       std::string client)
    : session{context, kind, std::move(client)},
      timer{[](timer& self) noexcept { static_cast<h1_session&>(self).tick(); }},
      connection_{fd},
      parser_{context.limits.head} {
    context.metrics.connection_opened(kind);
}

h1_session::h1_session(tls::connection& secure, session_context& context, std::string client,
                       authority_guard guard)
    : session{context, observe::transport::tls, std::move(client)},
      timer{[](timer& self) noexcept { static_cast<h1_session&>(self).tick(); }},
      connection_{secure},
      guard_{std::move(guard)},
      parser_{context.limits.head} {
    context.metrics.connection_opened(transport_);
}

task<void> h1_session::run() {
    detail::stop_relay relay{context_, stop_, hang_up_};
    relay.link(co_await this_stop{});
    since_ = shard::current().now();
    arm_timer(context_.limits.header_timeout);
    co_await serve().under(stop_);
    co_await finish().under(hang_up_);
    shard::current().timers().cancel(*this);
    set_phase(phase::lingering);  // Not idle: a drain that comes now must not arm the timer.
    if (is_h2_) {
        client_.clear();  // To be found by it is the next session's.
        co_return;
    }
    context_.metrics.connection_closed(transport_, false);
    if (cut_off_) {
        reset_when_closed(connection_.fd());
    }
    co_await connection_.close();
}

// Reads and answers until the connection ends. Everything that happens for each request is in this
// one coroutine, so that a warm request makes none.
task<void> h1_session::serve() {
    for (;;) {
        const auto parsed = parser_.parse(input_.view());
        if (parsed.what == wire::h1_request_parser::status::need_more) {
            await_request();
            stream* const plain = connection_.plain();  // The usual case makes no coroutine.
            auto received =
                plain != nullptr ? co_await plain->receive() : co_await connection_.receive();
            if (!received || !*received) {
                co_return;  // Reset, stopped, or the peer has nothing more to say.
            }
            if (driver::current().buffers().is_scarce()) {
                received->detach();  // A handler that waits must not keep one from the others.
            }
            input_.add(*std::move(received));
            continue;
        }
        if (parsed.what == wire::h1_request_parser::status::bad) {
            is_h2_ = begins_h2() && co_await read_preface();
            if (!is_h2_) {
                co_await reject(parsed);
            }
            co_return;
        }
        begin_response();
        ready_ref ready = find_ready();
        if (!ready) {
            if (!co_await answer(parsed.consumed)) {
                co_return;
            }
            continue;
        }
        take_request(parsed.consumed);
        const std::string_view text = ready->text();
        begin_sending();
        if (stream* const plain = connection_.plain(); plain != nullptr) {
            progress_.in_hand = text.size();
            std::size_t taken = 0;
            static_cast<void>(co_await plain->send(as_bytes(text), &taken));
            progress_.bytes += taken;
        } else {
            static_cast<void>(co_await connection_.send(context_.sender, text, {}, progress_));
        }
        const std::uint64_t sent = progress_.bytes;
        end_response({.body_bytes = sent - std::min<std::uint64_t>(sent, ready->head_size()),
                      .status = 200,
                      .coding = ready->coding(),
                      .cache = observe::cache_tier::body});
        if (sent < text.size()) {
            co_return;
        }
        parser_.next();
    }
}

// Whether this is, so far, what HTTP/2 with prior knowledge begins with (RFC 9113 section 3.4).
bool h1_session::begins_h2() const noexcept {
    const std::string_view begun = input_.view().substr(0, h2_preface.size());
    return context_.limits.h2c && requests_ == 0 && h2_preface.starts_with(begun);
}

// The parser refuses the preface as soon as it sees the version; here the rest arrives.
task<bool> h1_session::read_preface() {
    while (input_.view().size() < h2_preface.size()) {
        await_request();
        auto received = co_await connection_.receive();
        if (!received || !*received) {
            co_return false;
        }
        input_.add(*std::move(received));
        if (!begins_h2()) {
            co_return false;
        }
    }
    co_return true;
}

// RFC 9110 section 7.4: what is asked for by https is refused where nothing vouches for this
// origin. At the other end of a Unix socket is a gateway, which may do that.
bool h1_session::lacks_tls() const noexcept {
    constexpr std::string_view scheme = "https:";
    const auto target = parser_.head().target;
    return target.front() != '/' && transport_ == observe::transport::tcp &&
           wire::detail::same_ignoring_case(target.substr(0, scheme.size()), scheme);
}

// The short way: an answer that is ready, for a request that asks for nothing special.
ready_ref h1_session::find_ready() {
    const wire::request_head& head = parser_.head();
    context_.date.update();
    if (!head.keep_alive || head.version_minor == 0 || parser_.has_body() || context_.draining ||
        must_close_ || requests_ == context_.limits.requests_max) {
        return {};
    }
    const request asked = make_request(head);
    if (!guard_.admits(asked.authority) || lacks_tls()) {
        return {};
    }
    return context_.answer.find_ready(asked, context_.date.seconds(), context_.date.text());
}

// Notes what is needed later and lets go of the request's bytes: a slow peer must not hold a
// receive buffer while it is sent to.
void h1_session::take_request(std::size_t head_bytes) {
    if (context_.log != nullptr) {
        const request asked = make_request(parser_.head());
        note_.remember(asked.method_text, parser_.head().target, asked.find(wire::field::referer),
                       asked.find(wire::field::user_agent));
    }
    method_ = parser_.head().method;
    protocol_ = parser_.head().version_minor == 0 ? version::http_1_0 : version::http_1_1;
    input_.consume(head_bytes);
    if (!input_.view().empty()) {
        input_.release_buffer();
    }
}

// The long way: asks the handler. Says whether the connection goes on.
task<bool> h1_session::answer(std::size_t head_bytes) {
    response out;
    bool close = must_close_ || context_.draining || requests_ == context_.limits.requests_max;
    {
        const wire::request_head& head = parser_.head();
        const request asked = make_request(head);
        if (lacks_tls()) {
            plan_error(asked, 421, "An https address is answered over TLS only.", out.plan);
        } else if (!guard_.admits(asked.authority)) {
            plan_misdirected(out.plan);
        } else {
            co_await context_.answer.respond(asked, out);
            if (out.abuse) {
                count_abuse(*out.abuse);
            }
        }
        const bool long_body = head.content_length.value_or(0) > context_.limits.discard_bytes_max;
        // What follows a CONNECT that is refused was meant for the tunnel: it is no request.
        const bool tunnel = head.method == wire::method_id::connect;
        close |= out.plan.close || head.expect_continue || long_body || !head.keep_alive || tunnel;
        if (long_body) {
            count_abuse(observe::abuse_kind::body_too_large);
        }
    }
    take_request(head_bytes);
    bool body_left = parser_.has_body();
    if (body_left) {
        body_left = !skip_received_body();
        close |= body_left && (broken_body_ || parser_.head().chunked);
    }
    begin_sending();
    auto sent = co_await send_response(out, close);
    if (!sent && sent.error().code == errc::truncated && progress_.bytes == 0) {
        // The file has become shorter since it was looked at, and nothing is said of it yet.
        plan_error(503, "The file is being changed: ask again.", out.plan);
        out.file = {};
        close = true;
        sent = co_await send_response(out, close);
    }
    const std::uint64_t length = length_of(out.plan.body);
    end_response({.body_bytes = sent ? length : std::min(length, progress_.bytes),
                  .status = static_cast<std::uint16_t>(out.plan.status),
                  .coding = out.coding,
                  .cache = out.cache,
                  .from_file = static_cast<bool>(out.file)});
    if (!sent) {
        co_return false;
    }
    if (close) {
        linger_ = true;  // Whoever asked for the end may have sent more behind it all the same.
        co_return false;
    }
    if (body_left && !co_await discard_body()) {
        linger_ = true;
        co_return false;
    }
    parser_.next();
    co_return true;
}

// Skips what has arrived of an unwanted body. Says whether that was all of it.
bool h1_session::skip_received_body() {
    while (!input_.view().empty()) {
        const auto skipped = parser_.skip_body(input_.view());
        if (skipped.what == wire::h1_request_parser::status::bad) {
            count_abuse(observe::abuse_kind::malformed_body);
            broken_body_ = true;
            return false;
        }
        discarded_ += skipped.consumed;
        input_.consume(skipped.consumed);
        if (skipped.what == wire::h1_request_parser::status::complete) {
            return true;
        }
    }
    return false;
}

// Reads the rest of a short unwanted body, so that the connection can go on.
task<bool> h1_session::discard_body() {
    discarded_ = 0;
    set_phase(phase::discarding);
    since_ = shard::current().now();
    arm_timer(context_.limits.header_timeout);
    while (discarded_ <= context_.limits.discard_bytes_max) {
        auto received = co_await connection_.receive();
        if (!received || !*received) {
            co_return false;
        }
        input_.add(*std::move(received));
        if (skip_received_body()) {
            co_return true;
        }
        if (broken_body_) {
            co_return false;
        }
    }
    co_return false;
}

// Answers a request that could not be read, which ends the connection.
task<void> h1_session::reject(wire::h1_request_parser::outcome why) {
    constexpr char tls_handshake = '\x16';  // RFC 8446 section 5.1.
    const bool is_tls = input_.view().starts_with(tls_handshake);
    count_abuse(is_tls ? observe::abuse_kind::tls_on_plain_port
                       : observe::abuse_of_status(why.reject_status));
    begin_response();
    context_.date.update();
    method_ = wire::method_id::unknown;
    note_.clear();
    if (context_.log != nullptr && !is_tls) {
        note_.remember_unread(input_.view());
    }
    response out;
    plan_error(why.reject_status, why.reason, out.plan);
    if (asks_for_head(input_.view())) {
        out.plan.drop_body();
    }
    linger_ = true;
    begin_sending();
    static_cast<void>(co_await send_response(out, true));
    end_response({.body_bytes = length_of(out.plan.body),
                  .status = static_cast<std::uint16_t>(why.reject_status)});
}

// The end of a connection that the peer may not expect: tells why, then waits until the peer has
// had time to read it. Closing with unread bytes would reset the connection, and the reset could
// overtake the response (RFC 9112 section 9.6).
task<void> h1_session::finish() {
    if (header_timed_out_) {
        set_phase(phase::lingering);
        since_ = shard::current().now();
        arm_timer(context_.limits.linger);
        context_.date.update();
        response out;
        plan_error(408, "The request did not arrive in time.", out.plan);
        static_cast<void>(co_await send_response(out, true));
        linger_ = true;
    }
    if (!linger_) {
        co_return;
    }
    set_phase(phase::lingering);
    const nanoseconds begun = shard::current().now();
    since_ = begun;
    arm_timer(context_.limits.linger);
    connection_.shutdown_send();
    while (since_ - begun <= linger_factor_max * context_.limits.linger) {
        auto received = co_await connection_.receive();
        if (!received || !*received) {
            co_return;
        }
        since_ = shard::current().now();  // It is still sending: closing now would reset it.
    }
}

void h1_session::drain() noexcept {
    must_close_ = true;
    if (phase_ == phase::idle || (phase_ == phase::reading_head && input_.view().empty())) {
        // A request may be on its way: it is still answered, and told that it is the last.
        phase_ = phase::idle;
        since_ = shard::current().now();
        arm_timer(drain_grace);
    }
}

void h1_session::cut_off() noexcept {
    cut_off_ = true;
    stop_.request_stop();
    hang_up_.request_stop();
}

}  // namespace ringway::http
