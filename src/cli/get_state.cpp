#include "cli/get_state.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include <ringway/wire/date.hpp>
#include <ringway/wire/etag.hpp>

namespace ringway::cli {
namespace {

using nlohmann::json;

constexpr int format_version = 1;
constexpr std::size_t ranges_max = 1024;

// A number off the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) noexcept {
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || text.empty() || text.front() == '-') {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return number;
}

bool take(std::string_view& text, char wanted) noexcept {
    const bool there = text.starts_with(wanted);
    text.remove_prefix(there ? 1 : 0);
    return there;
}

std::optional<get_range> range_of(const json& from) {
    if (!from.is_array() || from.size() != 3 ||
        !std::ranges::all_of(from, [](const json& each) { return each.is_number_unsigned(); })) {
        return std::nullopt;
    }
    const get_range out{from[0], from[1], from[2]};
    return out.first <= out.done && out.done <= out.end ? std::optional{out} : std::nullopt;
}

}  // namespace

std::uint64_t get_state::bytes_done() const noexcept {
    std::uint64_t sum = 0;
    for (const get_range& each : ranges) {
        sum += each.done - each.first;
    }
    return sum;
}

bool get_state::is_complete() const noexcept {
    return total != unknown && bytes_done() == total &&
           std::ranges::all_of(ranges, &get_range::is_complete);
}

std::string to_text(const get_state& state) {
    json ranges = json::array();
    for (const get_range& each : state.ranges) {
        ranges.push_back({each.first, each.end, each.done});
    }
    return json{{"format", format_version},
                {"url", state.url},
                {"validator", state.validator},
                {"total", state.total},
                {"ranges", std::move(ranges)}}
               .dump(-1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

std::optional<get_state> read_state(std::string_view text) {
    const json read = json::parse(text, nullptr, false);
    if (!read.is_object() || read.value("format", json{}) != json(format_version)) {
        return std::nullopt;
    }
    const json url = read.value("url", json{});
    const json validator = read.value("validator", json{});
    const json total = read.value("total", json{});
    const json ranges = read.value("ranges", json{});
    if (!url.is_string() || !validator.is_string() || !total.is_number_unsigned() ||
        !ranges.is_array() || ranges.size() > ranges_max) {
        return std::nullopt;
    }
    get_state out{.url = url, .validator = validator, .total = total, .ranges = {}};
    std::uint64_t expected = 0;  // They are beside each other, from 0 up to the end.
    for (const json& each : ranges) {
        const auto range = range_of(each);
        if (!range || range->first != expected) {
            return std::nullopt;
        }
        expected = range->end;
        out.ranges.push_back(*range);
    }
    return expected == out.total ? std::optional{std::move(out)} : std::nullopt;
}

std::string strong_validator(const std::vector<http::client_field>& fields) {
    if (const auto* const tag = http::find_field(fields, "etag");
        tag != nullptr && wire::is_etag(*tag) && !wire::is_weak(*tag)) {
        return *tag;
    }
    const auto* const modified = http::find_field(fields, "last-modified");
    const auto* const date = http::find_field(fields, "date");
    if (modified == nullptr || date == nullptr) {
        return {};
    }
    const auto then = wire::parse_http_date(*modified);
    const auto now = wire::parse_http_date(*date);
    return then && now && *now - *then >= 1 ? *modified : std::string{};
}

std::vector<get_range> cut(std::uint64_t first, std::uint64_t total, std::uint64_t pieces,
                           std::uint64_t bytes_min) {
    const std::uint64_t bytes = total - first;
    const std::uint64_t count =
        std::max<std::uint64_t>(1, std::min(pieces, bytes / std::max<std::uint64_t>(bytes_min, 1)));
    std::vector<get_range> out;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t each = bytes / count + (i < bytes % count ? 1 : 0);
        out.push_back({first, first + each, first});
        first += each;
    }
    return out;
}

std::optional<content_range> read_content_range(std::string_view value) {
    constexpr std::string_view unit = "bytes ";
    if (!value.starts_with(unit)) {
        return std::nullopt;
    }
    value.remove_prefix(unit.size());
    const auto first = take_number(value);
    const bool dash = take(value, '-');
    const auto last = take_number(value);
    if (!first || !dash || !last || !take(value, '/') || *first > *last) {
        return std::nullopt;
    }
    content_range out{*first, *last, get_state::unknown};
    if (value != "*") {
        const auto total = take_number(value);
        if (!total || !value.empty() || *last >= *total) {
            return std::nullopt;
        }
        out.total = *total;
    }
    return out;
}

}  // namespace ringway::cli
