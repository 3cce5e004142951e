#include "files/listing_order.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>

#include "wire/chars.hpp"

namespace ringway::files {

namespace {

using wire::detail::is_digit;

// A request with control characters is refused, so a link to such a name would be broken.
bool can_be_requested(const listing_entry& entry) noexcept {
    return !entry.name.empty() && entry.name != "." && entry.name != ".." &&
           std::ranges::none_of(entry.name,
                                [](char c) { return wire::detail::is_control(c) || c == '/'; });
}

std::size_t digits_at(std::string_view text, std::size_t from) noexcept {
    auto end = from;
    while (end < text.size() && is_digit(text[end])) {
        ++end;
    }
    return end - from;
}

std::string_view without_leading_zeros(std::string_view digits) noexcept {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

// Numbers of any length, by value.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b) noexcept {
    a = without_leading_zeros(a);
    b = without_leading_zeros(b);
    return a.size() != b.size() ? a.size() <=> b.size() : a <=> b;
}

// Bytes beyond ASCII come last.
unsigned char folded(char c) noexcept {
    return static_cast<unsigned char>(wire::detail::to_lower(c));
}

// Names as sequences of numbers and single bytes. A number against a byte compares like one of its
// digits: no other byte lies between '0' and '9', so it does not matter which.
std::strong_ordering compare_natural(std::string_view a, std::string_view b) noexcept {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        std::strong_ordering order = std::strong_ordering::equal;
        if (is_digit(a[i]) && is_digit(b[j])) {
            const auto a_digits = digits_at(a, i);
            const auto b_digits = digits_at(b, j);
            order = compare_numbers(a.substr(i, a_digits), b.substr(j, b_digits));
            i += a_digits;
            j += b_digits;
        } else {
            order = folded(a[i++]) <=> folded(b[j++]);
        }
        if (order != std::strong_ordering::equal) {
            return order;
        }
    }
    return (a.size() - i) <=> (b.size() - j);
}

// Strict: equal for equal bytes only.
std::strong_ordering compare_names(std::string_view a, std::string_view b) noexcept {
    const auto order = compare_natural(a, b);
    return order != std::strong_ordering::equal ? order : a <=> b;
}

struct entry_less {
    listing_view view;

    bool operator()(const listing_entry& a, const listing_entry& b) const noexcept {
        if (a.is_dir != b.is_dir) {
            return a.is_dir;
        }
        const auto order = compare_keys(a, b);
        if (order == std::strong_ordering::equal) {
            return compare_names(a.name, b.name) < 0;
        }
        return view.descending ? order > 0 : order < 0;
    }

private:
    std::strong_ordering compare_keys(const listing_entry& a,
                                      const listing_entry& b) const noexcept {
        switch (view.key) {
            case listing_key::name: break;
            case listing_key::size:
                return a.is_dir ? std::strong_ordering::equal : a.size <=> b.size;
            case listing_key::time: return a.mtime_s <=> b.mtime_s;
        }
        return compare_names(a.name, b.name);
    }
};

}  // namespace

listing_selection select_entries(const listing& from, listing_view view) {
    const auto unwanted = std::ranges::partition(from.entries, can_be_requested);
    const auto usable = from.entries.first(from.entries.size() - unwanted.size());
    const auto shown = usable.first(std::min(usable.size(), from.entries_max));
    std::ranges::partial_sort(usable, shown.end(), entry_less{view});
    return {.shown = shown, .total = usable.size()};
}

bool natural_less(std::string_view a, std::string_view b) noexcept {
    return compare_names(a, b) < 0;
}

}  // namespace ringway::files
