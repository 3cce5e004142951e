#include "support/prometheus_check.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <utility>

namespace ringway::testing_support {
namespace {

using label_list = std::vector<std::pair<std::string, std::string>>;

const std::regex& sample_line() {
    static const std::regex form{
        R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf)|NaN))"};
    return form;
}

// The labels inside the braces; nothing if they break the grammar.
std::optional<label_list> parse_labels(std::string text) {
    static const std::regex one{R"x(^([a-z_][a-z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(,|$))x"};
    label_list found;
    std::smatch match;
    while (!text.empty()) {
        if (!std::regex_search(text, match, one)) {
            return std::nullopt;
        }
        found.emplace_back(match[1], match[2]);
        text = match.suffix();
    }
    return found;
}

double number_of(const std::string& text) {
    if (text == "+Inf") {
        return std::numeric_limits<double>::infinity();
    }
    return std::strtod(text.c_str(), nullptr);
}

class checker {
public:
    void line(const std::string& text) {
        if (text.starts_with("# HELP ") || text.starts_with("# TYPE ")) {
            comment(text);
        } else if (!text.starts_with("#") && !text.empty()) {
            sample(text);
        }
    }

    prometheus_page finish() {
        for (const auto& [series, state] : histograms_) {
            require(state.infinite, series + " has no +Inf bucket");
            require(state.has_sum, series + " has no _sum");
            require(state.count == state.last_value, series + ": _count is not the +Inf bucket");
        }
        return std::move(page_);
    }

private:
    struct histogram_state {
        double last_bound = -1;
        double last_value = 0;
        double count = -1;
        bool infinite = false;
        bool has_sum = false;
    };

    void require(bool good, const std::string& problem) {
        if (!good) {
            page_.problems.push_back(problem);
        }
    }

    void comment(const std::string& text) {
        std::istringstream words{text.substr(7)};
        std::string name;
        std::string rest;
        words >> name;
        std::getline(words >> std::ws, rest);
        auto& table = text[2] == 'H' ? page_.helps : page_.types;
        require(!rest.empty(), "empty: " + text);
        require(table.emplace(name, rest).second, "twice: " + text);
        require(!finished_.contains(name), "after its samples: " + text);
    }

    // The family a sample belongs to: histograms add a suffix.
    std::string family_of(const std::string& name) const {
        for (const auto* suffix : {"_bucket", "_sum", "_count"}) {
            if (name.ends_with(suffix)) {
                const auto base = name.substr(0, name.size() - std::string{suffix}.size());
                const auto found = page_.types.find(base);
                if (found != page_.types.end() && found->second == "histogram") {
                    return base;
                }
            }
        }
        return name;
    }

    void sample(const std::string& text) {
        std::smatch match;
        if (!std::regex_match(text, match, sample_line())) {
            require(false, "no sample: " + text);
            return;
        }
        const std::string name = match[1];
        const auto labels = parse_labels(match[2]);
        const auto value = number_of(match[3]);
        const auto family = family_of(name);
        require(labels.has_value(), "bad labels: " + text);
        require(page_.types.contains(family) && page_.helps.contains(family),
                "no TYPE or HELP: " + text);
        require(page_.samples.emplace(name + "{" + match[2].str() + "}", value).second,
                "twice: " + text);
        if (family != family_) {
            require(finished_.insert(family).second, "families are mixed: " + text);
            family_ = family;
        }
        if (page_.types[family] == "counter") {
            require(name.ends_with("_total") && value >= 0, "no counter: " + text);
        } else {
            require(!name.ends_with("_total"), "should be a counter: " + text);
        }
        if (page_.types[family] == "histogram" && labels) {
            histogram_sample(name.substr(family.size()), *labels, value, text);
        }
    }

    void histogram_sample(const std::string& suffix, const label_list& labels, double value,
                          const std::string& text) {
        std::string series = family_;
        std::string bound;
        for (const auto& [name, content] : labels) {
            if (name == "le") {
                bound = content;
            } else {
                series += "," + name + "=" + content;
            }
        }
        auto& state = histograms_[series];
        if (suffix == "_sum") {
            state.has_sum = true;
        } else if (suffix == "_count") {
            state.count = value;
        } else {
            require(suffix == "_bucket" && !bound.empty(), "no bucket: " + text);
            const auto at = number_of(bound);
            require(at > state.last_bound, "bounds are not sorted: " + text);
            require(value >= state.last_value, "not cumulative: " + text);
            state.last_bound = at;
            state.last_value = value;
            state.infinite = std::isinf(at);
        }
    }

    prometheus_page page_;
    std::string family_;
    std::set<std::string> finished_;
    std::map<std::string, histogram_state> histograms_;
};

}  // namespace

prometheus_page check_prometheus(const std::string& text) {
    checker checked;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        checked.line(line);
    }
    auto page = checked.finish();
    if (!text.empty() && !text.ends_with('\n')) {
        page.problems.emplace_back("no line feed at the end");
    }
    return page;
}

}  // namespace ringway::testing_support
