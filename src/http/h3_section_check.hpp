// Whether nghttp3 hands on every field of the answers on one stream.
#pragma once

#include <cstddef>
#include <deque>

#include <ringway/base/bytes.hpp>

#include "http/h3_field_counter.hpp"
#include "http/h3_scanner.hpp"

namespace ringway::http::detail {

/// Follows all sections of a stream: interim heads, the head, trailers. What nghttp3 is given may
/// wait there for the table of names, so that sections can end long after they have come.
class h3_section_check {
public:
    /// Bytes of the stream, before nghttp3 gets them.
    void feed(byte_view bytes);

    /// nghttp3 has handed on a field.
    void on_field() noexcept { ++given_; }
    /// It has told the end of a section. How many of its fields it has kept to itself.
    [[nodiscard]] std::size_t end_section() noexcept;

private:
    void end_of_payload();

    h3_scanner scanner_{h3_input::request};
    h3_field_counter lines_;          // Of the section that is coming.
    std::deque<std::size_t> counts_;  // Of those that have come and were not told.
    std::size_t given_ = 0;
    bool in_section_ = false;
};

}  // namespace ringway::http::detail
