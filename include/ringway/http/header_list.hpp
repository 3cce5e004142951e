// The header fields of one response, in storage of a fixed size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <ringway/wire/field.hpp>

namespace ringway::http {

/// Header fields in the order they were added, and the text that they had to copy.
///
/// Nothing allocates. A list is filled in place and never moves, because its fields point into it.
/// Names are written in the spelling of HTTP/1 ("Content-Type") and must outlive the list: they are
/// literals. Values must hold no CR, LF or NUL (RFC 9110 section 5.5).
///
/// Too many fields, too much text or a forbidden byte are bugs of ours and abort; a value that
/// holds bytes of a peer goes through `try_add`.
class header_list {
public:
    static constexpr std::size_t fields_max = 24;
    static constexpr std::size_t text_bytes_max = 1536;
    /// Planners leave this much to the operator's fields and to those of the protocol session.
    static constexpr std::size_t fields_reserved = 14;
    static constexpr std::size_t text_bytes_reserved = 256;

    header_list() = default;
    header_list(const header_list&) = delete;
    header_list& operator=(const header_list&) = delete;

    /// Adds a field whose value is copied.
    void add(std::string_view name, std::string_view value) noexcept;

    /// Adds a field whose value is copied; false, and nothing added, when it does not fit or holds
    /// a byte that no field value may hold.
    [[nodiscard]] bool try_add(std::string_view name, std::string_view value) noexcept;

    /// Adds a field whose value outlives the list: a literal, or text of the file's facts.
    void add_static(std::string_view name, std::string_view value) noexcept;

    /// Adds a field whose value is `number` in decimal.
    void add_number(std::string_view name, std::uint64_t number) noexcept;

    /// Like `add_static`, but takes the place of a field with the same name if there is one.
    void set_static(std::string_view name, std::string_view value) noexcept;

    /// The first value of `name` (compared without regard to case); empty when there is none.
    [[nodiscard]] std::string_view find(std::string_view name) const noexcept;

    /// Lifetime: the list's, until the next change.
    [[nodiscard]] std::span<const wire::header_field> fields() const noexcept {
        return {fields_.data(), count_};
    }

    /// Text storage that is still free: write to its front, then `keep` what was written. This is
    /// how a composed value, or a short body, gets the lifetime of the list without allocation.
    [[nodiscard]] std::span<char> free_text() noexcept {
        return std::span{text_}.subspan(text_used_);
    }

    /// Keeps the first `size` bytes of `free_text()`. Lifetime of the result: until `clear`.
    std::string_view keep(std::size_t size) noexcept;

    /// Forgets all fields and text.
    void clear() noexcept;

private:
    std::array<wire::header_field, fields_max> fields_;
    std::array<char, text_bytes_max> text_;
    std::uint16_t count_ = 0;
    std::uint16_t text_used_ = 0;
};

/// Whether `value` may be sent as a field value: no CR, LF or NUL (RFC 9110 section 5.5).
[[nodiscard]] bool is_field_value(std::string_view value) noexcept;

/// Whether two texts are the same but for the case of ASCII letters, as field names and media types
/// are compared (RFC 9110 sections 5.1 and 8.3.1).
[[nodiscard]] bool equal_ignoring_case(std::string_view one, std::string_view other) noexcept;

}  // namespace ringway::http
