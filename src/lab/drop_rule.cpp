#include "lab/drop_rule.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>
#include <optional>

namespace ringway::lab {
namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<drop_rule::range> range_of(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = number_of(text.substr(0, dash));
    if (!first || *first == 0) {
        return std::nullopt;
    }
    if (dash == std::string_view::npos) {
        return drop_rule::range{*first, *first};
    }
    if (dash + 1 == text.size()) {
        return drop_rule::range{*first, std::numeric_limits<std::uint64_t>::max()};
    }
    const auto last = number_of(text.substr(dash + 1));
    if (!last || *last < *first) {
        return std::nullopt;
    }
    return drop_rule::range{*first, *last};
}

std::string_view take(std::string_view& text, char separator) {
    const auto part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

// One of the conditions between the direction and the numbers.
bool apply_condition(drop_rule& rule, std::string_view part) {
    if (part == "udp") {
        rule.protocol = transport_protocol::udp;
        return true;
    }
    if (part == "tcp") {
        rule.protocol = transport_protocol::tcp;
        return true;
    }
    const auto bytes = part.size() > 2 ? number_of(part.substr(2)) : std::nullopt;
    if (!bytes) {
        return false;
    }
    if (part.starts_with(">=")) {
        rule.payload_bytes_min = *bytes;
        return true;
    }
    rule.payload_bytes_max = *bytes;
    return part.starts_with("<=");
}

}  // namespace

bool drop_rule::drops(const packet_facts& facts, std::chrono::nanoseconds now) noexcept {
    if (now < after || (protocol != transport_protocol::other && protocol != facts.protocol) ||
        facts.payload_bytes < payload_bytes_min || facts.payload_bytes > payload_bytes_max) {
        return false;
    }
    ++seen;
    return std::ranges::any_of(
        numbers, [this](const range& some) { return seen >= some.first && seen <= some.last; });
}

std::expected<drop_rule, std::string> parse_drop_rule(std::string_view text) {
    const auto wrong = [whole = text](std::string_view what) {
        return std::unexpected{fmt::format("\"{}\" is no rule for drops: {}", whole, what)};
    };
    drop_rule rule;
    const auto direction = take(text, ':');
    if (direction != "up" && direction != "down") {
        return wrong("it begins with up: or down:");
    }
    rule.direction = direction == "up" ? path_direction::up : path_direction::down;
    while (text.contains(':')) {
        if (const auto part = take(text, ':'); !apply_condition(rule, part)) {
            return wrong(fmt::format("{} is none of udp, tcp, >=BYTES and <=BYTES", part));
        }
    }
    while (!text.empty()) {
        const auto part = take(text, ',');
        const auto range = range_of(part);
        if (!range) {
            return wrong(fmt::format("{} is no number, no FIRST-LAST and no FIRST-", part));
        }
        rule.numbers.push_back(*range);
    }
    return rule.numbers.empty() ? wrong("it ends with the numbers of the packets, as in 2-7,9")
                                : std::expected<drop_rule, std::string>{rule};
}

}  // namespace ringway::lab
