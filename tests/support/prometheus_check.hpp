// Reads a page of Prometheus text the way promtool does, and says what is wrong with it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ringway::testing_support {

/// A page taken apart.
struct prometheus_page {
    std::map<std::string, std::string> types;  ///< By family.
    std::map<std::string, std::string> helps;  ///< By family.
    std::map<std::string, double> samples;     ///< By name and labels, as they were written.
    std::vector<std::string> problems;         ///< Empty if the page is good.
};

/// Checks: every line is a comment or a sample; names and escapes are valid; HELP and TYPE come
/// once per family and before its samples; families are not mixed; no sample occurs twice; counters
/// end in _total and are not negative; histogram buckets are sorted, cumulative and end with +Inf,
/// which equals _count; _sum is there.
[[nodiscard]] prometheus_page check_prometheus(const std::string& text);

}  // namespace ringway::testing_support
