// Passing over a chunked body, or taking its content out (RFC 9112 section 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <ringway/wire/h1_request.hpp>

#include "wire/h1_fields.hpp"
#include "wire/h1_reject.hpp"

namespace ringway::wire::detail {

/// Chunk extensions of one message may have this many bytes together. Nobody uses them but to make
/// servers read (CVE-2023-39326).
inline constexpr std::size_t chunk_extension_bytes_max = 1024;

/// Reads chunks and trailers and drops them. Ours and not llhttp's: the limits on digits and
/// extensions have to hold before llhttp would tell of them.
class chunk_skipper {
public:
    using outcome = field_section_reader::outcome;

    /// Looks at the next bytes of the body; complete after the empty line that ends the trailers.
    [[nodiscard]] outcome feed(std::string_view bytes, const head_limits& limits) noexcept;

    /// As `feed`, and moves the content to the front of `bytes`: `kept` bytes of it.
    [[nodiscard]] outcome feed(std::span<char> bytes, const head_limits& limits,
                               std::size_t& kept) noexcept;

    /// Gets ready for another body.
    void reset() noexcept;

private:
    enum class step : std::uint8_t {
        size_start,
        size,
        extension_name_start,  // After ';', white space allowed.
        extension_name,
        extension_name_end,  // White space after the name.
        extension_value_start,
        extension_value,
        extension_quoted,
        extension_escape,
        extension_value_end,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailers,
    };

    [[nodiscard]] outcome advance(std::string_view bytes, const head_limits& limits, char* content,
                                  std::size_t& kept) noexcept;
    h1_reject read_size(char c) noexcept;
    h1_reject read_extension(char c) noexcept;
    h1_reject end_extension(char c) noexcept;
    h1_reject read_line_end(char c) noexcept;
    [[nodiscard]] bool in_extension() const noexcept;

    step step_ = step::size_start;
    unsigned digits_ = 0;
    std::size_t extension_bytes_ = 0;
    std::uint64_t remaining_ = 0;  // Of the size while that is read, then of the data.
    field_section_reader trailers_;
};

}  // namespace ringway::wire::detail
