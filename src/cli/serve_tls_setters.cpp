#include "cli/serve_tls_setters.hpp"

#include <fmt/core.h>
#include <string>

#include <ringway/net/endpoint.hpp>

#include "cli/serve_setters.hpp"

namespace ringway::cli {

parsed<void> add_tls(serve_options& to, std::string_view value) {
    if (value == "self") {
        to.tls.self = true;
        return {};
    }
    const auto files = split_list(value);
    if (files.empty() || files.size() > 2) {
        return std::unexpected{fmt::format(
            "\"{}\" is no certificate: write CERT,KEY, a FILE with both, or self", value)};
    }
    to.tls.sources.files.push_back(
        {std::string{files[0]}, files.size() == 2 ? std::string{files[1]} : std::string{}});
    return {};
}

parsed<void> add_tls_dir(serve_options& to, std::string_view value) {
    if (value.empty()) {
        return std::unexpected{"the directory's name is empty"};
    }
    to.tls.sources.directories.emplace_back(value);
    return {};
}

parsed<void> set_http_redirect(serve_options& to, std::string_view value) {
    to.tls.http_redirect.clear();
    if (value == "off") {
        return {};
    }
    if (const auto checked = check_endpoint(value); !checked) {
        return checked;
    }
    if (!parse_endpoint(value)->is_ip()) {
        return std::unexpected{
            fmt::format("\"{}\" is no ADDR:PORT: browsers reach no Unix socket", value)};
    }
    to.tls.http_redirect = value;
    return {};
}

parsed<void> set_hsts(serve_options& to, std::string_view value) {
    constexpr std::uint64_t ten_years = 315'360'000;
    const auto seconds =
        value == "off" ? parsed<std::uint64_t>{0} : parse_number(value, 0, ten_years);
    if (!seconds) {
        return std::unexpected{seconds.error()};
    }
    to.tls.hsts = std::chrono::seconds{*seconds};
    return {};
}

}  // namespace ringway::cli
