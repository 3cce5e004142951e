// A time limit for what fails in words.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <ringway/coro/stop.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/client_types.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway::http::detail {

/// As `with_timeout`; 0 is no limit. `what` says what did not come in time: "no answer from ...".
template <class T>
task<client_result<T>> within(std::chrono::milliseconds limit, std::string_view what,
                              task<client_result<T>> work) {
    if (limit == std::chrono::milliseconds{0}) {
        co_return co_await std::move(work);
    }
    linked_stop_source stop{co_await this_stop{}};
    stop_timer timer{stop.source()};
    timer.arm(driver::current().now() + limit);
    client_result<T> outcome = co_await std::move(work).under(stop.source());
    if (!outcome && outcome.error().what.code == errc::canceled && timer.fired()) {
        outcome.error().what = {errc::timed_out};
        outcome.error().text = std::string{what} + " within " +
                               std::to_string(limit.count() / 1000) + "." +
                               std::to_string(limit.count() % 1000 / 100) + " s";
    }
    co_return outcome;
}

}  // namespace ringway::http::detail
