#include <ringway/wire/accept_encoding.hpp>

#include "wire/chars.hpp"
#include "wire/quality.hpp"

namespace ringway::wire {
namespace {

constexpr int unnamed = -1;

// Quality values in thousandths, `unnamed` for what the field doesn't mention.
struct qualities {
    std::array<int, 4> of{unnamed, unnamed, unnamed, unnamed};  // By coding.
    int any_other = unnamed;                                    // "*".
};

int* slot_for(std::string_view name, qualities& out) noexcept {
    using detail::same_ignoring_case;
    const auto slot = [&out](coding which) { return &out.of[static_cast<std::size_t>(which)]; };
    if (same_ignoring_case(name, "gzip") || same_ignoring_case(name, "x-gzip")) {
        return slot(coding::gzip);
    }
    if (same_ignoring_case(name, "br")) {
        return slot(coding::brotli);
    }
    if (same_ignoring_case(name, "zstd")) {
        return slot(coding::zstd);
    }
    if (same_ignoring_case(name, "identity")) {
        return slot(coding::identity);
    }
    return name == "*" ? &out.any_other : nullptr;
}

// False if the value breaks its grammar. Of a coding that is named twice the first mention counts.
bool read_qualities(std::string_view list, qualities& out) noexcept {
    while (!list.empty()) {
        auto element = detail::take_element(list);
        if (element.empty()) {
            continue;
        }
        const auto quality = detail::take_quality(element);
        if (!quality || !detail::is_token(element)) {
            return false;
        }
        int* const slot = slot_for(element, out);
        if (slot != nullptr && *slot == unnamed) {
            *slot = *quality;
        }
    }
    return true;
}

}  // namespace

std::string_view name_of(coding which) noexcept {
    switch (which) {
        case coding::identity: return "identity";
        case coding::gzip: return "gzip";
        case coding::brotli: return "br";
        case coding::zstd: return "zstd";
    }
    return "identity";
}

coding_preference preferred_codings(std::string_view accept_encoding) noexcept {
    qualities asked;
    coding_preference result;
    if (!read_qualities(accept_encoding, asked)) {
        result.items[result.count++] = coding::identity;
        return result;
    }
    // Sorted by insertion in our order of preference, so that equals keep it.
    std::array<int, 4> sorted{};
    for (const coding which : {coding::brotli, coding::zstd, coding::gzip, coding::identity}) {
        const int named = asked.of[static_cast<std::size_t>(which)];
        int quality = named != unnamed ? named : asked.any_other;
        if (which == coding::identity && named == unnamed && asked.any_other != 0) {
            quality = asked.any_other == unnamed ? 0 : asked.any_other;
        } else if (quality == unnamed || quality == 0) {
            continue;
        }
        std::size_t place = result.count;
        for (; place > 0 && sorted[place - 1] < quality; --place) {
            sorted[place] = sorted[place - 1];
            result.items[place] = result.items[place - 1];
        }
        sorted[place] = quality;
        result.items[place] = which;
        ++result.count;
    }
    return result;
}

std::optional<coding> choose_coding(std::string_view accept_encoding,
                                    std::uint8_t available_mask) noexcept {
    const auto available = available_mask | coding_bit(coding::identity);
    const auto preference = preferred_codings(accept_encoding);
    for (const coding which : preference.order()) {
        if ((available & coding_bit(which)) != 0) {
            return which;
        }
    }
    return std::nullopt;
}

}  // namespace ringway::wire
