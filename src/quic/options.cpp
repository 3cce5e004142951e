#include <ringway/quic/options.hpp>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/log.hpp>

#include "quic/link.hpp"
#include "quic/link_callbacks.hpp"

namespace ringway::quic {
namespace {

constexpr int version_with_good_bbr = 0x011600;
constexpr int version_with_safe_qlog = 0x011601;  // CVE-2026-40170 is fixed there.
constexpr std::size_t datagram_bytes_least = 1200;
constexpr std::size_t datagram_bytes_most = 65507;

ngtcp2_cc_algo algorithm_of(congestion_control which) noexcept {
    switch (which) {
        case congestion_control::cubic: return NGTCP2_CC_ALGO_CUBIC;
        case congestion_control::reno: return NGTCP2_CC_ALGO_RENO;
        case congestion_control::bbr: return NGTCP2_CC_ALGO_BBR;
    }
    return NGTCP2_CC_ALGO_CUBIC;
}

// What path MTU discovery tries, in ascending order: tunnels, PPPoE, Ethernet, jumbo frames,
// loopback; less IP and UDP headers.
constexpr std::array<std::uint16_t, 7> probes{1350, 1406, 1452, 8952, 16336, 32720, 65487};

std::uint64_t duration_of(nanoseconds time) noexcept {
    return static_cast<std::uint64_t>(std::max(time, nanoseconds{0}).count());
}

}  // namespace

std::string_view name_of(congestion_control which) noexcept {
    switch (which) {
        case congestion_control::cubic: return "cubic";
        case congestion_control::reno: return "reno";
        case congestion_control::bbr: return "bbr";
    }
    return "";
}

std::string library_version() { return ngtcp2_version(0)->version_str; }

std::string problem_of(const transport_options& options) {
    const int running = ngtcp2_version(0)->version_num;
    if (!options.qlog_directory.empty() && running < version_with_safe_qlog) {
        return fmt::format(
            "qlog needs ngtcp2 1.22.1 or later, this is {}: in older ones a peer "
            "can overflow the stack through it",
            library_version());
    }
    if (options.datagram_bytes_max < datagram_bytes_least ||
        options.datagram_bytes_max > datagram_bytes_most) {
        return fmt::format("datagrams can have {} to {} bytes", datagram_bytes_least,
                           datagram_bytes_most);
    }
    if (options.datagram_received_max < datagram_bytes_least) {
        return fmt::format("peers must be allowed datagrams of {} bytes (RFC 9000 section 18.2)",
                           datagram_bytes_least);
    }
    if (options.connection_ids_max < 2) {
        return "at least 2 connection ids are needed (RFC 9000 section 18.2)";
    }
    if (options.congestion == congestion_control::bbr && running < version_with_good_bbr) {
        log_line(log_level::warning,
                 fmt::format("BBR of ngtcp2 {} can stall after losses; 1.22 or later is better",
                             library_version()));
    }
    return "";
}

namespace detail {

void fill_settings(ngtcp2_settings& into, const transport_options& options,
                   std::size_t link_bytes) noexcept {
    const std::size_t datagram_bytes_max =
        std::min(options.datagram_bytes_max, std::max(link_bytes, datagram_bytes_least));
    ngtcp2_settings_default(&into);
    into.cc_algo = algorithm_of(options.congestion);
    into.handshake_timeout = duration_of(options.handshake_timeout);
    into.max_tx_udp_payload_size = datagram_bytes_max;
    into.max_window = options.connection_window_max;
    into.max_stream_window = options.stream_window_max;
    into.ack_thresh = options.acknowledge_every;
    if (options.path_mtu_discovery) {
        into.pmtud_probes = probes.data();
        into.pmtud_probeslen = static_cast<std::size_t>(
            std::ranges::upper_bound(probes, datagram_bytes_max) - probes.begin());
        into.no_pmtud = into.pmtud_probeslen == 0 ? 1 : 0;
    } else {
        into.no_pmtud = 1;
        into.no_tx_udp_payload_size_shaping = 1;
    }
}

void fill_parameters(ngtcp2_transport_params& into, const transport_options& options) noexcept {
    ngtcp2_transport_params_default(&into);
    into.max_udp_payload_size = options.datagram_received_max;
    into.initial_max_stream_data_bidi_local = options.stream_window;
    into.initial_max_stream_data_bidi_remote = options.stream_window;
    into.initial_max_stream_data_uni = options.stream_window;
    into.initial_max_data = options.connection_window;
    into.initial_max_streams_bidi = options.streams_bidi;
    into.initial_max_streams_uni = options.streams_uni;
    into.max_idle_timeout = duration_of(options.idle_timeout);
    into.active_connection_id_limit = options.connection_ids_max;
    into.disable_active_migration = options.active_migration ? 0 : 1;
    into.grease_quic_bit = 1;
}

void link::open_qlog(ngtcp2_settings& settings, const std::string& directory,
                     const ngtcp2_cid& name) {
    if (directory.empty()) {
        return;
    }
    std::string path = directory + "/";
    for (std::size_t index = 0; index < name.datalen; ++index) {
        path += fmt::format("{:02x}", name.data[index]);
    }
    path += ".sqlog";
    qlog_ = unique_fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640)};
    if (!qlog_) {
        log_line(log_level::warning, fmt::format("can't write {}", path));
        return;
    }
    settings.qlog_write = [](void* user, std::uint32_t, const void* data, std::size_t size) {
        // To a file, in the order of events: a disk that is slow slows the shard down.
        const ssize_t written = ::write(static_cast<link*>(user)->qlog_.get(), data, size);
        static_cast<void>(written);
    };
}

}  // namespace detail
}  // namespace ringway::quic
