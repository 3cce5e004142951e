#include <ringway/wire/range.hpp>

#include <algorithm>
#include <limits>
#include <optional>

#include "wire/chars.hpp"
#include "wire/text_writer.hpp"

namespace ringway::wire {
namespace {

constexpr std::uint64_t number_max = std::numeric_limits<std::uint64_t>::max();

// 1*DIGIT; a number that is too large for the type becomes the largest one. Nothing for other text.
std::optional<std::uint64_t> read_position(std::string_view text) noexcept {
    std::uint64_t number = 0;
    for (const char c : text) {
        if (!detail::is_digit(c)) {
            return std::nullopt;
        }
        const auto digit = static_cast<std::uint64_t>(c - '0');
        number = number > (number_max - digit) / 10 ? number_max : number * 10 + digit;
    }
    return text.empty() ? std::nullopt : std::optional{number};
}

enum class spec_verdict : std::uint8_t { malformed, unsatisfiable, satisfiable };

// Reads one "first-", "first-last" or "-length" (RFC 9110 section 14.1.1). `size` isn't 0.
spec_verdict read_spec(std::string_view spec, std::uint64_t size, byte_range& part) noexcept {
    const auto dash = spec.find('-');
    if (dash == std::string_view::npos) {
        return spec_verdict::malformed;
    }
    const auto left = spec.substr(0, dash);
    const auto right = spec.substr(dash + 1);
    const auto last = read_position(right);
    if (left.empty()) {
        if (!last) {
            return spec_verdict::malformed;
        }
        const auto length = std::min(*last, size);
        part = {size - length, length};
        return length > 0 ? spec_verdict::satisfiable : spec_verdict::unsatisfiable;
    }
    const auto first = read_position(left);
    if (!first || (!last && !right.empty()) || (last && *last < *first)) {
        return spec_verdict::malformed;
    }
    if (*first >= size) {
        return spec_verdict::unsatisfiable;
    }
    part = {*first, std::min(last.value_or(number_max), size - 1) - *first + 1};
    return spec_verdict::satisfiable;
}

// Overlapping, or so close that two part heads would cost more than the bytes between.
bool are_near(byte_range a, byte_range b) noexcept {
    if (a.first > b.first) {
        std::swap(a, b);
    }
    const auto a_end = a.first + a.length;
    return b.first <= a_end || b.first - a_end < range_gap_min;
}

byte_range join(byte_range a, byte_range b) noexcept {
    const auto first = std::min(a.first, b.first);
    return {first, std::max(a.first + a.length, b.first + b.length) - first};
}

// Adds a part, merged with all that it is near to. False if there would be too many.
bool insert(range_set& set, byte_range part) noexcept {
    std::size_t place = set.count;
    for (std::size_t i = 0; i < set.count;) {
        if (!are_near(set.items[i], part)) {
            ++i;
            continue;
        }
        part = join(set.items[i], part);
        place = std::min(place, i);
        std::copy(set.items.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                  set.items.begin() + set.count,
                  set.items.begin() + static_cast<std::ptrdiff_t>(i));
        --set.count;
        i = 0;  // The larger part may be near to one that the smaller wasn't.
    }
    if (set.count == range_parts_max) {
        return false;
    }
    const auto at = set.items.begin() + static_cast<std::ptrdiff_t>(place);
    std::copy_backward(at, set.items.begin() + set.count, set.items.begin() + set.count + 1);
    *at = part;
    ++set.count;
    return true;
}

bool take_unit(std::string_view& header) noexcept {
    const auto equals = header.find('=');
    if (equals == std::string_view::npos ||
        !detail::same_ignoring_case(header.substr(0, equals), "bytes")) {
        return false;
    }
    header.remove_prefix(equals + 1);
    return true;
}

}  // namespace

range_set parse_range(std::string_view header, std::uint64_t size) noexcept {
    constexpr range_set ignored{};
    if (size == 0 || !take_unit(header)) {
        return ignored;
    }
    range_set set;
    std::uint64_t requested = 0;
    std::size_t specs = 0;
    while (!header.empty()) {
        const auto spec = detail::take_element(header);
        if (spec.empty()) {
            continue;
        }
        byte_range part{};
        const auto verdict = read_spec(spec, size, part);
        if (verdict == spec_verdict::malformed || ++specs > range_specs_max) {
            return ignored;
        }
        if (verdict == spec_verdict::unsatisfiable) {
            continue;
        }
        if (part.length > size - requested || !insert(set, part)) {
            return ignored;
        }
        requested += part.length;
    }
    if (specs == 0) {
        return ignored;
    }
    set.verdict = set.count > 0 ? range_verdict::satisfiable : range_verdict::unsatisfiable;
    return set;
}

std::string_view format_content_range(byte_range part, std::uint64_t size,
                                      std::span<char, content_range_bytes_max> out) noexcept {
    RW_ASSERT(part.length > 0 && part.first < size && part.length <= size - part.first);
    detail::text_writer text{out};
    text.add("bytes ");
    text.add_number(part.first);
    text.add("-");
    text.add_number(part.first + part.length - 1);
    text.add("/");
    text.add_number(size);
    return text.text();
}

std::string_view format_unsatisfied_range(std::uint64_t size,
                                          std::span<char, content_range_bytes_max> out) noexcept {
    detail::text_writer text{out};
    text.add("bytes */");
    text.add_number(size);
    return text.text();
}

}  // namespace ringway::wire
