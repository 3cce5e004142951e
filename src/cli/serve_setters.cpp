#include "cli/serve_setters.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <string>

#include <ringway/net/endpoint.hpp>
#include <ringway/wire/accept_encoding.hpp>

#include "cli/listeners.hpp"

namespace ringway::cli {
namespace {

template <class... Values>
parsed<void> wrong(fmt::format_string<Values...> format, Values&&... values) {
    return std::unexpected{fmt::format(format, std::forward<Values>(values)...)};
}

bool is_file_name(std::string_view name) {
    return name != "." && name != ".." && !name.contains('/');
}

// Whether some segment of the path is one that leads elsewhere or nowhere.
bool has_odd_segment(std::string_view path) {
    while (!path.empty()) {
        const auto segment = path.substr(0, path.find('/'));
        if (segment.empty() || !is_file_name(segment)) {
            return true;
        }
        path.remove_prefix(std::min(segment.size() + 1, path.size()));
    }
    return false;
}

std::string_view without_spaces(std::string_view text) {
    const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

}  // namespace

parsed<void> check_endpoint(std::string_view text) {
    std::string_view reason;
    if (!parse_endpoint(text, &reason)) {
        return wrong("\"{}\" is no address: {}", text, reason);
    }
    return {};
}

parsed<void> add_listen(serve_options& to, std::string_view value) {
    const auto endpoints = split_list(value);
    if (endpoints.empty()) {
        return wrong("\"{}\" is no address: write ADDR:PORT, :PORT or unix:PATH", value);
    }
    for (const auto endpoint : endpoints) {
        if (const auto checked = check_endpoint(split_scheme(endpoint).endpoint); !checked) {
            return checked;
        }
        to.listen.emplace_back(endpoint);
    }
    return {};
}

parsed<void> set_admin(serve_options& to, std::string_view value) {
    if (value == "off") {
        to.admin.clear();
        return {};
    }
    to.admin = value;
    return check_endpoint(value);
}

parsed<void> add_index(serve_options& to, std::string_view value) {
    const auto names = split_list(value);
    if (names.empty()) {
        return wrong("a file name is missing");
    }
    for (const auto name : names) {
        if (!is_file_name(name)) {
            return wrong("\"{}\" is no plain file name", name);
        }
        to.site.index_names.emplace_back(name);
    }
    return {};
}

parsed<void> set_spa(serve_options& to, std::string_view value) {
    auto path = value;
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    if (value == "off" || value == "false") {
        to.site.spa_fallback.clear();
        return {};
    }
    if (path.empty() || has_odd_segment(path)) {
        return wrong("\"{}\" is no path of a file below DIR", value);
    }
    to.site.spa_fallback = path;
    return {};
}

parsed<void> set_precompressed(serve_options& to, std::string_view value) {
    using choice = std::pair<std::string_view, wire::coding>;
    static constexpr choice codings[] = {
        {"br", wire::coding::brotli}, {"zst", wire::coding::zstd},
        {"gz", wire::coding::gzip},   {"zstd", wire::coding::zstd},
        {"gzip", wire::coding::gzip}, {"brotli", wire::coding::brotli}};
    static constexpr std::string_view shown[] = {"br", "zst", "gz", "off"};
    to.site.precompressed = 0;
    if (value == "off") {
        return {};
    }
    for (const auto name : split_list(value)) {
        const auto* const found = std::ranges::find(codings, name, &choice::first);
        if (found == std::end(codings)) {
            return std::unexpected{not_among(name, shown)};
        }
        to.site.precompressed |= wire::coding_bit(found->second);
    }
    return {};
}

parsed<void> set_cache_control(serve_options& to, std::string_view value) {
    if (!files::check_extra_header("X", value)) {
        return wrong("a control character is in it");
    }
    to.site.cache_control = without_spaces(value);
    return {};
}

parsed<void> add_header(serve_options& to, std::string_view value) {
    const auto colon = value.find(':');
    if (colon == std::string_view::npos) {
        return wrong("\"{}\" is no header: write \"Name: value\"", value);
    }
    const auto name = value.substr(0, colon);
    const auto content = without_spaces(value.substr(colon + 1));
    if (to.site.extra_headers.size() == files::site_options::extra_headers_max) {
        return wrong("there is room for {} headers", files::site_options::extra_headers_max);
    }
    if (const auto checked = files::check_extra_header(name, content); !checked) {
        if (checked.error().code == errc::malformed) {
            return wrong("\"{}\" is no header: write \"Name: value\", without control characters",
                         value);
        }
        return wrong("ringway decides about {} itself{}", name,
                     name == "Cache-Control" ? "; use --cache-control" : "");
    }
    to.site.extra_headers.push_back({std::string{name}, std::string{content}});
    return {};
}

parsed<void> set_log(serve_options& to, std::string_view value) {
    if (value.empty()) {
        return wrong("write a file, - or off");
    }
    to.log = value == "off" ? std::string_view{} : value;
    return {};
}

}  // namespace ringway::cli
