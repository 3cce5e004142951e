// A guard as a process: signals, the control thread, events and metrics.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/signals.hpp>

#include "cli/admin_handler.hpp"
#include "cli/guard_options.hpp"
#include "cli/line_log.hpp"
#include "cli/metrics_server.hpp"
#include "guard/control_socket.hpp"

namespace ringway::cli {

/// Where events are appended.
class event_file {
public:
    /// "": nowhere; "-": standard output. Fails with a line.
    [[nodiscard]] static guard::told<event_file> open(const std::string& name);

    /// False when it can't be written, which is complained of once until it can again.
    bool write(const guard_event& event);

private:
    std::string name_;
    std::optional<line_log> lines_;
    bool complained_ = false;
};

/// The thread that ticks and answers commands, as long as this lives.
class guard_thread {
public:
    /// Lifetime: `service` outlives the thread.
    guard_thread(guard::guard_service& service, guard::control_socket socket, event_file events);
    ~guard_thread();
    guard_thread(const guard_thread&) = delete;
    guard_thread& operator=(const guard_thread&) = delete;

private:
    unique_fd end_;
    std::thread thread_;
};

/// `ringway guard IFACE`, once the program is attached.
class guard_process final : admin_handler::source {
public:
    /// Lifetime: `command` and `service` outlive it.
    guard_process(const guard_command& command, guard::guard_service& service,
                  guard::control_socket socket)
        : command_{command}, service_{service}, socket_{std::move(socket)} {}

    /// Until a signal ends it. Returns the exit status.
    [[nodiscard]] int run();

private:
    [[nodiscard]] bool open_metrics();
    [[nodiscard]] task<void> main();
    [[nodiscard]] task<void> follow_signals();
    [[nodiscard]] task<void> follow_link();
    void print_start() const;
    void write_metrics(std::string& out) override { service_.write_metrics(out); }
    bool healthy() override { return service_.is_attached(); }

    const guard_command& command_;
    guard::guard_service& service_;
    std::optional<guard::control_socket> socket_;
    metrics_listener metrics_;
    std::optional<signal_set> signals_;
};

}  // namespace ringway::cli
