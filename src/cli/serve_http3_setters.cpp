#include "cli/serve_http3_setters.hpp"

#include <fmt/core.h>
#include <string>

#include <ringway/net/endpoint.hpp>
#include <ringway/quic/options.hpp>

#include "cli/serve_setters.hpp"

namespace ringway::cli {

parsed<void> set_preferred_address(serve_options& to, std::string_view value) {
    to.http3.preferred_address.clear();
    if (value == "off") {
        return {};
    }
    if (const auto checked = check_endpoint(value); !checked) {
        return checked;
    }
    const endpoint where = *parse_endpoint(value);
    const std::string text = where.to_text();
    if (!where.is_ip() || where.is_every_address() || text.starts_with("0.0.0.0:") ||
        text.starts_with("[::]:")) {
        return std::unexpected{
            fmt::format("\"{}\" is no single address: clients need one to go to", value)};
    }
    to.http3.preferred_address = value;
    return {};
}

parsed<void> set_qlog(serve_options& to, std::string_view value) {
    to.http3.qlog_directory.clear();
    if (value == "off") {
        return {};
    }
    if (value.empty()) {
        return std::unexpected{"the directory's name is empty"};
    }
    quic::transport_options wanted;
    wanted.qlog_directory = value;
    if (const std::string problem = quic::problem_of(wanted); !problem.empty()) {
        return std::unexpected{problem};
    }
    to.http3.qlog_directory = value;
    return {};
}

}  // namespace ringway::cli
