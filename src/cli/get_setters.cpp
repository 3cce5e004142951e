#include "cli/get_setters.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/core.h>
#include <unistd.h>

#include <ringway/wire/content_decoder.hpp>

namespace ringway::cli {
namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ') || text.ends_with('\t')) {
        text.remove_suffix(1);
    }
    return text;
}

parsed<std::optional<std::uint64_t>> position(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
        return std::unexpected{fmt::format("\"{}\" is no position", text)};
    }
    return number;
}

// An address without brackets or with, and a port.
parsed<endpoint> address_at(std::string_view address, std::string_view port) {
    const bool bare_ipv6 = address.contains(':') && !address.starts_with('[');
    const auto text =
        bare_ipv6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
    std::string_view reason;
    const auto where = parse_endpoint(text, &reason);
    if (!where || !where->is_ip() || where->is_every_address()) {
        return std::unexpected{fmt::format("\"{}\" is no IP address", address)};
    }
    return *where;
}

}  // namespace

std::string asked_range::text() const {
    return (first ? std::to_string(*first) : "") + "-" + (last ? std::to_string(*last) : "");
}

parsed<void> add_field(get_options& to, std::string_view value) {
    const auto colon = value.find(':');
    if (colon == 0 || colon == std::string_view::npos) {
        return std::unexpected{fmt::format("\"{}\" is no header: Name: value", value)};
    }
    to.fields.push_back({std::string{trimmed(value.substr(0, colon))},
                         std::string{trimmed(value.substr(colon + 1))}});
    return {};
}

parsed<void> set_range(get_options& to, std::string_view value) {
    const auto dash = value.find('-');
    const auto wrong = [value] {
        return std::unexpected{
            fmt::format("\"{}\" is no range: FIRST-LAST, FIRST- or -LAST", value)};
    };
    if (dash == std::string_view::npos) {
        return wrong();
    }
    const auto first = position(value.substr(0, dash));
    const auto last = position(value.substr(dash + 1));
    if (!first || !last || (!*first && !*last) || (*first && *last && **first > **last) ||
        (!*first && **last == 0)) {
        return wrong();
    }
    to.range = asked_range{*first, *last};
    return {};
}

parsed<void> add_address(get_options& to, std::string_view value) {
    const bool bracketed = value.starts_with('[');
    const auto host_end = bracketed ? value.find(']') + 1 : value.find(':');
    const auto port_end = value.find(':', std::min(host_end, value.size()) + 1);
    if (host_end == 0 || host_end == std::string_view::npos || port_end == std::string_view::npos) {
        return std::unexpected{fmt::format("\"{}\" is not HOST:PORT:ADDRESS", value)};
    }
    auto host = value.substr(0, host_end);
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    const auto port = value.substr(host_end + 1, port_end - host_end - 1);
    for (const auto each : split_list(value.substr(port_end + 1))) {
        const auto where = address_at(each, port);
        if (!where) {
            return std::unexpected{where.error()};
        }
        std::string key{host};
        std::ranges::transform(key, key.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        to.addresses[fmt::format("{}:{}", key, port)].push_back(*where);
    }
    return {};
}

parsed<void> add_migration(get_options& to, std::string_view value) {
    const bool has_port =
        value.contains("]:") || (std::ranges::count(value, ':') == 1 && !value.starts_with('['));
    const auto colon = value.rfind(':');
    const auto where = has_port ? address_at(value.substr(0, colon), value.substr(colon + 1))
                                : address_at(value, "0");
    if (!where) {
        return std::unexpected{where.error()};
    }
    to.migrate.push_back(*where);
    return {};
}

parsed<void> set_compressed(get_options& to, std::string_view value) {
    const auto wanted = parse_switch(value);
    if (!wanted) {
        return std::unexpected{wanted.error()};
    }
    if (*wanted && wire::known_codings().empty()) {
        return std::unexpected{"this ringway was built without zlib, brotli and zstd"};
    }
    to.compressed = *wanted;
    return {};
}

parsed<void> set_trust_file(get_options& to, std::string_view value) {
    to.trust_file = value;
    if (::access(to.trust_file.c_str(), R_OK) != 0) {
        return std::unexpected{fmt::format("{}: {}", value, std::strerror(errno))};
    }
    return {};
}

parsed<void> set_version(get_options& to, http::client_version version) {
    if (to.version != http::client_version::automatic && to.version != version) {
        return std::unexpected{"another version is forced already"};
    }
    to.version = version;
    return {};
}

}  // namespace ringway::cli
