#include "cli/quic_metrics.hpp"

#include <initializer_list>
#include <string_view>

#include <ringway/observe/prometheus.hpp>

namespace ringway::cli {
namespace {

using observe::metric_type;
using quic::endpoint_counters;
using cell = observe::counter endpoint_counters::*;

struct labelled {
    std::string_view value;
    cell which;
};

class quic_page {
public:
    quic_page(std::string& out, std::span<const endpoint_counters* const> shards)
        : page_{out}, shards_{shards} {}

    void single(std::string_view name, std::string_view help, cell which) {
        page_.family(name, metric_type::counter, help);
        page_.sample({}, sum(which));
    }

    void by(std::string_view name, std::string_view help, std::string_view label,
            std::initializer_list<labelled> all) {
        page_.family(name, metric_type::counter, help);
        for (const labelled& each : all) {
            page_.sample({{label, each.value}}, sum(each.which));
        }
    }

    void level(std::string_view name, std::string_view help,
               observe::gauge endpoint_counters::* which) {
        page_.family(name, metric_type::gauge, help);
        std::int64_t total = 0;
        for (const endpoint_counters* const each : shards_) {
            total += (each->*which).get();
        }
        page_.sample({}, total);
    }

private:
    [[nodiscard]] std::uint64_t sum(cell which) const {
        std::uint64_t total = 0;
        for (const endpoint_counters* const each : shards_) {
            total += (each->*which).get();
        }
        return total;
    }

    observe::prometheus_writer page_;
    std::span<const endpoint_counters* const> shards_;
};

void write_datagrams(quic_page& page) {
    using c = endpoint_counters;
    page.by("quic_datagrams_total", "UDP datagrams as they stand on the wire.", "dir",
            {{"received", &c::datagrams_received}, {"sent", &c::datagrams_sent}});
    page.by("quic_bytes_total", "Bytes of UDP datagrams.", "dir",
            {{"received", &c::bytes_received}, {"sent", &c::bytes_sent}});
    page.by("quic_io_total", "System calls that moved datagrams, several of them at a time.", "dir",
            {{"received", &c::receives}, {"sent", &c::sends}});
    page.single("quic_kernel_drops_total", "Datagrams that found the socket's buffer full.",
                &c::kernel_drops);
    page.single("quic_send_blocked_total", "Times the socket's send buffer was full.",
                &c::send_blocked);
    page.single("quic_gso_fallbacks_total", "Sockets where segmentation was switched off.",
                &c::gso_fallbacks);
    page.by("quic_datagrams_dropped_total", "Datagrams that were not used.", "reason",
            {{"malformed", &c::dropped_malformed},
             {"unknown", &c::dropped_unknown},
             {"foreign", &c::dropped_foreign},
             {"short_initial", &c::dropped_short_initial},
             {"limit", &c::dropped_limit},
             {"forward_full", &c::dropped_forward_full},
             {"send", &c::dropped_send}});
    page.by("quic_forwarded_total", "Datagrams handed to the shard of their connection.", "dir",
            {{"received", &c::forwarded_received}, {"sent", &c::forwarded_sent}});
    page.by("quic_packets_total", "Packets of connections that have ended.", "what",
            {{"received", &c::packets_received},
             {"sent", &c::packets_sent},
             {"lost", &c::packets_lost}});
}

void write_connections(quic_page& page) {
    using c = endpoint_counters;
    page.level("quic_connections_open", "Open connections.", &c::connections_open);
    page.level("quic_handshakes_open", "Handshakes that are under way.", &c::handshakes_open);
    page.level("quic_tls_sessions_open", "TLS sessions whose memory is held.",
               &c::tls_sessions_open);
    page.by("quic_handshakes_total", "Handshakes that have ended.", "result",
            {{"ok", &c::handshakes_done},
             {"failed", &c::handshakes_failed},
             {"timed_out", &c::handshakes_timed_out}});
    page.single("quic_handshakes_resumed_total", "Handshakes that went on from an earlier session.",
                &c::handshakes_resumed);
    page.single("quic_connections_refused_total", "Connections that a limit refused.",
                &c::connections_refused);
    page.single("quic_connections_closed_total", "Connections that have ended.",
                &c::connections_closed);
    page.single("quic_connections_timed_out_total", "Connections that ended because of silence.",
                &c::connections_timed_out);
    page.by("quic_early_data_total", "Connections with early data (0-RTT).", "result",
            {{"accepted", &c::early_data_accepted}, {"refused", &c::early_data_refused}});
    page.single("quic_retries_sent_total", "Clients that were asked to prove their address.",
                &c::retries_sent);
    page.by("quic_tokens_total", "Proofs of an address.", "result",
            {{"accepted", &c::tokens_accepted}, {"rejected", &c::tokens_rejected}});
    page.by("quic_stateless_resets_total", "Stateless resets.", "dir",
            {{"received", &c::resets_received}, {"sent", &c::resets_sent}});
    page.single("quic_version_negotiations_total", "Clients that were told our versions.",
                &c::version_negotiations);
    page.single("quic_migrations_total", "Times a client's address has changed.", &c::migrations);
    page.by("quic_path_validations_total", "Checks of a client's new address.", "result",
            {{"ok", &c::path_validations}, {"failed", &c::path_validations_failed}});
    page.single("quic_key_updates_total", "Changes of keys.", &c::key_updates);
    page.single("quic_rests_total", "Times that a silent connection was packed.", &c::rests);
}

}  // namespace

void append_quic_metrics(std::string& out, std::span<const endpoint_counters* const> shards) {
    quic_page page{out, shards};
    write_datagrams(page);
    write_connections(page);
}

}  // namespace ringway::cli
