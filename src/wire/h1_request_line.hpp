// Reading the first line of an HTTP/1 request (RFC 9112 section 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ringway/wire/h1_request.hpp>

#include "wire/h1_reject.hpp"

namespace ringway::wire::detail {

/// Longer methods than this are refused with 501 before they end.
inline constexpr std::size_t method_bytes_max = 32;

/// Reads the request line byte by byte, remembering offsets into the message, never addresses.
///
/// Ours and not llhttp's, which refuses methods that it doesn't know: those are to be answered
/// with 501, in an intact connection.
class request_line_reader {
public:
    /// Looks at `message` from where the last call ended; `message` starts with the first byte of
    /// the message. Refuses at the first byte that can't be right, whatever follows it.
    [[nodiscard]] h1_reject feed(std::string_view message, const head_limits& limits) noexcept;

    /// Whether the line is complete; `end()` is then where the fields start.
    [[nodiscard]] bool complete() const noexcept { return step_ == step::done; }
    [[nodiscard]] std::size_t end() const noexcept { return at_; }
    [[nodiscard]] unsigned version_minor() const noexcept { return version_minor_; }

    /// What the line says; the views point into `message`. Only when complete.
    void describe(std::string_view message, request_head& out) const noexcept;

private:
    enum class step : std::uint8_t { start, empty_line, method, target, version, lf, done };

    h1_reject read_start(std::string_view message) noexcept;
    h1_reject read_method(std::string_view message) noexcept;
    h1_reject read_target(std::string_view message, const head_limits& limits) noexcept;
    h1_reject read_version(std::string_view message) noexcept;
    h1_reject check_target(std::string_view message) const noexcept;

    step step_ = step::start;
    bool skipped_empty_line_ = false;
    std::uint8_t version_minor_ = 0;
    method_id method_ = method_id::unknown;
    std::size_t at_ = 0;  // The next byte to look at.
    std::size_t line_at_ = 0;
    std::size_t target_at_ = 0;
    std::size_t version_at_ = 0;
};

}  // namespace ringway::wire::detail
