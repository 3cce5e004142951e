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
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/signals.hpp>

#include "cli/admin_handler.hpp"
#include "cli/serve_options.hpp"

namespace ringway::cli {

/// One run of `ringway serve`.
class site_process final : admin_handler::source {
public:
    explicit site_process(const serve_options& options);
    ~site_process() override;

    /// Checks and opens all that can fail: root, files, ports, driver. Says what is wrong in one
    /// line on standard error and returns false.
    [[nodiscard]] bool prepare();

    /// Serves until a signal ends it. Returns the exit status.
    [[nodiscard]] int run();

private:
    struct listening {
        endpoint where;
        std::vector<unique_fd> sockets;  // One for each shard.
    };
    struct event_mail : message {
        event* which = nullptr;
    };
    // What one shard has that others look at, or that outlives its coroutines.
    struct member;

    bool open_root();
    bool open_listening();
    bool open_log();
    bool make_cluster();
    void derive_limits();

    [[nodiscard]] task<void> shard_main(shard& self);
    [[nodiscard]] task<void> serve_admin();
    [[nodiscard]] task<void> follow_signals();
    void begin_drain();
    void set_on_shard(unsigned id, event_mail& mail, event& which);
    void print_start() const;

    void write_metrics(std::string& out) override;
    bool healthy() override { return !draining_.load(std::memory_order_relaxed); }

    const serve_options& options_;
    unsigned shards_ = 1;
    std::optional<root> root_;
    files::mime_table types_;
    std::vector<listening> listening_;
    std::optional<listening> admin_;
    std::unique_ptr<observe::access_log> log_;
    files::cache_limits cache_limits_;
    http::connection_limits connection_limits_;
    http::session_limits session_limits_;
    transfer_method transfer_ = transfer_method::automatic;
    std::optional<http::connection_gate> gate_;
    std::unique_ptr<cluster> cluster_;
    std::optional<signal_set> signals_;
    std::vector<std::unique_ptr<member>> members_;
    std::atomic<bool> draining_{false};
    std::atomic<unsigned> unfinished_{0};  // Shards that still serve.
    std::int64_t started_unix_s_ = 0;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace ringway::cli
