#include "cli/get_progress.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fmt/core.h>
#include <unistd.h>

#include <ringway/runtime/sleep.hpp>

#include "cli/human_text.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

constexpr std::chrono::milliseconds interval_between_drawings{200};
constexpr std::size_t bar_width = 24;
constexpr double rate_memory = 0.8;  // Of the last rate, in each step.

}  // namespace

get_progress::get_progress(bool wanted) noexcept
    : drawing_{wanted && ::isatty(STDERR_FILENO) == 1} {}

void get_progress::expect(std::uint64_t bytes) noexcept {
    all_known_ = all_known_ && bytes != unknown;
    expected_ += bytes == unknown ? 0 : bytes;
}

std::string get_progress::line(std::uint64_t done, std::uint64_t expected, double rate) {
    const auto speed = size_text(static_cast<std::uint64_t>(rate)) + "/s";
    if (expected == 0 || done > expected) {
        return fmt::format("{}  {}", size_text(done), speed);
    }
    const double share = static_cast<double>(done) / static_cast<double>(expected);
    const auto filled = static_cast<std::size_t>(share * bar_width);
    const auto left = rate < 1 ? std::string{"-:--"}
                               : clock_text(static_cast<std::uint64_t>(std::min(
                                     static_cast<double>(expected - done) / rate + 0.5, 3.6e6)));
    return fmt::format("{:3.0f}% [{}{}] {} of {}  {}  {} left", share * 100,
                       std::string(filled, '='), std::string(bar_width - filled, ' '),
                       size_text(done), size_text(expected), speed, left);
}

void get_progress::draw(nanoseconds now) {
    const double seconds = static_cast<double>((now - last_).count()) / 1e9;
    const double latest = static_cast<double>(came_ - came_at_last_) / std::max(seconds, 1e-3);
    rate_ = rate_ == 0 ? latest : rate_memory * rate_ + (1 - rate_memory) * latest;
    last_ = now;
    came_at_last_ = came_;
    print_text(stderr, "\r{}\x1b[K", line(done_, all_known_ ? expected_ : 0, rate_));
    std::fflush(stderr);
    drawn_ = true;
}

void get_progress::clear() {
    if (drawn_) {
        std::fputs("\r\x1b[K", stderr);
        drawn_ = false;
    }
}

task<void> get_progress::run() {
    if (!drawing_) {
        co_return;
    }
    last_ = driver::current().now();
    for (;;) {
        const auto slept = co_await sleep_for(interval_between_drawings);
        if (!slept) {
            clear();
            co_return;
        }
        draw(driver::current().now());
    }
}

void get_progress::say(std::string_view text) {
    clear();
    print_text(stderr, "ringway: {}\n", text);
}

}  // namespace ringway::cli
