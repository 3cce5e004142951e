// The file behind the access log: whole lines in, failures counted instead of passed on.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/observe/counter.hpp>

namespace ringway::observe::detail {

/// A file that is appended to, or standard output. For one thread, except where it says otherwise.
class log_file {
public:
    /// Says at most this often that lines are being lost.
    static constexpr std::chrono::seconds report_interval{60};
    /// How long a pipe that nobody reads holds up the end.
    static constexpr std::chrono::milliseconds patience{1000};

    /// `path` "-" is standard output. `ending` becomes true when the program is about to end.
    log_file(std::string path, const std::atomic<bool>& ending) noexcept;

    /// Opens the file, created with mode 0640 if need be. When it was open already the old one is
    /// kept on failure. Fails with the error of open(2).
    [[nodiscard]] result<void> open();

    /// Writes all of `parts`, in order. Lines that can't be written are counted in `lost`, and
    /// reported. Waits for a pipe or terminal that is full; while `ending` only for `patience`.
    void write(std::span<const std::string_view> parts) noexcept;

    /// Lines that could not be written. Any thread.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_.get(); }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    // Yields how much was written: less than all of `bytes` only with an error.
    struct written {
        std::size_t size = 0;
        int failure = 0;
    };
    [[nodiscard]] written write_some(std::string_view bytes) const noexcept;
    [[nodiscard]] bool wait_for_room() const noexcept;
    void give_up(std::span<const std::string_view> parts, std::size_t skip, int failure) noexcept;

    std::string path_;
    const std::atomic<bool>& ending_;
    unique_fd file_;
    int fd_ = -1;
    bool can_be_full_ = false;  // A pipe, socket or terminal: writing waits for a reader.
    bool mid_line_ = false;     // The last byte that reached the file was no line feed.
    counter lost_;
    std::chrono::steady_clock::time_point next_report_;
};

}  // namespace ringway::observe::detail
