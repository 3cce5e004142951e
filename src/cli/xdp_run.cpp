#include "cli/xdp_run.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include <ringway/coro/event.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/xdp/steering.hpp>

#include "cli/xdp_loop.hpp"
#include "cli/xdp_options.hpp"
#include "cli/xdp_session.hpp"

namespace ringway::cli {
namespace {

task<void> until_stopped() {
    event never;
    (void)co_await never.wait();
}

std::vector<xdp_report::row> rows_of(const xdp_options& options, const xdp::steering_counts& now) {
    const bool reflects = options.verb == xdp_verb::reflect;
    const auto& meant = reflects ? now.reflected : now.dropped;
    if (options.verb == xdp_verb::pass) {
        return {{"passed", now.passed.packets}, {"passed_bytes", now.passed.bytes, false}};
    }
    return {{reflects ? "reflected" : "dropped", meant.packets},
            {reflects ? "reflected_bytes" : "dropped_bytes", meant.bytes, false},
            {"passed", now.passed.packets},
            {"passed_bytes", now.passed.bytes, false}};
}

xdp::verdict verdict_of(xdp_verb verb) {
    switch (verb) {
        case xdp_verb::drop: return xdp::verdict::drop;
        case xdp_verb::reflect: return xdp::verdict::reflect;
        default: return xdp::verdict::pass;
    }
}

}  // namespace

int run_xdp_counting(const xdp_options& options, xdp_loop& loop) {
    if (options.verb != xdp_verb::pass) {
        if (const auto allowed = check_reach(options, options.interface); !allowed) {
            return refuse_xdp(allowed.error());
        }
    }
    auto rules = rules_of(options);
    if (!rules) {
        return refuse_xdp(rules.error());
    }
    auto port = open_port(options, options.interface,
                          {.matched = verdict_of(options.verb), .rules = *std::move(rules)});
    if (!port) {
        return refuse_xdp(port.error());
    }
    tell_port(options, *port);
    loop.show(*port);
    xdp_report report{options};
    const auto begin = std::chrono::steady_clock::now();
    const int status = loop.run(options, until_stopped, [&](double seconds) {
        report.tell(rows_of(options, port->program->counts()), seconds);
    });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    report.tell_total(rows_of(options, port->program->counts()), took.count());
    return status;
}

int run_xdp(const xdp_options& options) {
    if (options.verb == xdp_verb::status) {
        return run_xdp_status(options);
    }
    const auto opened = xdp_loop::open(options);
    if (!opened) {
        return refuse_xdp(opened.error());
    }
    xdp_loop& loop = **opened;
    switch (options.verb) {
        case xdp_verb::respond: return run_xdp_respond(options, loop);
        case xdp_verb::forward: return run_xdp_forward(options, loop);
        case xdp_verb::gen: return run_xdp_gen(options, loop);
        case xdp_verb::ping: return run_xdp_ping(options, loop);
        case xdp_verb::capture: return run_xdp_capture(options, loop);
        default: return run_xdp_counting(options, loop);
    }
}

}  // namespace ringway::cli
