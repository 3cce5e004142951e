// Writing numbers in the Prometheus text exposition format, version 0.0.4.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace ringway::observe {

enum class metric_type : std::uint8_t { counter, gauge, histogram };

/// A label of a sample. The value may be any text.
struct metric_label {
    std::string_view name;
    std::string_view value;
};

/// Appends families of metrics to a text. Every name gets the prefix "ringway_". A family without
/// samples leaves no trace. Allocates.
///
/// Names that break the format's rules (and promtool's: counters end in _total) are bugs of ours
/// and abort; the caller keeps families apart by using each name once.
class prometheus_writer {
public:
    using labels = std::initializer_list<metric_label>;

    /// The type of a response that holds the text.
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

    /// Lifetime: `out` outlives the writer.
    explicit prometheus_writer(std::string& out) noexcept : out_{out} {}

    /// Begins a family; the samples that follow belong to it. Lifetime: `name` and `help` until the
    /// next family.
    void family(std::string_view name, metric_type type, std::string_view help);

    void sample(labels which, std::uint64_t value);
    void sample(labels which, std::int64_t value);
    void sample(labels which, double value);

    /// The samples of one histogram of durations. `buckets` has one count more than there are
    /// bounds: those above all of them. The counts are of each bucket alone.
    void duration_histogram(labels which, std::span<const std::uint64_t> bounds_ns,
                            std::span<const std::uint64_t> buckets, std::uint64_t sum_ns);

private:
    void head();
    void begin_sample(std::string_view suffix, labels which, std::string_view bound);
    void add_label(metric_label which, char before);

    std::string& out_;
    std::string_view name_;
    std::string_view help_;
    metric_type type_ = metric_type::counter;
    bool head_written_ = false;
};

}  // namespace ringway::observe
