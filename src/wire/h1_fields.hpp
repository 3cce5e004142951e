// Reading a section of field lines: the end of a request head, or trailers. llhttp underneath.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <llhttp.h>

#include <ringway/wire/h1_request.hpp>

#include "wire/h1_reject.hpp"

namespace ringway::wire::detail {

/// A piece of the section, by its distance from the section's start: the bytes may move.
struct text_place {
    std::size_t at = 0;
    std::size_t size = 0;
};

/// Learns of the fields while they are read, and may refuse them.
class field_sink {
public:
    /// The name of the next field, a token, is complete.
    virtual h1_reject on_name(text_place name) noexcept = 0;
    /// Its value is complete: without white space in front, perhaps with white space at the end; no
    /// control characters but HTAB.
    virtual h1_reject on_value(text_place value) noexcept = 0;

protected:
    ~field_sink() = default;
};

/// Reads field lines up to and including the empty line after them (RFC 9112 section 5), strictly:
/// llhttp without any of its lenient flags, and our limits on top.
class field_section_reader {
public:
    struct outcome {
        h1_reject refused = {};
        bool complete = false;
        std::size_t consumed = 0;  ///< Of `piece`; where complete, up to the end of the empty line.
    };

    /// Looks at the next bytes of the section. `sink` may be null. Neither `piece` nor `sink` is
    /// kept. What is refused, and why, doesn't depend on how the bytes are cut in pieces.
    [[nodiscard]] outcome feed(std::string_view piece, const head_limits& limits,
                               field_sink* sink) noexcept;

    /// Gets ready for another section.
    void reset() noexcept;

    field_section_reader() noexcept { reset(); }

private:
    struct callbacks;
    struct place_in_progress {
        text_place text;
        bool started = false;
    };

    void grow(place_in_progress& place, const char* at, std::size_t size) const noexcept;
    h1_reject name_complete() noexcept;
    h1_reject value_complete() noexcept;
    [[nodiscard]] outcome refuse(std::string_view piece, llhttp_errno_t code) noexcept;
    [[nodiscard]] bool advance(std::string_view piece) noexcept;
    [[nodiscard]] bool is_folded_too_long(std::string_view lines) const noexcept;

    llhttp_t engine_;
    place_in_progress name_;
    place_in_progress value_;
    unsigned count_ = 0;
    std::size_t fed_ = 0;      // Bytes of the section that earlier calls looked at.
    std::size_t line_at_ = 0;  // Where the line starts in which they ended.
    // Of the current call only.
    const char* piece_ = nullptr;
    const head_limits* limits_ = nullptr;
    field_sink* sink_ = nullptr;
    h1_reject refused_;
};

}  // namespace ringway::wire::detail
