// Counting the fields of a compressed header section, before nghttp3 sees it.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ringway/base/bytes.hpp>

namespace ringway::http::detail {

/// nghttp3 passes over fields with forbidden characters, without a word. What uses it has to treat
/// the message as malformed (RFC 9114 section 10.3), and finds out by counting: field lines that
/// came against fields that it was given. Follows one section, through pieces of any size; judges
/// nothing, decodes nothing.
class h3_field_counter {
public:
    void feed(byte_view bytes) noexcept;

    /// Field lines that have begun (RFC 9204 section 4.5).
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    enum class step : std::uint8_t {
        insert_count,  // Of the prefix.
        base,
        line,
        name_reference,  // What goes on, of a number that does not fit its first byte.
        name_length,
        reference,
        value,  // The first byte of its length.
        value_length,
    };

    void take(std::uint8_t byte) noexcept;
    void begin_line(std::uint8_t byte) noexcept;
    void begin_number(std::uint8_t byte, unsigned bits, step goes_on) noexcept;
    void end_number() noexcept;

    std::uint64_t number_ = 0;
    std::uint64_t skip_ = 0;  // Bytes of a text.
    std::size_t count_ = 0;
    unsigned shift_ = 0;
    step step_ = step::insert_count;
    bool in_number_ = false;
};

}  // namespace ringway::http::detail
