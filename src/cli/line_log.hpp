// Files that get a line for each event, whole or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway::cli {

/// Appends lines to a file. What can't be written is counted, and never waited for twice; of a line
/// that did not fit nothing is left.
class line_log {
public:
    /// Opens `path` for appending; "-" is standard output. Fails with the errno of open(2).
    [[nodiscard]] static result<line_log> open(const std::string& path);

    /// Keeps a line, which ends with its newline, for the next `flush`.
    void add(std::string_view line) { pending_ += line; }

    /// Writes what is kept. False when some of it is lost; errno says why.
    bool flush();

    /// Lines that could not be written.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

private:
    explicit line_log(unique_fd file) noexcept : file_{std::move(file)} {}

    void take_back(std::size_t bytes);

    unique_fd file_;
    std::string pending_;
    std::uint64_t lost_ = 0;
    bool torn_ = false;  // The last line in the file has no end.
};

}  // namespace ringway::cli
