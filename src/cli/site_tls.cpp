// What `ringway serve` does about certificates and the connections that use them.
#include <algorithm>
#include <fcntl.h>
#include <fmt/core.h>

#include <ringway/base/log.hpp>
#include <ringway/base/unique_fd.hpp>

#include "cli/listeners.hpp"
#include "cli/site_process.hpp"

namespace ringway::cli {
namespace {

constexpr std::size_t certificates_shown = 5;

// The IP addresses that the site is reached at, for the names of a development certificate.
std::vector<std::string> addresses_of(const serve_options& options) {
    std::vector<std::string> out;
    for (const planned_listener& each : plan_listeners(options)) {
        const auto where = parse_endpoint(each.endpoint);
        if (!each.tls || !where || !where->is_ip()) {
            continue;
        }
        std::string text = where->to_text();
        text.resize(text.rfind(':'));
        if (text.empty() || text == "0.0.0.0" || text == "[::]") {
            const auto all = tls::interface_addresses();
            out.insert(out.end(), all.begin(), all.end());
            continue;
        }
        if (text.starts_with('[')) {
            text = text.substr(1, std::min(text.find('%'), text.size() - 1) - 1);
        }
        out.push_back(text);
    }
    return out;
}

}  // namespace

bool site_process::load_certificates() {
    if (!options_.tls.wanted()) {
        return true;
    }
    secure_site_ = options_.site;
    if (const auto age = options_.tls.hsts.count(); age > 0) {
        secure_site_.extra_headers.push_back(
            {"Strict-Transport-Security", fmt::format("max-age={}", age)});
    }
    keeper_.emplace(
        tls::keeper_options{.sources = options_.tls.sources,
                            .self = options_.tls.self,
                            .self_names = tls::self_certificate_names(addresses_of(options_)),
                            .state_directory = tls::state_directory()});
    if (const auto loaded = keeper_->load(); !loaded) {
        log_line(log_level::error, loaded.error());
        return false;
    }
    auto made = tls::server_context::make(
        keeper_->certificates(),
        {.alpn = {"h2", "http/1.1"}, .allow_tls_1_2 = options_.tls.oldest == tls_version::tls_1_2});
    if (!made) {
        log_line(log_level::error, "TLS can't be set up: " + describe(made.error()));
        return false;
    }
    tls_ = *std::move(made);
    return true;
}

// Whether this process has a controlling terminal (tty(4)).
bool site_process::has_terminal() {
    return static_cast<bool>(unique_fd{::open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)});
}

void site_process::reload_certificates() {
    if (keeper_) {
        keeper_->reload();
    } else {
        log_line(log_level::info, "nothing to load anew: no certificates are served");
    }
}

// SIGHUP also comes when the terminal is closed. A server must not outlive that unseen.
bool site_process::terminal_is_gone() const { return on_terminal_ && !has_terminal(); }

void site_process::describe_certificates(banner_facts& facts) const {
    if (!keeper_) {
        return;
    }
    const auto set = keeper_->certificates().current();
    const auto all = set->certificates();
    for (const auto& each : all.first(std::min(all.size(), certificates_shown))) {
        facts.tls.push_back(certificate_line(each));
    }
    if (all.size() > certificates_shown) {
        facts.tls.push_back(
            fmt::format("and {} more certificates", all.size() - certificates_shown));
    }
    if (const auto& self = keeper_->self()) {
        const auto& own = all.back();  // The keeper puts it behind the others.
        facts.tls.push_back("for development only: SHA-256 " + tls::hex_text(own.fingerprint));
        facts.tls.push_back(self->kept ? "curl --cacert " + self->text.file : "curl -k");
        facts.tls.push_back("chromium --ignore-certificate-errors-spki-list=" +
                            tls::base64_text(own.key_pin));
    }
}

observe::certificate_metrics site_process::certificate_metrics() const {
    if (!keeper_) {
        return {};
    }
    observe::certificate_metrics out{.expiries = {},
                                     .reload_successful = keeper_->status().successful,
                                     .reload_success_unix_s = keeper_->status().success_unix_s};
    const auto set = keeper_->certificates().current();
    for (const auto& each : set->certificates()) {
        out.expiries.push_back(
            {tls::short_name(each), std::string{tls::name_of(each.key)}, each.not_after_unix_s});
    }
    return out;
}

// Where the redirects lead: the port of the first address on https.
std::uint16_t site_process::https_port() const {
    const auto found = std::ranges::find_if(listening_, [](const listening& each) {
        return each.what == spoken::https && each.where.is_ip();
    });
    return found == listening_.end() ? std::uint16_t{443} : found->where.port();
}

}  // namespace ringway::cli
