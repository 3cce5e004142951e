#include "cli/top_service.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/http/connection_gate.hpp>
#include <ringway/http/server.hpp>
#include <ringway/net/listener.hpp>
#include <ringway/observe/http_metrics.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/signals.hpp>
#include <ringway/runtime/sleep.hpp>

#include "cli/admin_handler.hpp"
#include "cli/top_flows.hpp"
#include "cli/when_free.hpp"
#include "monitor/metrics_text.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds events_interval{50};
constexpr milliseconds page_age_max{500};  // Two scrapers at once cost one look.
constexpr int status_failed = 1;

class service final : public admin_handler::source {
public:
    service(monitor::collector& from, flow_log* flows, signal_set signals, unique_fd listener,
            std::string address)
        : from_{from},
          flows_{flows},
          signals_{std::move(signals)},
          listener_{std::move(listener)},
          address_{std::move(address)} {}

    task<void> main();

    void write_metrics(std::string& out) override;
    [[nodiscard]] bool healthy() override { return true; }

private:
    task<void> serve();
    task<void> follow_events();

    monitor::collector& from_;
    flow_log* flows_;
    signal_set signals_;
    unique_fd listener_;
    std::string address_;
    std::string page_;
    std::optional<steady_clock::time_point> page_made_;
};

task<void> service::main() {
    scope work;
    work.spawn(serve());
    work.spawn(follow_events());
    print_text(stderr, "ringway: metrics at http://{}/metrics\n", address_);
    static_cast<void>(co_await signals_.next());
    work.request_stop();
    co_await work.join();
    signals_.close();
}

task<void> service::serve() {
    observe::http_metrics metrics;
    admin_handler handler{*this};
    http::connection_gate gate{{.total_max = 64, .per_address_max = 0}};
    const http::session_limits limits;
    http::session_context context{handler, limits, transfer_method::copy, metrics, nullptr, 0};
    http::server server{context, gate};
    co_await server.accept_on(listener_.release(), observe::transport::tcp);
    stop_source unstopped;  // Ours is: what is being answered may still end.
    co_await server.finish(std::chrono::seconds{1}).under(unstopped);
}

// The ring of ended connections must not overflow between two scrapes.
task<void> service::follow_events() {
    for (;;) {
        const auto slept = co_await sleep_for(events_interval);
        if (!slept) {
            break;
        }
        from_.take_events();
        if (flows_ != nullptr) {
            flows_->flush();
        }
    }
    from_.take_events();
}

void service::write_metrics(std::string& out) {
    const auto now = steady_clock::now();
    if (!page_made_ || now - *page_made_ >= page_age_max) {
        auto seen = from_.take_snapshot();
        if (flows_ != nullptr) {
            seen.losses.push_back({"flow records", flows_->lost(), "the disk of --flows"});
        }
        page_.clear();
        monitor::append_metrics(page_, seen);
        page_made_ = now;
    }
    out += page_;
}

int say(std::string_view text) {
    print_text(stderr, "ringway: {}\n", text);
    return status_failed;
}

}  // namespace

int run_service(const top_options& options, monitor::collector& source, flow_log* flows) {
    std::string_view reason;
    const auto where = parse_endpoint(options.prometheus, &reason);
    if (!where) {
        print_text(stderr, "ringway: --prometheus: {}\n", reason);
        return 2;
    }
    driver_options small;
    small.submission_entries = 128;
    small.completion_entries = 512;
    small.buffer_count = 64;
    small.buffer_bytes = 4096;
    auto made = cluster::make(
        {.shards = 1, .pin = false, .driver = options.driver, .driver_settings = small});
    if (!made) {
        return say(fmt::format("the event loop could not start: {}", describe(made.error())));
    }
    auto listener = when_free([&] { return open_listener(*where); });
    if (!listener) {
        return say(explain_listen_failure(*where, listener.error()));
    }
    const auto bound = local_endpoint(listener->get());
    auto signals = signal_set::open({SIGINT, SIGTERM, SIGHUP});
    if (!signals) {
        return say(describe(signals.error()));
    }
    service runs{source, flows, *std::move(signals), *std::move(listener),
                 bound ? bound->to_text() : options.prometheus};
    const auto ran = (*made)->run([&runs](shard&) { return runs.main(); });
    return ran ? 0 : say(describe(ran.error()));
}

}  // namespace ringway::cli
