#include <ringway/runtime/progress.hpp>

#include <cmath>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway {
namespace {

// What is older than this counts for little.
constexpr double memory_seconds = 2;
constexpr double longest_left_seconds = 3.6e6;  // A thousand hours: else it is no forecast.

double seconds(nanoseconds span) noexcept { return static_cast<double>(span.count()) / 1e9; }

}  // namespace

progress_event progress_meter::note(nanoseconds now, progress_count count) noexcept {
    const double passed = seconds(now - then_);
    if (passed > 0) {
        // What has been taken back, after a failure, is no rate.
        const auto came = count.done > done_then_ ? count.done - done_then_ : 0;
        const double latest = static_cast<double>(came) / passed;
        const double old = has_rate_ ? std::exp(-passed / memory_seconds) : 0;
        rate_ = old * rate_ + (1 - old) * latest;
        has_rate_ = true;
        then_ = now;
        done_then_ = count.done;
    }
    progress_event event{.count = count, .bytes_per_second = rate_, .elapsed = now - begin_};
    event.left = nanoseconds{-1};
    if (count.total > 0 && rate_ >= 1) {
        const auto missing = count.total > count.done ? count.total - count.done : 0;
        const double left = static_cast<double>(missing) / rate_;
        if (left < longest_left_seconds) {
            event.left = nanoseconds{static_cast<std::int64_t>(left * 1e9)};
        }
    }
    return event;
}

task<void> watch_progress(nanoseconds period, count_function count, progress_function tell) {
    RW_ASSERT(period >= std::chrono::milliseconds{1});
    progress_meter meter{driver::current().now()};
    for (;;) {
        const auto slept = co_await sleep_for(period);
        progress_event event = meter.note(driver::current().now(), count());
        event.last = !slept;
        tell(event);
        if (event.last) {
            co_return;
        }
    }
}

task<void> watch_progress(nanoseconds period, count_function count,
                          channel<progress_event>& events) {
    co_await watch_progress(period, std::move(count), [&events](const progress_event& event) {
        const auto sent = events.try_send(progress_event{event});
        static_cast<void>(sent);  // Where nobody listens, a later one will tell more.
    });
    events.close();
}

}  // namespace ringway
