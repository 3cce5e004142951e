// What is said when the server is up.
#include <fmt/core.h>

#include "cli/banner.hpp"
#include "cli/site_process.hpp"

namespace ringway::cli {

void site_process::print_start() const {
    shard& first = cluster_->at(0);
    const chosen_driver& choice = cluster_->driver_choice();
    banner_facts facts;
    facts.root = root_->real_path().value_or(options_.directory);
    for (const listening& each : listening_) {
        const bool tls = each.what == spoken::https;
        facts.addresses.push_back(address_text(each.where.to_text(), tls) +
                                  (each.what == spoken::redirect ? " (leads to https)" : ""));
    }
    describe_certificates(facts);
    describe_quic(facts);
    facts.site = site_text(options_.site);
    facts.engine = fmt::format("{} {}, {} ({})", shards_, shards_ == 1 ? "shard" : "shards",
                               first.io().name(), choice.reason);
    facts.features = first.io().features();
    facts.limits = limits_text(options_, connection_limits_.total_max);
    facts.log = log_text(options_);
    if (admin_) {
        facts.admin = url_of(admin_->where.to_text(), false) +
                      (admin_->where.is_unix() ? " (/metrics)" : "metrics");
    }
    if (choice.kind == driver_kind::epoll && options_.driver == driver_kind::automatic) {
        facts.missing.push_back(choice.reason + ": epoll is used, everything works");
    }
    if (const std::string shortfall = first.io().shortfall(); !shortfall.empty()) {
        facts.missing.push_back(shortfall);
    }
    const auto took = std::chrono::steady_clock::now() - begun_;
    facts.ready = fmt::format("ready in {} ms",
                              std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    print_banner(facts);
}

}  // namespace ringway::cli
