#include <ringway/observe/prometheus.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/core.h>

#include <ringway/base/assert.hpp>

namespace ringway::observe {
namespace {

constexpr std::string_view prefix = "ringway_";

constexpr bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_name(std::string_view name) noexcept {
    return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
           std::ranges::all_of(name, is_name_character);
}

bool suits(std::string_view name, metric_type type) noexcept {
    return is_name(name) && name.ends_with("_total") == (type == metric_type::counter);
}

constexpr std::string_view type_text(metric_type type) noexcept {
    switch (type) {
        case metric_type::counter: return "counter";
        case metric_type::gauge: return "gauge";
        case metric_type::histogram: return "histogram";
    }
    return "untyped";
}

// Label values escape quotes too; help texts don't.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
    for (const char c : text) {
        if (c == '\\' || (quotes && c == '"')) {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
}

// The shortest text that reads back as the same number.
void append_number(std::string& out, double value) {
    if (std::isfinite(value)) {
        out += fmt::format("{}", value);
    } else {
        out += std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    }
}

double seconds(std::uint64_t ns) noexcept { return static_cast<double>(ns) / 1e9; }

}  // namespace

void prometheus_writer::family(std::string_view name, metric_type type, std::string_view help) {
    RW_ASSERT(suits(name, type) && !help.empty());
    name_ = name;
    help_ = help;
    type_ = type;
    head_written_ = false;
}

void prometheus_writer::head() {
    if (head_written_) {
        return;
    }
    head_written_ = true;
    out_ += fmt::format("# HELP {}{} ", prefix, name_);
    append_escaped(out_, help_, false);
    out_ += fmt::format("\n# TYPE {}{} {}\n", prefix, name_, type_text(type_));
}

void prometheus_writer::begin_sample(std::string_view suffix, labels which,
                                     std::string_view bound) {
    RW_ASSERT(!name_.empty() && (suffix.empty() == (type_ != metric_type::histogram)));
    head();
    out_ += prefix;
    out_ += name_;
    out_ += suffix;
    char before = '{';
    for (const auto& one : which) {
        add_label(one, before);
        before = ',';
    }
    if (!bound.empty()) {
        add_label({"le", bound}, before);
        before = ',';
    }
    out_ += before == ',' ? "} " : " ";
}

void prometheus_writer::add_label(metric_label which, char before) {
    RW_ASSERT(is_name(which.name));
    out_ += before;
    out_ += which.name;
    out_ += "=\"";
    append_escaped(out_, which.value, true);
    out_ += '"';
}

void prometheus_writer::sample(labels which, std::uint64_t value) {
    begin_sample("", which, "");
    out_ += fmt::format("{}\n", value);
}

void prometheus_writer::sample(labels which, std::int64_t value) {
    begin_sample("", which, "");
    out_ += fmt::format("{}\n", value);
}

void prometheus_writer::sample(labels which, double value) {
    begin_sample("", which, "");
    append_number(out_, value);
    out_ += '\n';
}

void prometheus_writer::duration_histogram(labels which, std::span<const std::uint64_t> bounds_ns,
                                           std::span<const std::uint64_t> buckets,
                                           std::uint64_t sum_ns) {
    RW_ASSERT(buckets.size() == bounds_ns.size() + 1 && std::ranges::is_sorted(bounds_ns));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        below += buckets[i];
        std::string bound;
        append_number(bound, i < bounds_ns.size() ? seconds(bounds_ns[i]) : HUGE_VAL);
        begin_sample("_bucket", which, bound);
        out_ += fmt::format("{}\n", below);
    }
    begin_sample("_sum", which, "");
    append_number(out_, seconds(sum_ns));
    out_ += '\n';
    begin_sample("_count", which, "");
    out_ += fmt::format("{}\n", below);
}

}  // namespace ringway::observe
