#include "cli/get_report.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/human_text.hpp"

namespace ringway::cli {
namespace {

double seconds(nanoseconds span) { return static_cast<double>(span.count()) / 1e9; }

}  // namespace

void get_report::take(const http::client_response& from) {
    final_url = from.url().text();
    http_status = from.status();
    version = from.version();
    redirects = from.redirects();
    encoding = from.decoded_from();
    encoded_bytes = encoding.empty() ? 0 : from.received_bytes();
}

std::string to_json(const get_report& report) {
    const auto& times = report.timings;
    const auto& facts = report.facts;
    nlohmann::ordered_json out{
        {"url", report.url},
        {"final_url", report.final_url},
        {"file", report.file},
        {"exit", static_cast<int>(report.status)},
        {"problem", report.problem},
        {"status", report.http_status},
        {"version", report.http_status == 0 ? "" : http::name_of(report.version)},
        {"redirects", report.redirects},
        {"bytes", report.bytes},
        {"encoding", report.encoding},
        {"encoded_bytes", report.encoded_bytes},
        {"resumed_bytes", report.resumed},
        {"pieces", report.pieces},
        {"retries", report.retries},
        {"seconds",
         {{"name", seconds(times.name)},
          {"connect", seconds(times.connect)},
          {"tls", seconds(times.tls)},
          {"first_byte", seconds(times.first_byte)},
          {"total", seconds(times.total)}}},
        {"connection",
         {{"reused", times.reused},
          {"resumed", times.resumed},
          {"early_data", times.early_data},
          {"http3_offer", http::name_of(times.http3)},
          {"rtt", seconds(facts.rtt)},
          {"rtt_min", seconds(facts.rtt_min)},
          {"lost", facts.lost},
          {"retransmitted", facts.retransmitted},
          {"congestion_window", facts.congestion_window}}}};
    return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string to_line(const get_report& report) {
    const double took = std::max(seconds(report.timings.total), 1e-6);
    auto out =
        fmt::format("{}: {} in {} ({}/s), {}", report.file, size_text(report.bytes),
                    span_text(report.timings.total),
                    size_text(static_cast<std::uint64_t>(static_cast<double>(report.bytes) / took)),
                    http::name_of(report.version));
    if (!report.encoding.empty()) {
        out += fmt::format(", {} as {}", size_text(report.encoded_bytes), report.encoding);
    }
    if (report.resumed > 0) {
        out += fmt::format(", {} were there", size_text(report.resumed));
    }
    if (report.pieces > 1) {
        out += fmt::format(", {} pieces", report.pieces);
    }
    return out;
}

}  // namespace ringway::cli
