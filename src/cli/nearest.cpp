#include "cli/nearest.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <vector>

namespace ringway::cli {
namespace {

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    using row = std::vector<std::size_t>;
    row before_last(b.size() + 1);
    row last(b.size() + 1);
    row current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = a[i - 1] == b[j - 1];
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before_last[j - 2] + 1);
            }
        }
        before_last.swap(last);
        last.swap(current);
    }
    return last[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view text, std::span<const std::string_view> names) {
    constexpr std::size_t text_bytes_max = 100;
    if (text.empty() || text.size() > text_bytes_max) {
        return {};
    }
    std::string_view best;
    std::size_t best_distance = 0;
    for (const auto name : names) {
        const auto differences = distance(text, name);
        const auto allowed = std::min(text.size(), name.size()) / 3;
        const bool near = differences <= allowed || (text.size() >= 3 && name.starts_with(text));
        if (near && (best.empty() || differences < best_distance)) {
            best = name;
            best_distance = differences;
        }
    }
    return best;
}

std::string suggestion(std::string_view text, std::span<const std::string_view> names) {
    const auto meant = nearest(text, names);
    return meant.empty() ? std::string{} : fmt::format("; did you mean {}?", meant);
}

}  // namespace ringway::cli
