#include "cli/top_service.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/signals.hpp>
#include <ringway/runtime/sleep.hpp>

#include "cli/admin_handler.hpp"
#include "cli/metrics_server.hpp"
#include "cli/top_flows.hpp"
#include "monitor/metrics_text.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds events_interval{50};
constexpr milliseconds page_age_max{500};  // Two scrapers at once cost one look.
constexpr int status_failed = 1;
constexpr int status_wrong_option = 2;

class service final : public admin_handler::source {
public:
    service(monitor::collector& from, flow_log* flows, signal_set signals,
            metrics_listener listener)
        : from_{from},
          flows_{flows},
          signals_{std::move(signals)},
          listener_{std::move(listener)} {}

    task<void> main();

    void write_metrics(std::string& out) override;
    [[nodiscard]] bool healthy() override { return true; }

private:
    task<void> follow_events();

    monitor::collector& from_;
    flow_log* flows_;
    signal_set signals_;
    metrics_listener listener_;
    std::string page_;
    std::optional<steady_clock::time_point> page_made_;
};

task<void> service::main() {
    scope work;
    work.spawn(serve_metrics(std::move(listener_), *this));
    work.spawn(follow_events());
    static_cast<void>(co_await signals_.next());
    work.request_stop();
    co_await work.join();
    signals_.close();
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
    auto signals = signal_set::open({SIGINT, SIGTERM, SIGHUP});
    if (!signals) {
        return say(describe(signals.error()));
    }
    auto listener = listen_for_metrics("--prometheus", options.prometheus);
    if (!listener) {
        const auto status = say(listener.error().text);
        return listener.error().why.code == errc::malformed ? status_wrong_option : status;
    }
    driver_options small;
    small.submission_entries = 128;
    small.completion_entries = 512;
    small.buffer_count = 64;
    small.buffer_bytes = 4096;
    auto made = cluster::make(
        {.shards = 1, .pin = false, .driver = options.driver, .driver_settings = small});
    if (!made) {
        return say(fmt::format("the event loop could not start: {}",
                               explain_driver_refusal(made.error())));
    }
    service runs{source, flows, *std::move(signals), *std::move(listener)};
    const auto ran = (*made)->run([&runs](shard&) { return runs.main(); });
    return ran ? 0 : say(describe(ran.error()));
}

}  // namespace ringway::cli
