#include "support/sim_client.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>

#include <ringway/ring/await.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway::test {
namespace {

bool is_passing(int result) noexcept { return result == -EINTR || result == -ENOMEM; }

bool leaves(sim_ending how) noexcept {
    return how == sim_ending::leave_early || how == sim_ending::reset;
}

}  // namespace

task<void> sim_client::run() {
    if (plan_.start > nanoseconds{0}) {
        static_cast<void>(co_await sleep_for(plan_.start));
    }
    out_.began = io_.now();
    if (!co_await connect()) {
        co_return;
    }
    out_.connected = true;
    if (leaves(plan_.ending)) {
        std::size_t total = plan_.behind.size();
        for (const sim_exchange& each : plan_.exchanges) {
            total += each.request.size();
        }
        may_send_ = random_.below(total + 1);
    }
    scope sending;
    sending.spawn(send_requests());
    co_await receive().under(leaving_);
    out_.ended = io_.now();
    over_ = true;
    news_.set();
    co_await sending.join();
    if (plan_.talks_on_every > nanoseconds{0} && out_.reached_end) {
        co_await talk_on();
    }
    io_.close_now(fd_);
    if (reader_.begun() && out_.problem.empty()) {
        out_.cut_off = true;
        if (reader_.now() == sim_response_reader::phase::body) {
            take_response();
        }
    }
}

task<bool> sim_client::connect() {
    fd_ = io_.make_socket();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    operation op{
        .kind = op_kind::connect, .fd = fd_, .length = sizeof address, .address = &address};
    const completion done = co_await await_operation{op};
    if (done.result < 0) {
        io_.close_now(fd_);
        co_return false;
    }
    co_return true;
}

task<void> sim_client::send_requests() {
    std::string waiting;
    bool going = true;
    for (std::size_t i = 0; going && i < plan_.exchanges.size(); ++i) {
        waiting += plan_.exchanges[i].request;
        if (!plan_.pipelined) {
            going = co_await send_text(waiting);
            waiting.clear();
            if (going) {
                co_await wait_for_answers(i + 1);
                static_cast<void>(co_await sleep_for(plan_.between));
            }
        }
    }
    waiting += plan_.behind;
    going = going && co_await send_text(waiting);
    out_.sent_all = going;
    co_await end_connection();
}

task<bool> sim_client::send_text(std::string_view text) {
    while (!text.empty() && !is_over()) {
        std::size_t size = text.size();
        if (plan_.piece_max > 0) {
            size = random_.between(1, std::min(size, plan_.piece_max));
        }
        size = std::min(size, may_send_);
        if (size == 0) {
            co_return false;
        }
        may_send_ -= size;
        if (!co_await send_piece(text.substr(0, size))) {
            co_return false;
        }
        text.remove_prefix(size);
        if (plan_.pause_max > nanoseconds{0} && random_.below(3) == 0) {
            const auto most = static_cast<std::uint64_t>(plan_.pause_max.count());
            const nanoseconds pause{static_cast<std::int64_t>(random_.between(1, most))};
            static_cast<void>(co_await sleep_for(pause));
        }
    }
    co_return text.empty();
}

task<bool> sim_client::send_piece(std::string_view piece) {
    while (!piece.empty() && !is_over()) {
        operation op{.kind = op_kind::send,
                     .fd = fd_,
                     .length = static_cast<std::uint32_t>(piece.size()),
                     .address = const_cast<char*>(piece.data())};
        const completion done = co_await await_operation{op};
        if (done.result < 0 && !is_passing(done.result)) {
            co_return false;
        }
        piece.remove_prefix(static_cast<std::size_t>(std::max(done.result, 0)));
    }
    co_return piece.empty();
}

// Until nobody takes it any more.
task<void> sim_client::talk_on() {
    over_ = false;
    while (co_await send_piece("x")) {
        out_.ended = io_.now();
        static_cast<void>(co_await sleep_for(plan_.talks_on_every));
    }
}

