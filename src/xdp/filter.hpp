// Expressions that say which packets are meant: `udp and port 53 and src 10.0.0.0/8`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/xdp/match.hpp>

#include "xdp/headers.hpp"

namespace ringway::xdp {

/// What is meant by an expression.
///
///     expression  any [or any]...          any    each [and each]...
///     each        not each | ( expression ) | primitive
///     primitive   ip | ip6 | arp | tcp | udp | sctp | icmp | icmp6 | vlan [ID] | proto NUMBER
///                 [src | dst] port NUMBER[-NUMBER] | [src | dst] [host | net] ADDRESS[/BITS]
///                 less BYTES | greater BYTES
///
/// Without src and dst either side will do. Also `&&`, `||` and `!`. An empty expression means all.
class filter {
public:
    static constexpr std::size_t depth_max = 32;
    static constexpr std::size_t nodes_max = 256;

    /// The error is one sentence for the user, with the place that it is about.
    [[nodiscard]] static std::expected<filter, std::string> parse(std::string_view text);

    /// Whether a frame of `length` bytes with these headers is meant.
    [[nodiscard]] bool matches(const frame_headers& headers, std::size_t length) const noexcept;

    /// The same as rules for the program in the kernel, any of which means a packet; none for an
    /// expression that is empty. The error says what rules can't tell, or that there are too many.
    [[nodiscard]] std::expected<std::vector<match_rule>, std::string> rules(
        std::size_t rules_max) const;

    [[nodiscard]] bool is_empty() const noexcept { return nodes_.empty(); }

    enum class kind : std::uint8_t {
        both,
        either,
        negated,  // of other nodes
        ip,
        protocol,
        arp,
        vlan,
        ports,
        addresses,
        shorter,
        longer,
    };
    enum class side : std::uint8_t { any, source, target };
    struct node {
        kind what = kind::ip;
        side where = side::any;
        std::uint16_t left = 0;  ///< Of another node.
        std::uint16_t right = 0;
        int low = -1;  ///< Of a number.
        int high = -1;
        prefix address{};
    };

private:
    friend class filter_parser;
    [[nodiscard]] bool matches(std::size_t at, const frame_headers& headers,
                               std::size_t length) const noexcept;
    [[nodiscard]] std::expected<std::vector<match_rule>, std::string> rules_of(
        std::size_t at, std::size_t rules_max) const;

    std::vector<node> nodes_;
    std::uint16_t root_ = 0;
};

}  // namespace ringway::xdp
