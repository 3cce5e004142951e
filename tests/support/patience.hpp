// How long tests wait: until something is so, and never for a fixed time.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace ringway::test {

/// `usual`, or longer on slow machines and under sanitizers: times RINGWAY_TEST_SLOWNESS.
[[nodiscard]] std::chrono::milliseconds patience(
    std::chrono::milliseconds usual = std::chrono::seconds{10});

/// The same as words for a command line: "20000ms" for --header-timeout, "20" for --max-time of
/// curl.
[[nodiscard]] std::string patience_ms(std::chrono::milliseconds usual);
[[nodiscard]] std::string patience_s(std::chrono::seconds usual);

/// Asks `is_true` again and again, and says whether it was so before `patience(usual)` was over.
[[nodiscard]] bool eventually(const std::function<bool()>& is_true,
                              std::chrono::milliseconds usual = std::chrono::seconds{10});

/// Waits until `fd` is ready for `events` of poll(2). False after `patience()`.
[[nodiscard]] bool wait_for(int fd, short events);

}  // namespace ringway::test
