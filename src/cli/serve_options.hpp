// What `ringway serve` was asked to do: the options as values, parsed and checked.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <ringway/base/log.hpp>
#include <ringway/files/site_options.hpp>
#include <ringway/observe/access_log.hpp>
#include <ringway/quic/options.hpp>
#include <ringway/quic/server.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/tls/certificate_files.hpp>

namespace ringway::cli {

/// How bodies are sent; `automatic` decides per response.
enum class transfer_choice : std::uint8_t {
    automatic,
    sendfile,
    copy,
    splice,
    fixed,
    zero_copy,
    gathered,
    mapped
};

/// The oldest version of TLS that is spoken.
enum class tls_version : std::uint8_t { tls_1_2, tls_1_3 };

/// What was said about https.
struct tls_options {
    bool self = false;  ///< A development certificate.
    tls::certificate_sources sources;
    tls_version oldest = tls_version::tls_1_3;
    bool oldest_given = false;     ///< Not the default: who says so wants TLS.
    std::string http_redirect;     ///< Endpoint that answers with redirects to https; "" = none.
    std::chrono::seconds hsts{0};  ///< max-age of Strict-Transport-Security; zero: not sent.

    /// Whether there is a certificate to show.
    [[nodiscard]] bool wanted() const noexcept { return self || !sources.empty(); }
};

/// What was said about HTTP/3, which goes with https.
struct http3_options {
    bool wanted = true;
    bool early_data = true;
    quic::retry_mode retry = quic::retry_mode::automatic;
    quic::congestion_control congestion = quic::congestion_control::cubic;
    bool version_2 = false;         ///< Go on in QUIC version 2 where a client offers that.
    std::string preferred_address;  ///< Endpoint where clients shall go on; "" = none.
    std::string qlog_directory;     ///< "" = none.
    std::chrono::milliseconds idle_timeout{30'000};  ///< Of a connection that is silent.
};

/// Whether and how `ringway guard` stands in front of the server.
struct serve_guard_options {
    std::string interface;          ///< "": no guard.
    std::string socket;             ///< Where it is reached; "": at the usual place.
    std::chrono::seconds ban{600};  ///< Zero: nobody is banned.
    std::uint64_t threshold = 10;   ///< Times a client may misbehave in a minute before that.
    std::vector<std::string> allow_files;
    std::vector<std::string> block_files;
    std::vector<std::string> admin;
    std::string rate;      ///< As `parse_rate` reads it; "": none.
    std::string syn_rate;  ///< Likewise.
    std::string quic_rate;
    bool dry_run = false;

    friend bool operator==(const serve_guard_options&, const serve_guard_options&) = default;
};

/// Zero means "off" or "no limit" unless it says otherwise.
struct serve_options {
    std::string directory = ".";
    /// "ADDR:PORT", ":PORT" or "unix:PATH", with "http://" or "https://" in front where that was
    /// given: `plan_listeners` tells which speak TLS.
    std::vector<std::string> listen{"127.0.0.1:8080"};
    bool h2c = false;  ///< HTTP/2 with prior knowledge where no TLS is spoken.
    tls_options tls;
    http3_options http3;

    /// `listing` is `automatic` and `precompressed` is all three unless asked otherwise.
    files::site_options site;
    std::string mime_types;  ///< A file in the form of /etc/mime.types; "" = the system's.

    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds idle_timeout{75'000};
    std::chrono::milliseconds drain{30'000};          ///< Zero: end at once.
    std::uint64_t min_rate = 500;                     ///< Bytes per second.
    std::uint64_t max_connections = 0;                ///< Zero: derived from RLIMIT_NOFILE.
    std::uint64_t max_connections_per_address = 256;  ///< Loopback and Unix peers are exempt.
    std::uint64_t max_requests = 0;                   ///< Per connection.
    std::uint64_t max_streams = 100;                  ///< Per connection of HTTP/2 or 3, at a time.
    std::size_t max_header_bytes = 32'768;
    std::size_t max_headers = 100;
    std::size_t max_target = 8'192;

    std::string log;  ///< Access log: a file, "-" for standard output, "" for none.
    observe::log_format log_format = observe::log_format::combined;
    log_level level = log_level::info;
    std::string admin;          ///< Endpoint of metrics and health; "" = none.
    bool admin_public = false;  ///< It may be where others than this machine reach it.

    serve_guard_options guard;

    unsigned shards = 0;  ///< Zero: one per usable core.
    driver_kind driver = driver_kind::automatic;
    transfer_choice transfer = transfer_choice::automatic;
    std::size_t cache_bytes = std::size_t{64} << 20U;        ///< Per shard.
    std::size_t cache_block_bytes = std::size_t{32} << 20U;  ///< Per shard.
    std::size_t cache_entries = 65'536;                      ///< Per shard.
    std::chrono::milliseconds cache_ttl{2'000};
    bool busy_poll = false;
    std::chrono::milliseconds sqpoll{0};  ///< Zero: none.
    unsigned napi = 0;                    ///< Microseconds; zero: none.
    bool pin = true;

    serve_options();
};

}  // namespace ringway::cli
