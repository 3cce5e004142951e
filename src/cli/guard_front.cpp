#include "cli/guard_front.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/core.h>
#include <mutex>
#include <utility>

#include <ringway/bpf/bpf_ready.hpp>
#include <ringway/http/connection_gate.hpp>
#include <ringway/observe/prometheus.hpp>

#include "cli/guard_run.hpp"
#include "cli/parse_guard.hpp"
#include "guard/ban_counter.hpp"
#include "guard/operator_address.hpp"

namespace ringway::cli {
namespace {

class attached_guard final : public guard_front {
public:
    attached_guard(const serve_guard_options& options,
                   std::unique_ptr<guard::guard_service> service, guard::control_socket socket,
                   const connection_cutter& cutter)
        : ban_{options.ban},
          cutter_{cutter},
          counter_{options.threshold},
          service_{std::move(service)},
          thread_{*service_, std::move(socket), event_file{}} {}

    void heard(std::string_view client, observe::abuse_kind what) noexcept override {
        report(client, guard::ban_counter::points_of_abuse, observe::name_of(what));
    }

    void refused(std::string_view client) noexcept override {
        report(client, guard::ban_counter::points_of_refusal, "too many connections");
    }

    void write_metrics(std::string& out) const override {
        service_->write_metrics(out);
        observe::prometheus_writer to{out};
        to.family("guard_closed_connections_total", observe::metric_type::counter,
                  "Connections that were open when their client was banned.");
        to.sample({{"interface", service_->options().interface}}, cutter_.count());
    }

    [[nodiscard]] std::string describe() const override {
        return fmt::format("{}, {} mode{}{}", service_->options().interface, service_->mode(),
                           service_->place(),
                           service_->options().firewall.dry_run ? ", dry run" : "");
    }

private:
    void report(std::string_view client, std::uint64_t points, std::string_view what) {
        // What comes over loopback is this machine's, often a proxy that speaks for everybody.
        if (ban_.count() == 0 || http::connection_gate::is_loopback(client)) {
            return;
        }
        const auto who = guard::client_of(client);
        if (!who) {
            return;
        }
        {
            const std::scoped_lock held{one_};
            if (!counter_.report(*who, std::chrono::steady_clock::now(), points)) {
                return;
            }
        }
        service_->request_ban(
            *who, ban_,
            fmt::format("too often within a minute what no client does, {} at last", what));
    }

    std::chrono::seconds ban_;
    const connection_cutter& cutter_;
    std::mutex one_;
    guard::ban_counter counter_;
    std::unique_ptr<guard::guard_service> service_;
    guard_thread thread_;
};

parsed<guard::guard_options> to_guard_options(const serve_guard_options& from,
                                              std::span<const std::uint16_t> quic_ports) {
    guard::guard_options to{.interface = from.interface,
                            .allow_files = {from.allow_files.begin(), from.allow_files.end()},
                            .block_files = {from.block_files.begin(), from.block_files.end()}};
    to.firewall.dry_run = from.dry_run;
    to.firewall.keep.push_back({.udp = false, .first = 22, .last = 22});
    to.firewall.quic_ports.assign(quic_ports.begin(), quic_ports.end());
    for (const auto& [text, rate] : {std::pair{&from.rate, &to.firewall.per_source},
                                     std::pair{&from.syn_rate, &to.firewall.syn_per_source},
                                     std::pair{&from.quic_rate, &to.firewall.initial_per_source}}) {
        const auto read = text->empty() ? guard::rate{} : parse_rate(*text);
        if (!read) {
            return std::unexpected{read.error()};
        }
        *rate = *read;
    }
    for (const auto& text : from.admin) {
        const auto range = guard::parse_cidr(text);
        if (!range) {
            return std::unexpected{"--guard-admin: " + range.error()};
        }
        to.admin.push_back(*range);
    }
    if (const auto found = guard::find_operator()) {
        to.admin.push_back(found->from);
        to.firewall.keep.push_back({.udp = false, .first = found->port, .last = found->port});
    }
    return to;
}

}  // namespace

parsed<std::unique_ptr<guard_front>> guard_front::start(const serve_guard_options& options,
                                                        std::span<const std::uint16_t> quic_ports,
                                                        connection_cutter& cutter) {
    auto wanted = to_guard_options(options, quic_ports);
    if (!wanted) {
        return std::unexpected{wanted.error()};
    }
    wanted->blocked = [&cutter](const guard::cidr& range, const std::vector<guard::cidr>& spared) {
        cutter.cut_off([range, spared](std::string_view client) {
            const auto who = guard::parse_cidr(client.substr(0, client.find('%')));
            return who && range.contains(*who) &&
                   std::ranges::none_of(
                       spared, [&who](const guard::cidr& each) { return each.contains(*who); });
        });
    };
    if (const auto ready = bpf::bpf_ready(bpf::need::programs); !ready) {
        return std::unexpected{ready.error().text};
    }
    auto socket = guard::control_socket::open(options.socket.empty()
                                                  ? guard::default_socket_path(options.interface)
                                                  : std::filesystem::path{options.socket});
    if (!socket) {
        return std::unexpected{socket.error()};
    }
    auto service =
        guard::guard_service::start(*std::move(wanted), std::chrono::steady_clock::now());
    if (!service) {
        return std::unexpected{service.error()};
    }
    return std::make_unique<attached_guard>(options, *std::move(service), *std::move(socket),
                                            cutter);
}

}  // namespace ringway::cli
