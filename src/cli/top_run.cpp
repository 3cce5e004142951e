#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/core.h>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/log.hpp>

#include "cli/human_text.hpp"
#include "cli/top.hpp"
#include "cli/top_flows.hpp"
#include "cli/top_frame.hpp"
#include "cli/top_json.hpp"
#include "cli/top_screen.hpp"
#include "cli/top_service.hpp"
#include "cli/top_state.hpp"
#include "cli/top_terminal.hpp"
#include "monitor/collector.hpp"
#include "monitor/text_table.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int status_failed = 1;
constexpr int status_usage = 2;
constexpr milliseconds events_interval{50};
constexpr unsigned piped_width = 132;  // Where there is no terminal that says.

std::sig_atomic_t ending = 0;
void note_end(int) { ending = 1; }

void take_signals() {
    struct sigaction action{};
    action.sa_handler = note_end;
    for (const int each : {SIGINT, SIGTERM, SIGHUP}) {
        ::sigaction(each, &action, nullptr);
    }
}

monitor::collector_options collector_options_of(const top_options& options) {
    monitor::collector_options made;
    made.time_all_runs = options.once;
    made.room = {.ring_bytes = options.ring_bytes, .table_entries = options.table_entries};
    if (!options.watched.empty()) {
        made.watched.fill(false);
        for (const std::string& each : options.watched) {
            made.watched[static_cast<std::size_t>(view_of(each))] = true;
        }
    } else if (!options.all_views && options.once && options.flows.empty()) {
        made.watched.fill(false);
        made.watched[static_cast<std::size_t>(view_of(options.view))] = true;
    }
    return made;
}

// Without a screen: JSON, text, or only flow records.
class report {
public:
    report(const top_options& options, top_state state, monitor::collector& source, flow_log* flows)
        : options_{options}, state_{std::move(state)}, source_{source}, flows_{flows} {}

    [[nodiscard]] int run();

private:
    void wait();
    void look();
    void print();
    void print_view(const monitor::table& view) const;

    const top_options& options_;
    top_state state_;
    monitor::collector& source_;
    flow_log* flows_;
    monitor::snapshot now_;
    monitor::snapshot before_;
};

int report::run() {
    look();
    const std::uint64_t looks = options_.once ? 1 : options_.count;
    for (std::uint64_t i = 0; ending == 0 && (looks == 0 || i < looks); ++i) {
        wait();
        if (ending != 0 && options_.once) {
            break;
        }
        look();
        print();
        if (std::fflush(stdout) != 0) {
            return status_failed;
        }
    }
    return 0;
}

void report::wait() {
    const auto until = steady_clock::now() + options_.interval;
    while (ending == 0 && steady_clock::now() < until) {
        const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
        pollfd about{source_.event_fd(), POLLIN, 0};
        ::poll(&about, 1,
               static_cast<int>(std::clamp(left, milliseconds{0}, events_interval).count()));
        source_.take_events();
    }
}

void report::look() {
    before_ = std::exchange(now_, source_.take_snapshot());
    if (flows_ != nullptr) {
        flows_->flush();
        now_.losses.push_back({"flow records", flows_->lost(), "the disk of --flows"});
    }
}

void report::print() {
    std::vector<monitor::table> views;
    for (std::size_t i = 0; i < monitor::view_count; ++i) {
        const auto view = static_cast<monitor::view_id>(i);
        if (view == state_.view() || (options_.json && options_.all_views)) {
            views.push_back(state_.shown(view, now_, &before_));
            if (options_.rows > 0 && views.back().rows.size() > options_.rows) {
                views.back().rows.resize(options_.rows);
            }
        }
    }
    if (options_.json) {
        const double seconds = static_cast<double>(now_.at_ns - before_.at_ns) / 1e9;
        std::fputs(snapshot_json(now_, seconds, views).c_str(), stdout);
    } else if (options_.once) {
        print_view(views.front());
    }
}

void report::print_view(const monitor::table& view) const {
    const auto lines = monitor::lay_out(view, piped_width, view.rows.size());
    for (const auto& each : monitor::fact_lines(view, piped_width)) {
        print_text("{}\n", each);
    }
    if (!view.missing.empty()) {
        print_text("not here: {}\n", view.missing);
        return;
    }
    print_text("{}\n", lines.head);
    for (const auto& each : lines.rows) {
        print_text("{}\n", each);
    }
    print_text("{}\n", loss_line(now_));
}

int show(const top_options& options, top_state state, monitor::collector& source, flow_log* flows,
         bool on_screen) {
    if (!options.prometheus.empty()) {
        return run_service(options, source, flows);
    }
    if (on_screen) {
        return run_screen(options, std::move(state), source, flows);
    }
    take_signals();
    return report{options, std::move(state), source, flows}.run();
}

int say(int status, std::string_view text) {
    print_text(stderr, "ringway: {}\n", text);
    return status;
}

}  // namespace

int run_top(const top_options& options) {
    set_log_level(log_level::error);
    ::signal(SIGPIPE, SIG_IGN);
    auto state = top_state::make(options);
    if (!state) {
        return say(status_usage, state.error());
    }
    const bool silent = !options.once && !options.json && options.prometheus.empty();
    const bool screen = silent && options.flows != "-" && ::isatty(STDOUT_FILENO) == 1 &&
                        ::isatty(STDIN_FILENO) == 1;
    if (silent && !screen && options.flows.empty()) {
        return say(status_usage,
                   "this is no terminal: use --once, --json, --prometheus ADDR:PORT "
                   "or --flows FILE");
    }
    const char* const type = std::getenv("TERM");
    if (screen && !can_be_drawn_on(type == nullptr ? "" : type)) {
        return say(
            status_usage,
            fmt::format("TERM={} is no terminal to draw on: set it (TERM=xterm), or use --once",
                        type == nullptr ? "" : type));
    }
    auto source = monitor::collector::start(collector_options_of(options));
    if (!source) {
        return say(status_failed, source.error().text);
    }
    std::optional<flow_log> flows;
    if (!options.flows.empty()) {
        auto opened = flow_log::open(options.flows);
        if (!opened) {
            return say(status_failed,
                       fmt::format("--flows {}", file_text(options.flows, opened.error(), true)));
        }
        flows.emplace(*std::move(opened));
        (*source)->on_flow([&flows](const monitor::flow_record& flow) { flows->write(flow); });
    }
    flow_log* const log = flows ? &*flows : nullptr;
    const int status = show(options, *std::move(state), **source, log, screen);
    (*source)->take_events();  // What ended since the last look is written too.
    if (flows) {
        flows->flush();
        if (flows->lost() > 0) {
            return say(status_failed, fmt::format("{} flow records could not be written to {}",
                                                  flows->lost(), options.flows));
        }
    }
    return status;
}

}  // namespace ringway::cli
