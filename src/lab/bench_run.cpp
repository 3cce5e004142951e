#include "lab/bench_run.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/assert.hpp>

#include "lab/machine.hpp"

namespace ringway::lab {
namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Processor time of this process and of the children that it has waited for.
double own_seconds() {
    double all = 0;
    for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage used{};
        ::getrusage(who, &used);
        all += seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    }
    return all;
}

struct reading {
    machine_ticks ticks = read_machine_ticks();
    double own = own_seconds();
    std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
};

void note_surroundings(measurement& of, const reading& from, const reading& to) {
    const double wall = std::chrono::duration<double>(to.at - from.at).count();
    const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto busy = static_cast<double>((to.ticks.total - to.ticks.idle) -
                                          (from.ticks.total - from.ticks.idle)) /
                      per_second;
    if (wall <= 0) {
        return;
    }
    of.set(metric::others, std::max(0.0, busy - (to.own - from.own)) / wall * 100);
    of.set(metric::stolen, use_between(from.ticks, to.ticks).stolen);
}

experiment_result result_of(const bench_plan& plan, std::string_view group, std::string_view name) {
    experiment_result made{.group = std::string{group},
                           .name = std::string{name},
                           .title = plan.title,
                           .operation = plan.operation,
                           .baseline = plan.baseline,
                           .ratios = plan.ratios,
                           .rows = {},
                           .charts = plan.charts,
                           .notes = plan.notes};
    for (const auto& row : plan.rows) {
        RW_ASSERT(row.measure || !row.not_measured.empty());
        made.rows.push_back({.test = row.test,
                             .subject = row.subject,
                             .not_measured = row.not_measured,
                             .claims = row.claims,
                             .rounds = {},
                             .round_numbers = {}});
    }
    return made;
}

void note_once(std::vector<std::string>& notes, const std::string& text) {
    if (!text.empty() && std::ranges::find(notes, text) == notes.end()) {
        notes.push_back(text);
    }
}

// What a run keeps beside its result.
struct run_state {
    bench_plan& plan;
    const bench_settings& settings;
    experiment_result result;
    std::vector<double> syscalls;  // Of each row, from the round that counts them.
    unsigned done = 0;
};

// What fails at first, in the warm-up and again, is not tried any more; a machine that is busy for
// a moment does not cost a row.
void note_failure(run_state& run, std::size_t index, std::string problem) {
    problem.erase(problem.find_last_not_of('\n') + 1);
    std::ranges::replace(problem, '\n', ' ');  // What a program said; a cell is one line.
    auto& row = run.plan.rows[index];
    auto& into = run.result.rows[index];
    if (!into.rounds.empty()) {
        note_once(run.result.notes, fmt::format("{}, {}: {}", row.test, row.subject, problem));
    } else if (!into.not_measured.empty()) {
        row.measure = nullptr;
    } else {
        into.not_measured = std::move(problem);
    }
}

void measure_row(run_state& run, std::size_t index, const trial& how) {
    auto& row = run.plan.rows[index];
    auto& into = run.result.rows[index];
    if (!row.measure) {
        return;
    }
    run.settings.tell(fmt::format(
        "{} {}, {}: {}", run.result.group, run.result.name,
        how.counting ? std::string{"warm-up"}
                     : fmt::format("round {} of {}", how.round + 1, run.settings.rounds),
        row.test.empty() ? row.subject : row.test + ", " + row.subject));
    const reading before;
    auto one = row.measure(how);
    const reading after;
    if (run.settings.ends()) {
        run.result.complete = false;
        return;
    }
    if (!one) {
        note_failure(run, index, one.error());
        return;
    }
    into.not_measured.clear();
    note_once(run.result.notes, one->remark);
    if (how.counting) {
        run.syscalls[index] = one->get(metric::syscalls);
        return;
    }
    one->set(metric::syscalls, run.syscalls[index]);
    note_surroundings(*one, before, after);
    into.rounds.push_back(*std::move(one));
    into.round_numbers.push_back(how.round);
}

void run_round(run_state& run, const trial& how) {
    if (run.plan.before_round) {
        run.plan.before_round(how.round);
    }
    for (const auto index : order_of_round(run.plan, how.round)) {
        if (run.settings.ends()) {
            run.result.complete = false;
            return;
        }
        measure_row(run, index, how);
    }
}

void note_lacking_rows(experiment_result& of) {
    for (auto& row : of.rows) {
        if (row.rounds.empty() && row.not_measured.empty()) {
            row.not_measured = "it was ended before";
        }
    }
}

}  // namespace

std::vector<std::size_t> order_of_round(const bench_plan& plan, unsigned round) {
    std::vector<std::string_view> tests;
    for (const auto& row : plan.rows) {
        if (std::ranges::find(tests, row.test) == tests.end()) {
            tests.push_back(row.test);
        }
    }
    std::vector<std::size_t> order;
    for (const auto& test : tests) {
        const auto begin = static_cast<std::ptrdiff_t>(order.size());
        for (std::size_t i = 0; i < plan.rows.size(); ++i) {
            if (plan.rows[i].test == test) {
                order.push_back(i);
            }
        }
        const auto count = static_cast<std::ptrdiff_t>(order.size()) - begin;
        std::rotate(order.begin() + begin,
                    order.begin() + begin + static_cast<std::ptrdiff_t>(round) % count,
                    order.end());
        if (round % 2 == 1) {  // Nobody always follows the same one, and inherits its traces.
            std::reverse(order.begin() + begin + 1, order.end());
        }
    }
    return order;
}

experiment_result run_plan(bench_plan& plan, std::string_view group, std::string_view name,
                           const bench_settings& settings) {
    RW_ASSERT(settings.rounds > 0 && settings.seconds > 0);
    run_state run{.plan = plan,
                  .settings = settings,
                  .result = result_of(plan, group, name),
                  .syscalls = std::vector<double>(plan.rows.size(),
                                                  std::numeric_limits<double>::quiet_NaN())};
    run_round(run,
              {.settings = settings, .seconds = std::min(settings.seconds, 0.5), .counting = true});
    for (unsigned round = 0; round < settings.rounds && run.result.complete; ++round) {
        run_round(run, {.settings = settings, .round = round, .seconds = settings.seconds});
    }
    if (!run.result.complete) {
        note_lacking_rows(run.result);
    }
    return std::move(run.result);
}

}  // namespace ringway::lab
