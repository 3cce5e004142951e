#include "cli/parse_guard.hpp"

#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>

#include <ringway/net/endpoint.hpp>

#include "cli/pages.hpp"
#include "cli/split_arguments.hpp"
#include "guard/cidr.hpp"
#include "guard/list_file.hpp"

namespace ringway::cli {
namespace {

constexpr std::array<std::pair<std::string_view, guard_action>, 7> actions{
    {{"run", guard_action::run},
     {"status", guard_action::status},
     {"stats", guard_action::stats},
     {"list", guard_action::list},
     {"add", guard_action::add},
     {"del", guard_action::del},
     {"load", guard_action::load}}};
constexpr std::uint64_t rate_most = 100'000'000;

using operands = std::span<const std::string>;

std::optional<reply> read_run(operands from, guard_command& to) {
    if (from.size() == 1) {
        to.interface = from.front();
    } else if (from.size() > 1 || to.interface.empty()) {
        return usage_error(
            "guard what? ringway guard IFACE, with the name of one interface (ip link shows them)");
    }
    if (!to.keep_given) {
        to.firewall.keep.push_back({.udp = false, .first = 22, .last = 22});
    }
    for (const auto& block : to.firewall.block) {
        for (const auto& keep : to.firewall.keep) {
            if (block.udp == keep.udp && keep.first <= block.first && block.last <= keep.last) {
                return usage_error(
                    fmt::format("--block-port {} blocks nothing: --keep-port {} comes first{}",
                                to_text(block), to_text(keep),
                                to.keep_given ? "" : ", which is the default (--keep-port none)"));
            }
        }
    }
    return std::nullopt;
}

// "add [block|allow] RANGE...", "del ..." and "list ...".
std::optional<reply> read_entries(operands from, std::string_view name, guard_command& to) {
    if (!from.empty() && (from.front() == "allow" || from.front() == "block")) {
        to.list = from.front();
        from = from.subspan(1);
    }
    if (to.action == guard_action::list) {
        return from.empty()
                   ? std::nullopt
                   : std::optional{usage_error("list what? ringway guard list allow|block")};
    }
    if (from.size() > 1 && from.front().find_first_of("./:") == std::string::npos) {
        return usage_error(fmt::format("\"{}\" is no list: block or allow", from.front()));
    }
    if (from.empty()) {
        return usage_error(
            fmt::format("{} what? ringway guard {} allow|block RANGE...", name, name));
    }
    to.ranges.assign(from.begin(), from.end());
    return std::nullopt;
}

// What a command line names is read here, so that a mistake is one of the command line.
std::optional<reply> read_texts(const guard_command& command) {
    for (const auto& text : command.ranges) {
        if (const auto range = guard::parse_list_line(text); !range) {
            return usage_error(range.error());
        }
    }
    if (!command.lifetime.empty()) {
        if (const auto lifetime = guard::parse_lifetime(command.lifetime); !lifetime) {
            return usage_error("--for: " + lifetime.error());
        }
    }
    std::string_view why;
    if (!command.metrics.empty() && !parse_endpoint(command.metrics, &why)) {
        return usage_error(fmt::format("--metrics {}: {}", command.metrics, why));
    }
    for (const auto& text : command.admin) {
        if (const auto range = guard::parse_cidr(text); !range) {
            return usage_error("--admin: " + range.error());
        }
    }
    return std::nullopt;
}

// Who asks a guard that runs does not change how it runs.
bool means_something(std::string_view option, guard_action to) {
    if (option == "interface" || option == "socket") {
        return true;
    }
    if (option == "for") {
        return to == guard_action::add;
    }
    if (option == "top") {
        return to == guard_action::stats;
    }
    if (option == "json") {
        return to != guard_action::run;
    }
    if (option == "allow" || option == "block") {
        return to == guard_action::run || to == guard_action::load;
    }
    return to == guard_action::run;
}

std::optional<reply> read_operands(operands from, guard_command& to) {
    const auto known = from.empty() ? actions.end()
                                    : std::ranges::find(actions, from.front(),
                                                        &decltype(actions)::value_type::first);
    if (known == actions.end()) {
        return read_run(from, to);
    }
    to.action = known->second;
    from = from.subspan(1);
    switch (to.action) {
        case guard_action::run: return read_run(from, to);
        case guard_action::add:
        case guard_action::del:
        case guard_action::list: return read_entries(from, known->first, to);
        case guard_action::status:
        case guard_action::stats:
        case guard_action::load: break;
    }
    if (from.size() == 1 && to.interface.empty()) {
        to.interface = from.front();
    } else if (!from.empty()) {
        return usage_error(fmt::format("{} takes the name of one interface", known->first));
    }
    return std::nullopt;
}

parsed<guard::port_range> parse_one_range(std::string_view text) {
    const auto slash = text.find('/');
    const auto protocol = text.substr(0, slash);
    if (slash == std::string_view::npos || (protocol != "tcp" && protocol != "udp")) {
        return std::unexpected{
            fmt::format("\"{}\" is no port: tcp/22, udp/443 or tcp/8000-8099", text)};
    }
    const auto numbers = text.substr(slash + 1);
    const auto dash = numbers.find('-');
    const auto first = parse_number(numbers.substr(0, dash), 0, 65535);
    if (!first) {
        return std::unexpected{first.error()};
    }
    const auto last = dash == std::string_view::npos
                          ? first
                          : parse_number(numbers.substr(dash + 1), *first, 65535);
    if (!last) {
        return std::unexpected{last.error()};
    }
    return guard::port_range{.udp = protocol == "udp",
                             .first = static_cast<std::uint16_t>(*first),
                             .last = static_cast<std::uint16_t>(*last)};
}

}  // namespace

parsed<guard::rate> parse_rate(std::string_view text) {
    if (text == "off") {
        return guard::rate{};
    }
    const auto slash = text.find('/');
    const auto per_second = parse_number(text.substr(0, slash), 1, rate_most);
    if (!per_second) {
        return std::unexpected{per_second.error()};
    }
    if (slash == std::string_view::npos) {
        return guard::rate{.per_second = *per_second,
                           .burst = std::max<std::uint64_t>(20, *per_second / 10)};
    }
    const auto burst = parse_number(text.substr(slash + 1), 1, rate_most);
    if (!burst) {
        return std::unexpected{burst.error()};
    }
    return guard::rate{.per_second = *per_second, .burst = *burst};
}

parsed<std::vector<guard::port_range>> parse_ports(std::string_view text) {
    std::vector<guard::port_range> all;
    for (const auto part : split_list(text)) {
        auto range = parse_one_range(part);
        if (!range) {
            return std::unexpected{range.error()};
        }
        all.push_back(*range);
    }
    return all;
}

std::variant<guard_command, reply> parse_guard(std::span<const std::string_view> arguments) {
    auto split = split_by("guard", texts_of(guard_option_table()), arguments);
    if (auto* const wrong = std::get_if<reply>(&split)) {
        return std::move(*wrong);
    }
    const auto& from = std::get<split_arguments>(split);
    if (from.help) {
        return reply{.text = render_help(guard_page())};
    }
    guard_command command;
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        const auto& row = guard_option_table()[i];
        for (const auto& value : from.values[i]) {
            if (const auto applied = row.apply(command, value); !applied) {
                return usage_error(fmt::format("--{}: {}", row.text.name, applied.error()));
            }
        }
    }
    if (auto wrong = read_operands(from.operands, command)) {
        return *std::move(wrong);
    }
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        const auto name = guard_option_table()[i].text.name;
        if (!from.values[i].empty() && !means_something(name, command.action)) {
            return usage_error(fmt::format(
                "--{} means nothing to ringway guard {}", name,
                std::ranges::find(actions, command.action, &decltype(actions)::value_type::second)
                    ->first));
        }
    }
    if (auto wrong = read_texts(command)) {
        return *std::move(wrong);
    }
    return command;
}

}  // namespace ringway::cli
