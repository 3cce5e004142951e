// From an access record to its line.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include <ringway/observe/access_log.hpp>

namespace ringway::observe::detail {

inline constexpr std::size_t logged_client_bytes_max = 64;
inline constexpr std::size_t logged_method_bytes_max = 32;
inline constexpr std::size_t logged_target_bytes_max = 4096;
inline constexpr std::size_t logged_referer_bytes_max = 1024;
inline constexpr std::size_t logged_agent_bytes_max = 512;

/// No line is longer: every byte of a peer takes six at most, and all else fits in one KiB.
inline constexpr std::size_t access_line_bytes_max =
    1024 + 6 * (logged_client_bytes_max + logged_method_bytes_max + logged_target_bytes_max +
                logged_referer_bytes_max + logged_agent_bytes_max);

/// Formats lines of one shard; remembers the date while the second stays the same.
class access_formatter {
public:
    explicit access_formatter(log_format format) noexcept : format_{format} {}

    /// Writes the line of `record` with its line feed to `out`, which has room for
    /// `access_line_bytes_max` bytes. Returns its length.
    [[nodiscard]] std::size_t format(const access_record& record, char* out) noexcept;

private:
    [[nodiscard]] std::size_t format_combined(const access_record& record,
                                              char* out) const noexcept;
    [[nodiscard]] std::size_t format_json(const access_record& record, char* out) const noexcept;
    void remember_date(std::int64_t unix_seconds) noexcept;

    log_format format_;
    std::int64_t second_ = std::numeric_limits<std::int64_t>::min();
    std::array<char, 32> date_{};
    std::size_t date_size_ = 0;
};

}  // namespace ringway::observe::detail
