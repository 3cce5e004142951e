// The serving process: everything that lives from the first check to the last response.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/files/file_handler.hpp>
#include <ringway/files/mime.hpp>
#include <ringway/fs/root.hpp>
#include <ringway/http/connection_gate.hpp>
#include <ringway/http/server.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/observe/access_log.hpp>
#include <ringway/observe/http_metrics.hpp>
#include <ringway/observe/metrics_page.hpp>
#include <ringway/quic/server.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/signals.hpp>
#include <ringway/tls/certificate_keeper.hpp>
#include <ringway/tls/server_context.hpp>

#include "cli/admin_handler.hpp"
#include "cli/banner.hpp"
#include "cli/connection_cutter.hpp"
#include "cli/guard_front.hpp"
#include "cli/serve_options.hpp"

namespace ringway::cli {

/// One run of `ringway serve`.
class site_process final : admin_handler::source {
public:
    explicit site_process(const serve_options& options);
    ~site_process() override;

    /// Checks and opens all that can fail: root, certificates, files, ports, driver. Says what is
    /// wrong in one line on standard error and returns false.
    [[nodiscard]] bool prepare();

    /// Serves until a signal ends it. Returns the exit status.
    [[nodiscard]] int run();

private:
    enum class spoken : std::uint8_t { http, https, redirect };
    struct listening {
        endpoint where;
        spoken what;                     // http unless said otherwise.
        std::vector<unique_fd> sockets;  // One for each shard.
    };
    struct event_mail : message {
        event* which = nullptr;
    };
    // What one shard has that others look at, or that outlives its coroutines.
    struct member {
        observe::http_metrics metrics;
        event end;  // Set when the shard is to drain.
        event_mail drain;
        event_mail all_finished_mail;
        event all_finished;                           // Of shard 0: no shard has a session left.
        std::unique_ptr<quic::server_endpoint> quic;  // Its counters are read by others.
        std::atomic<bool> has_quic{false};
    };
    // What answers on one shard: without TLS, with it, and with redirects to it.
    struct site_front;

    bool open_root();
    bool load_certificates();
    bool start_guard();
    bool open_listening();
    bool open_sockets(const std::string& text, unsigned count, listening& to);
    bool open_quic();
    [[nodiscard]] std::vector<endpoint> quic_addresses() const;
    [[nodiscard]] std::optional<quic::server_options> quic_options() const;
    void advertise_quic();
    bool open_log();
    bool make_cluster();
    void derive_limits();

    [[nodiscard]] task<void> shard_main(shard& self);
    [[nodiscard]] task<void> serve_admin();
    void accept_all(shard& self, site_front& front, scope& accepting);
    [[nodiscard]] http::session_context context_for(http::handler& answers, member& mine,
                                                    unsigned shard_id);
    void reload_certificates();
    [[nodiscard]] bool terminal_is_gone() const;
    [[nodiscard]] static bool has_terminal();
    [[nodiscard]] task<void> follow_signals();
    void begin_drain();
    void set_on_shard(unsigned id, event_mail& mail, event& which);
    void print_start() const;
    void describe_certificates(banner_facts& facts) const;
    void describe_quic(banner_facts& facts) const;
    void write_quic_metrics(std::string& out) const;
    [[nodiscard]] observe::certificate_metrics certificate_metrics() const;
    [[nodiscard]] std::optional<observe::tls_metrics> tls_metrics() const;
    [[nodiscard]] std::uint16_t https_port() const;

    void write_metrics(std::string& out) override;
    bool healthy() override { return !draining_.load(std::memory_order_relaxed); }

    const serve_options& options_;
    unsigned shards_ = 1;
    std::optional<root> root_;
    files::mime_table types_;
    std::vector<listening> listening_;
    std::optional<tls::certificate_keeper> keeper_;
    std::unique_ptr<tls::server_context> tls_;  // With `keeper_`.
    std::unique_ptr<quic::server_group> quic_;  // Where HTTP/3 is spoken.
    // What is served on https: with Strict-Transport-Security and Alt-Svc.
    files::site_options secure_site_;
    bool on_terminal_ = has_terminal();  // At the start.
    std::optional<listening> admin_;
    std::unique_ptr<observe::access_log> log_;
    files::cache_limits cache_limits_;
    http::connection_limits connection_limits_;
    http::session_limits session_limits_;
    transfer_method transfer_ = transfer_method::automatic;
    std::optional<http::connection_gate> gate_;
    connection_cutter cutter_;
    std::unique_ptr<guard_front> guard_;  // Outlives the sessions.
    std::unique_ptr<cluster> cluster_;
    std::optional<signal_set> signals_;
    std::vector<std::unique_ptr<member>> members_;
    std::atomic<bool> draining_{false};
    std::atomic<unsigned> unfinished_{0};  // Shards that still serve.
    std::int64_t started_unix_s_ = 0;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace ringway::cli
