#include "http/h3_field_counter.hpp"

#include <algorithm>

namespace ringway::http::detail {
namespace {

// Lengths of more nghttp3 refuses.
constexpr unsigned shift_max = 56;

}  // namespace

void h3_field_counter::feed(byte_view bytes) noexcept {
    while (!bytes.empty()) {
        if (skip_ > 0) {
            const auto skipped = std::min<std::uint64_t>(skip_, bytes.size());
            skip_ -= skipped;
            bytes = bytes.subspan(static_cast<std::size_t>(skipped));
            continue;
        }
        take(std::to_integer<std::uint8_t>(bytes.front()));
        bytes = bytes.subspan(1);
    }
}

void h3_field_counter::take(std::uint8_t byte) noexcept {
    if (in_number_) {
        if (shift_ <= shift_max) {
            number_ += std::uint64_t{byte & 0x7fU} << shift_;
        }
        shift_ += 7;
        in_number_ = (byte & 0x80U) != 0;
        if (!in_number_) {
            end_number();
        }
        return;
    }
    switch (step_) {
        case step::insert_count: begin_number(byte, 8, step::insert_count); return;
        case step::base: begin_number(byte, 7, step::base); return;
        case step::value: begin_number(byte, 7, step::value_length); return;
        default: begin_line(byte);
    }
}

void h3_field_counter::begin_line(std::uint8_t byte) noexcept {
    ++count_;
    if ((byte & 0x80U) != 0) {  // Indexed.
        begin_number(byte, 6, step::reference);
    } else if ((byte & 0x40U) != 0) {  // Literal with name reference.
        begin_number(byte, 4, step::name_reference);
    } else if ((byte & 0x20U) != 0) {  // Literal with literal name.
        begin_number(byte, 3, step::name_length);
    } else if ((byte & 0x10U) != 0) {  // Indexed with post-base index.
        begin_number(byte, 4, step::reference);
    } else {  // Literal with post-base name reference.
        begin_number(byte, 3, step::name_reference);
    }
}

// RFC 7541 section 5.1.
void h3_field_counter::begin_number(std::uint8_t byte, unsigned bits, step goes_on) noexcept {
    const unsigned most = (1U << bits) - 1;
    number_ = byte & most;
    shift_ = 0;
    step_ = goes_on;
    in_number_ = number_ == most;
    if (!in_number_) {
        end_number();
    }
}

void h3_field_counter::end_number() noexcept {
    switch (step_) {
        case step::insert_count: step_ = step::base; break;
        case step::name_length: skip_ = number_; [[fallthrough]];
        case step::name_reference: step_ = step::value; break;
        case step::value_length: skip_ = number_; [[fallthrough]];
        default: step_ = step::line;
    }
}

}  // namespace ringway::http::detail
