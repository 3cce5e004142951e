// How far all downloads together are, in one line on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/coro/task.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway::cli {

/// Used on one shard. Nothing is drawn unless standard error is a terminal and `wanted`.
class get_progress {
public:
    explicit get_progress(bool wanted) noexcept;

    /// A download of `bytes` begins; `unknown`: nobody knows.
    void expect(std::uint64_t bytes) noexcept;
    /// What was expected is not to come after all.
    void expect_less(std::uint64_t bytes) noexcept { expected_ -= bytes; }
    static constexpr std::uint64_t unknown = UINT64_MAX;

    /// `bytes` were there before, or have come now.
    void had(std::uint64_t bytes) noexcept { done_ += bytes; }
    void came(std::uint64_t bytes) noexcept {
        done_ += bytes;
        came_ += bytes;
    }
    /// What had come counts no more.
    void lost(std::uint64_t bytes) noexcept { done_ -= bytes; }

    /// Draws until it is stopped.
    [[nodiscard]] task<void> run();

    /// Prints a line of text to standard error, above the drawing.
    void say(std::string_view text);

    /// The line, for `done` of `expected` bytes (0: unknown) at `rate` bytes a second.
    [[nodiscard]] static std::string line(std::uint64_t done, std::uint64_t expected, double rate);

private:
    void draw(nanoseconds now);
    void clear();

    bool drawing_;
    bool drawn_ = false;
    bool all_known_ = true;
    std::uint64_t expected_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t came_ = 0;
    std::uint64_t came_at_last_ = 0;
    nanoseconds last_{0};
    double rate_ = 0;
};

}  // namespace ringway::cli
