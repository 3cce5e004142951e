// From an expression to rules for the kernel: a sum of products, without negation.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ringway/xdp/match.hpp>

#include "xdp/filter.hpp"
#include "xdp/headers.hpp"

namespace ringway::xdp {
namespace {

using rule_list = std::vector<match_rule>;
using outcome = std::expected<rule_list, std::string>;

// One value of two, -1 (or 0) standing for any; false if they contradict each other.
template <class Value>
bool merge(Value& into, Value other, Value any) {
    if (into == any) {
        into = other;
    }
    return other == any || into == other;
}

bool is_any(const prefix& what) { return what.bits == 0; }

bool contains(const prefix& large, const prefix& small) {
    if (large.is_v6 != small.is_v6 || large.bits > small.bits) {
        return false;
    }
    const unsigned skipped = large.is_v6 ? 0 : 12;
    for (unsigned i = 0; i < large.bits; ++i) {
        if (((large.address[skipped + i / 8] ^ small.address[skipped + i / 8]) & 0x80U >> i % 8) !=
            0) {
            return false;
        }
    }
    return true;
}

bool merge(prefix& into, const prefix& other) {
    if (is_any(other)) {
        return true;
    }
    if (is_any(into) || contains(into, other)) {
        into = other;
        return true;
    }
    return contains(other, into);
}

int version_of(const match_rule& rule) {
    const bool has_address = !is_any(rule.source) || !is_any(rule.target);
    if (rule.ip_version != 0 || !has_address) {
        return rule.ip_version;
    }
    return rule.source.is_v6 || rule.target.is_v6 ? 6 : 4;
}

// What both mean; none if that is nothing.
std::optional<match_rule> product(match_rule a, const match_rule& b) {
    const int first = version_of(a);
    const int second = version_of(b);
    if ((first != 0 && second != 0 && first != second) ||
        !merge(a.ether_type, b.ether_type, std::uint16_t{0}) ||
        !merge(a.protocol, b.protocol, -1) || !merge(a.source_port, b.source_port, -1) ||
        !merge(a.target_port, b.target_port, -1) || !merge(a.source, b.source) ||
        !merge(a.target, b.target)) {
        return std::nullopt;
    }
    a.ip_version = std::max(a.ip_version, b.ip_version);
    if (a.ether_type != 0 && (a.ip_version != 0 || a.protocol >= 0)) {
        return std::nullopt;  // ARP is no IP.
    }
    return a;
}

outcome too_many(std::size_t rules_max) {
    return std::unexpected{
        fmt::format("the expression makes more than the {} rules that the kernel is given; "
                    "fewer alternatives, and src or dst in front of ports and addresses, help",
                    rules_max)};
}

rule_list sides(const filter::node& which, auto set) {
    rule_list made;
    if (which.where != filter::side::target) {
        set(made.emplace_back(), true);
    }
    if (which.where != filter::side::source) {
        set(made.emplace_back(), false);
    }
    return made;
}

outcome primitive(const filter::node& which) {
    switch (which.what) {
        case filter::kind::ip:
            return rule_list{{.ip_version = static_cast<std::uint8_t>(which.low)}};
        case filter::kind::protocol: return rule_list{{.protocol = which.low}};
        case filter::kind::arp: return rule_list{{.ether_type = type_arp}};
        case filter::kind::ports:
            if (which.low != which.high) {
                return std::unexpected{
                    std::string{"the kernel compares single ports here; write "
                                "each as port N"}};
            }
            return sides(which, [&](match_rule& rule, bool source) {
                (source ? rule.source_port : rule.target_port) = which.low;
            });
        case filter::kind::addresses:
            return sides(which, [&](match_rule& rule, bool source) {
                (source ? rule.source : rule.target) = which.address;
                rule.ip_version = which.address.is_v6 ? 6 : 4;
            });
        default: break;
    }
    return std::unexpected{std::string{
        "the kernel compares protocols, ports and addresses here: no \"not\", \"vlan\", \"less\" "
        "and \"greater\""}};
}

}  // namespace

outcome filter::rules(std::size_t rules_max) const {
    return nodes_.empty() ? outcome{rule_list{}} : rules_of(root_, rules_max);
}

outcome filter::rules_of(
    std::size_t at,  // NOLINT(misc-no-recursion): as deep as the parser let it.
    std::size_t rules_max) const {
    const node& which = nodes_[at];
    if (which.what != kind::both && which.what != kind::either) {
        return primitive(which);
    }
    auto left = rules_of(which.left, rules_max);
    if (!left) {
        return left;
    }
    const auto right = rules_of(which.right, rules_max);
    if (!right) {
        return right;
    }
    rule_list made;
    if (which.what == kind::either) {
        made = *std::move(left);
        made.insert(made.end(), right->begin(), right->end());
    } else {
        for (const match_rule& a : *left) {
            for (const match_rule& b : *right) {
                if (const auto both = product(a, b)) {
                    made.push_back(*both);
                }
            }
        }
        if (made.empty()) {
            return std::unexpected{
                std::string{"the expression contradicts itself: no packet can "
                            "be meant"}};
        }
    }
    return made.size() > rules_max ? too_many(rules_max) : outcome{std::move(made)};
}

}  // namespace ringway::xdp