task<void> sim_client::end_connection() {
    switch (plan_.ending) {
        case sim_ending::half_close_early: break;
        case sim_ending::half_close_late:
        case sim_ending::close: co_await wait_for_answers(plan_.exchanges.size()); break;
        case sim_ending::wait: co_return;
        case sim_ending::leave_early:
        case sim_ending::reset: {
            const nanoseconds while_away{static_cast<std::int64_t>(random_.below(20'000'000))};
            static_cast<void>(co_await sleep_for(while_away));
            break;
        }
    }
    if (is_over()) {
        co_return;
    }
    switch (plan_.ending) {
        case sim_ending::half_close_early:
        case sim_ending::half_close_late: io_.shutdown_now(fd_, SHUT_WR); break;
        case sim_ending::reset: io_.reset_connection(fd_); break;
        default: leaving_.request_stop(); break;
    }
}

task<void> sim_client::wait_for_answers(std::size_t count) {
    while (!is_over() && out_.answered < count) {
        news_.reset();
        static_cast<void>(co_await news_.wait());
    }
}

task<void> sim_client::receive() {
    std::string buffer(plan_.read_max, '\0');
    for (;;) {
        operation op{.kind = op_kind::recv,
                     .fd = fd_,
                     .length = static_cast<std::uint32_t>(buffer.size()),
                     .address = buffer.data()};
        const completion done = co_await await_operation{op};
        if (is_passing(done.result)) {
            continue;
        }
        if (done.result <= 0) {
            out_.reached_end = done.result == 0;
            co_return;
        }
        out_.last_byte = io_.now();
        take(std::string_view{buffer}.substr(0, static_cast<std::size_t>(done.result)));
        if (plan_.read_pause > nanoseconds{0}) {
            static_cast<void>(co_await sleep_for(plan_.read_pause));
        }
    }
}

void sim_client::take(std::string_view bytes) {
    using phase = sim_response_reader::phase;
    while (!bytes.empty() && out_.problem.empty()) {
        if (out_.said_close || out_.answered == plan_.exchanges.size()) {
            complain("more bytes than responses: " + std::string{bytes.substr(0, 100)});
            return;
        }
        const phase before = reader_.now();
        bytes.remove_prefix(reader_.feed(bytes));
        if (before == phase::head && reader_.now() == phase::body) {
            take_head();
        }
        if (reader_.now() == phase::malformed) {
            complain(reader_.why());
        } else if (reader_.now() == phase::complete) {
            take_response();
            reader_.next();
            news_.set();
        }
    }
}

// A request that comes too slowly is answered before it is known.
void sim_client::take_head() {
    const bool too_late = reader_.current().status == 408;
    reader_.expect_body(too_late || !plan_.exchanges[out_.answered].head_only);
}

// Judges a response, complete or not.
void sim_client::take_response() {
    const sim_response& got = reader_.current();
    const bool complete = reader_.now() == sim_response_reader::phase::complete;
    const sim_exchange* asked = &plan_.exchanges[out_.answered];
    sim_exchange instead;
    const bool trouble = plan_.allows_trouble && (got.status == 500 || got.status == 503);
    if (got.status == 408 || trouble) {
        instead.status = got.status;
        instead.head_only = got.status != 408 && asked->head_only;
        instead.closes = got.status == 408 ? closing::always : asked->closes;
        asked = &instead;
    }
    if (const std::string fault = fault_in(*asked, got, complete); !fault.empty()) {
        complain(fault);
        return;
    }
    if (got.says_close() && asked->closes == closing::never && !plan_.allows_close) {
        complain("Connection: close");
        return;
    }
    if (complete) {
        out_.said_close = got.says_close();
        out_.timed_out = got.status == 408;
        if (!out_.timed_out) {
            ++out_.answered;
            out_.lengths.push_back(got.body.size());
        }
    }
}

std::string sim_client::name_of_current() const {
    if (out_.answered >= plan_.exchanges.size()) {
        return "behind the last request";
    }
    const std::string& request = plan_.exchanges[out_.answered].request;
    return "request " + std::to_string(out_.answered) + ", " + request.substr(0, 200);
}

void sim_client::complain(const std::string& what) {
    if (out_.problem.empty()) {
        out_.problem = what + " (" + name_of_current() + ")";
        leaving_.request_stop();
    }
}

}  // namespace ringway::test
