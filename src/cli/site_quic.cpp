// What `ringway serve` does about HTTP/3: sockets, what other responses say of it, what is counted.
#include <algorithm>
#include <cerrno>
#include <fmt/core.h>

#include <ringway/base/log.hpp>
#include <ringway/http/h3_service.hpp>
#include <ringway/net/datagram.hpp>

#include "cli/quic_metrics.hpp"
#include "cli/site_process.hpp"
#include "cli/when_free.hpp"

namespace ringway::cli {
namespace {

// For how long clients may remember it: a day (RFC 7838 section 3.1).
constexpr int advertised_s = 86'400;

std::string why_not_bound(const std::vector<endpoint>& where, error failure) {
    std::string all;
    for (const endpoint& each : where) {
        all += fmt::format("{}{}", all.empty() ? "" : ", ", each.to_text());
    }
    const auto* const advice =
        failure.sys == EADDRINUSE
            ? "something else has this UDP port: end it (ss -ulpn names it), or --no-http3"
            : "HTTP/3 needs UDP at the port of https; without it: --no-http3";
    return fmt::format("UDP {}: {}; {}", all, describe(failure), advice);
}

}  // namespace

// QUIC is spoken wherever https is, but at Unix sockets.
std::vector<endpoint> site_process::quic_addresses() const {
    std::vector<endpoint> out;
    for (const listening& each : listening_) {
        if (each.what == spoken::https && each.where.is_ip()) {
            out.push_back(each.where);
        }
    }
    return out;
}

std::optional<quic::server_options> site_process::quic_options() const {
    const http3_options& asked = options_.http3;
    quic::server_options out;
    out.transport.congestion = asked.congestion;
    out.transport.idle_timeout = asked.idle_timeout;
    out.transport.streams_bidi = options_.max_streams;
    out.transport.qlog_directory = asked.qlog_directory;
    if (options_.header_timeout.count() != 0) {
        out.transport.handshake_timeout = options_.header_timeout;
    }
    out.remembered = http::h3_remembered_settings(session_limits_);
    out.retry = asked.retry;
    out.early_data = asked.early_data;
    out.prefer_version_2 = asked.version_2;
    out.connections_max = connection_limits_.total_max;
    if (!asked.preferred_address.empty()) {
        const auto where = parse_endpoint(asked.preferred_address);
        if (!where) {
            return std::nullopt;
        }
        (where->family() == AF_INET ? out.preferred_v4 : out.preferred_v6) = *where;
    }
    return out;
}

bool site_process::open_quic() {
    const auto where = quic_addresses();
    if (!tls_ || !options_.http3.wanted || where.empty()) {
        return true;
    }
    const auto wanted = quic_options();
    auto made = wanted ? quic::server_group::make(*tls_, *wanted, shards_)
                       : result<std::unique_ptr<quic::server_group>>{
                             std::unexpected{error{errc::invalid_argument}}};
    if (!made) {
        log_line(log_level::error, "HTTP/3 can't be set up: " + describe(made.error()));
        return false;
    }
    quic_ = *std::move(made);
    for (const endpoint& each : where) {
        static_cast<void>(when_free([&each] { return datagram_socket::bind(each, {}); }));
    }
    if (const auto opened = quic_->listen(where); !opened) {
        log_line(log_level::error, why_not_bound(where, opened.error()));
        return false;
    }
    advertise_quic();
    return true;
}

// Clients come by TCP first; this tells them (RFC 9114 section 3.1.1). What the operator says of it
// counts more.
void site_process::advertise_quic() {
    const bool said =
        std::ranges::any_of(secure_site_.extra_headers, [](const files::extra_header& each) {
            return http::equal_ignoring_case(each.name, "alt-svc");
        });
    if (!said) {
        secure_site_.extra_headers.push_back(
            {"Alt-Svc", fmt::format("h3=\":{}\"; ma={}", https_port(), advertised_s)});
    }
}

void site_process::describe_quic(banner_facts& facts) const {
    if (!tls_) {
        return;
    }
    if (!quic_) {
        facts.http3 = "off";
        return;
    }
    std::string ports;
    for (const endpoint& each : quic_->listening()) {
        ports += fmt::format("{}{}", ports.empty() ? "" : ", ", each.to_text());
    }
    const quic::server_options& used = quic_->options();
    constexpr std::array retries{"auto", "always", "never"};
    facts.http3 = fmt::format(
        "UDP {}; 0-RTT {}, retry {}, {}", ports, used.early_data ? "on" : "off",
        retries.at(static_cast<std::size_t>(used.retry)), quic::name_of(used.transport.congestion));
}

void site_process::write_quic_metrics(std::string& out) const {
    std::vector<const quic::endpoint_counters*> counters;
    for (const auto& each : members_) {
        if (each->has_quic.load()) {
            counters.push_back(&each->quic->counters());
        }
    }
    if (!counters.empty()) {
        append_quic_metrics(out, counters);
    }
}

}  // namespace ringway::cli
