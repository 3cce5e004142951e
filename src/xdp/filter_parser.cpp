#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ringway/xdp/match.hpp>

#include "xdp/filter.hpp"
#include "xdp/headers.hpp"

namespace ringway::xdp {

/// Recursive descent over words; a failure is kept, and ends it all.
class filter_parser {
public:
    explicit filter_parser(std::string_view text) : text_{text} { next(); }

    std::expected<filter, std::string> parse();

private:
    using index = std::uint16_t;

    void next();
    [[nodiscard]] bool at_end() const { return word_.empty(); }
    bool take(std::string_view one, std::string_view other = {});
    index add(const filter::node& one);
    index fail(const std::string& why);
    index expression(std::size_t depth);
    index all_of(std::size_t depth);
    index each(std::size_t depth);
    index primitive();
    index behind_side(filter::side where);
    index ports(filter::side where);
    index addresses(filter::side where);
    index with_number(filter::kind what, int most);
    [[nodiscard]] std::optional<int> number(std::string_view text, int most) const;

    std::string_view text_;
    std::size_t place_ = 0;  // Behind the word.
    std::string_view word_;
    filter made_;
    std::string failure_;
};

namespace {

constexpr std::array<std::pair<std::string_view, int>, 5> protocols{{{"tcp", protocol_tcp},
                                                                     {"udp", protocol_udp},
                                                                     {"sctp", protocol_sctp},
                                                                     {"icmp", protocol_icmp},
                                                                     {"icmp6", protocol_icmp6}}};
constexpr int vlan_max = 4094;
constexpr int length_max = 65535;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

bool may_be_address(std::string_view word) {
    return !word.empty() && (std::isdigit(static_cast<unsigned char>(word.front())) != 0 ||
                             word.find(':') != std::string_view::npos);
}

}  // namespace

std::expected<filter, std::string> filter::parse(std::string_view text) {
    return filter_parser{text}.parse();
}

std::expected<filter, std::string> filter_parser::parse() {
    if (at_end()) {
        return made_;
    }
    made_.root_ = expression(0);
    if (failure_.empty() && !at_end()) {
        fail(fmt::format("\"{}\" is not expected here: \"and\" or \"or\"", word_));
    }
    if (!failure_.empty()) {
        return std::unexpected{failure_};
    }
    return std::move(made_);
}

void filter_parser::next() {
    while (place_ < text_.size() && is_space(text_[place_])) {
        ++place_;
    }
    const std::size_t begin = place_;
    if (begin < text_.size() &&
        (text_[begin] == '(' || text_[begin] == ')' || text_[begin] == '!')) {
        ++place_;
    } else {
        while (place_ < text_.size() && !is_space(text_[place_]) && text_[place_] != '(' &&
               text_[place_] != ')') {
            ++place_;
        }
    }
    word_ = text_.substr(begin, place_ - begin);
}

bool filter_parser::take(std::string_view one, std::string_view other) {
    if (at_end() || (word_ != one && word_ != other)) {
        return false;
    }
    next();
    return true;
}

filter_parser::index filter_parser::add(const filter::node& one) {
    if (made_.nodes_.size() == filter::nodes_max) {
        return fail("the expression is too long");
    }
    made_.nodes_.push_back(one);
    return static_cast<index>(made_.nodes_.size() - 1);
}

filter_parser::index filter_parser::fail(const std::string& why) {
    if (failure_.empty()) {
        const std::size_t column = place_ - word_.size() + 1;
        failure_ = fmt::format("filter, column {}: {}", column, why);
    }
    place_ = text_.size();
    word_ = {};
    return 0;
}

// NOLINTBEGIN(misc-no-recursion): bounded by depth_max.
filter_parser::index filter_parser::expression(std::size_t depth) {
    index left = all_of(depth);
    while (failure_.empty() && take("or", "||")) {
        const index right = all_of(depth);
        left = add({.what = filter::kind::either, .left = left, .right = right});
    }
    return left;
}

filter_parser::index filter_parser::all_of(std::size_t depth) {
    index left = each(depth);
    while (failure_.empty() && take("and", "&&")) {
        const index right = each(depth);
        left = add({.what = filter::kind::both, .left = left, .right = right});
    }
    return left;
}

filter_parser::index filter_parser::each(std::size_t depth) {
    if (depth == filter::depth_max) {
        return fail("nested too deep");
    }
    if (take("not", "!")) {
        const index inner = each(depth + 1);
        return add({.what = filter::kind::negated, .left = inner});
    }
    if (take("(")) {
        const index inner = expression(depth + 1);
        if (failure_.empty() && !take(")")) {
            return fail("a \")\" is missing");
        }
        return inner;
    }
    return primitive();
}
// NOLINTEND(misc-no-recursion)

filter_parser::index filter_parser::primitive() {
    if (at_end()) {
        return fail("something is missing at the end: udp, port 53, src 10.0.0.0/8, ...");
    }
    for (const auto& [name, protocol] : protocols) {
        if (take(name)) {
            return add({.what = filter::kind::protocol, .low = protocol});
        }
    }
    if (take("ip", "ip4")) {
        return add({.what = filter::kind::ip, .low = 4});
    }
    if (take("ip6")) {
        return add({.what = filter::kind::ip, .low = 6});
    }
    if (take("arp")) {
        return add({.what = filter::kind::arp});
    }
    if (take("vlan")) {
        const auto id = number(word_, vlan_max);
        if (id) {
            next();
        }
        return add({.what = filter::kind::vlan, .low = id.value_or(-1)});
    }
    if (take("proto")) {
        return with_number(filter::kind::protocol, 255);
    }
    if (take("less")) {
        return with_number(filter::kind::shorter, length_max);
    }
    if (take("greater")) {
        return with_number(filter::kind::longer, length_max);
    }
    if (take("src")) {
        return behind_side(filter::side::source);
    }
    if (take("dst")) {
        return behind_side(filter::side::target);
    }
    return behind_side(filter::side::any);
}

filter_parser::index filter_parser::behind_side(filter::side where) {
    if (take("port")) {
        return ports(where);
    }
    if (take("host", "net") || may_be_address(word_)) {
        return addresses(where);
    }
    if (at_end()) {
        return fail("a port or an address is missing at the end");
    }
    return fail(
        fmt::format("\"{}\" is nothing to filter by: tcp, udp, icmp, arp, ip, ip6, vlan, "
                    "[src|dst] port N, [src|dst] ADDRESS/BITS, proto N, less N, greater N",
                    word_));
}

std::optional<int> filter_parser::number(std::string_view text, int most) const {
    int value = 0;
    const auto read = std::from_chars(text.begin(), text.end(), value);
    if (text.empty() || read.ec != std::errc{} || read.ptr != text.end() || value < 0 ||
        value > most) {
        return std::nullopt;
    }
    return value;
}

filter_parser::index filter_parser::with_number(filter::kind what, int most) {
    const auto value = number(word_, most);
    if (!value) {
        return fail(fmt::format("\"{}\" is no number from 0 to {}", word_, most));
    }
    next();
    return add({.what = what, .low = *value});
}

filter_parser::index filter_parser::ports(filter::side where) {
    const auto dash = word_.find('-');
    const auto low = number(word_.substr(0, dash), 65535);
    const auto high = dash == std::string_view::npos ? low : number(word_.substr(dash + 1), 65535);
    if (!low || !high || *low > *high) {
        return fail(fmt::format("\"{}\" is no port: 53, or 8000-8100", word_));
    }
    next();
    return add({.what = filter::kind::ports, .where = where, .low = *low, .high = *high});
}

filter_parser::index filter_parser::addresses(filter::side where) {
    const auto read = parse_prefix(word_);
    if (!read) {
        return fail(read.error());
    }
    next();
    return add({.what = filter::kind::addresses, .where = where, .address = *read});
}

}  // namespace ringway::xdp
