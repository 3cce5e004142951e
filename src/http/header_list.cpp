#include <ringway/http/header_list.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

#include <ringway/base/assert.hpp>

#include "wire/chars.hpp"

namespace ringway::http {

void header_list::add(std::string_view name, std::string_view value) noexcept {
    const bool added = try_add(name, value);
    RW_ASSERT(added);
}

bool header_list::try_add(std::string_view name, std::string_view value) noexcept {
    const auto room = free_text();
    if (count_ == fields_max || value.size() > room.size() || !is_field_value(value)) {
        return false;
    }
    if (!value.empty()) {  // An empty view may hold a null pointer.
        std::memcpy(room.data(), value.data(), value.size());
    }
    fields_[count_++] = {name, keep(value.size())};
    return true;
}

void header_list::add_static(std::string_view name, std::string_view value) noexcept {
    RW_ASSERT(count_ < fields_max);
    RW_ASSERT(is_field_value(value));
    fields_[count_++] = {name, value};
}

void header_list::add_number(std::string_view name, std::uint64_t number) noexcept {
    const auto room = free_text();
    const auto written = std::to_chars(room.data(), room.data() + room.size(), number);
    RW_ASSERT(written.ec == std::errc{});
    RW_ASSERT(count_ < fields_max);
    fields_[count_++] = {name, keep(static_cast<std::size_t>(written.ptr - room.data()))};
}

void header_list::set_static(std::string_view name, std::string_view value) noexcept {
    RW_ASSERT(is_field_value(value));
    for (auto& field : std::span{fields_}.first(count_)) {
        if (equal_ignoring_case(field.name, name)) {
            field.value = value;
            return;
        }
    }
    add_static(name, value);
}

std::string_view header_list::find(std::string_view name) const noexcept {
    for (const auto& field : fields()) {
        if (equal_ignoring_case(field.name, name)) {
            return field.value;
        }
    }
    return {};
}

std::string_view header_list::keep(std::size_t size) noexcept {
    RW_ASSERT(size <= text_bytes_max - text_used_);
    const std::string_view kept{text_.data() + text_used_, size};
    text_used_ = static_cast<std::uint16_t>(text_used_ + size);
    return kept;
}

void header_list::clear() noexcept {
    count_ = 0;
    text_used_ = 0;
}

bool is_field_value(std::string_view value) noexcept {
    // Without an early exit this becomes vector code, which pays for values of any usual length.
    bool forbidden = false;
    for (const char c : value) {
        forbidden |= c == '\r' || c == '\n' || c == '\0';
    }
    return !forbidden;
}

bool equal_ignoring_case(std::string_view one, std::string_view other) noexcept {
    return std::ranges::equal(one, other, {}, wire::detail::to_lower, wire::detail::to_lower);
}

}  // namespace ringway::http
