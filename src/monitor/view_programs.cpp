// Views about what programs do: connects that fail, io_uring's operations, BPF programs.
#include <algorithm>
#include <array>

#include "monitor/address_text.hpp"
#include "monitor/views.hpp"

namespace ringway::monitor::detail {
namespace {

constexpr std::array connect_columns{
    column{"remote", "TO", cell_kind::text, 15, 0, true},
    column{"reason", "REASON", cell_kind::text, 12, 0, true},
    column{"failed", "FAILED", cell_kind::count, 7, 0},
    column{"took_us", "TOOK", cell_kind::microseconds, 7, 0},
    column{"longest_us", "LONGEST", cell_kind::microseconds, 7, 2},
    column{"last_s", "AGO", cell_kind::seconds, 6, 1},
    column{"pid", "PID", cell_kind::id, 7, 3},
    column{"process", "PROCESS", cell_kind::text, 8, 0, true},
    column{"container", "CONTAINER", cell_kind::text, 9, 1, true},
};

row connect_row(const failed_connect& of, const snapshot& now) {
    return {cell::of(endpoint_text(of.remote, of.port)),
            cell::of(of.reason),
            cell::of(of.count),
            of.count == 0
                ? cell::nothing()
                : cell::of(static_cast<double>(of.took_us_sum) / static_cast<double>(of.count)),
            cell::of(of.took_us_max),
            cell::of(static_cast<double>(now.at_ns - std::min(of.last_ns, now.at_ns)) / 1e9),
            of.whose.process == 0 ? cell::nothing() : cell::of(std::uint64_t{of.whose.process}),
            cell::of(printable(of.whose.name)),
            cell::of(printable(of.whose.container))};
}

constexpr std::array uring_columns{
    column{"op", "OPERATION", cell_kind::text, 12, 0, true},
    column{"ops_s", "OPS/s", cell_kind::per_second, 7, 0},
    column{"submitted", "SUBMITTED", cell_kind::count, 9, 0},
    column{"completed", "COMPLETED", cell_kind::count, 9, 2},
    column{"failed", "FAILED", cell_kind::count, 6, 0},
    column{"p50_us", "P50<=", cell_kind::microseconds, 7, 0},
    column{"p99_us", "P99<=", cell_kind::microseconds, 7, 0},
    column{"mean_us", "MEAN", cell_kind::microseconds, 7, 1},
    column{"sampled", "SAMPLED", cell_kind::count, 7, 3},
    column{"pid", "PID", cell_kind::id, 7, 4},
    column{"process", "MOSTLY BY", cell_kind::text, 12, 0, true},
    column{"container", "CONTAINER", cell_kind::text, 9, 5, true},
};

const uring_user* busiest(const snapshot& now, std::string_view op) {
    const uring_user* most = nullptr;
    for (const uring_user& each : now.uring_users) {
        if (each.op_name == op && (most == nullptr || each.submitted > most->submitted)) {
            most = &each;
        }
    }
    return most;
}

row uring_row(const uring_op& of, const monitor_uring_op& was, const uring_user* by,
              double seconds) {
    const monitor_uring_op& seen = of.seen;
    const bool timed = seen.sampled > 0;
    const auto latency = [&seen, timed](double share) {
        return timed ? cell::of(quantile_us(seen.latency_us, share)) : cell::nothing();
    };
    return {cell::of(of.name),
            cell::of(rate(seen.submitted, was.submitted, seconds)),
            cell::of(std::uint64_t{seen.submitted}),
            cell::of(std::uint64_t{seen.completed}),
            cell::of(std::uint64_t{seen.failed}),
            latency(0.5),
            latency(0.99),
            timed ? cell::of(static_cast<double>(seen.sampled_us_sum) /
                             static_cast<double>(seen.sampled))
                  : cell::nothing(),
            cell::of(std::uint64_t{seen.sampled}),
            by == nullptr ? cell::nothing() : cell::of(std::uint64_t{by->whose.process}),
            cell::of(by == nullptr ? std::string{} : printable(by->whose.name)),
            cell::of(by == nullptr ? std::string{} : printable(by->whose.container))};
}

constexpr std::array program_columns{
    column{"id", "ID", cell_kind::id, 6, 1, true},
    column{"name", "NAME", cell_kind::text, 15, 0, true},
    column{"type", "TYPE", cell_kind::text, 10, 1, true},
    column{"whose", "WHOSE", cell_kind::text, 7, 0},
    column{"cpu", "CPU", cell_kind::percent, 7, 0},
    column{"runs_s", "RUNS/s", cell_kind::per_second, 7, 0},
    column{"run_ns", "EACH", cell_kind::nanoseconds, 7, 0},
    column{"runs", "RUNS", cell_kind::count, 8, 2},
    column{"time_us", "TIME", cell_kind::microseconds, 8, 2},
};

}  // namespace

table connects_view(const snapshot& now, const snapshot* before) {
    table made;
    made.columns.assign(connect_columns.begin(), connect_columns.end());
    for (const failed_connect& each : now.failed) {
        made.rows.push_back(connect_row(each, now));
    }
    const double seconds = seconds_between(now, before);
    const monitor_tcp_totals none{};
    const monitor_tcp_totals& was = before != nullptr ? before->tcp : none;
    made.facts = {
        {"connected", "connected", cell_kind::count, static_cast<double>(now.tcp.connected)},
        {"connected_s", "at", cell_kind::per_second,
         rate(now.tcp.connected, was.connected, seconds)},
        {"connect_p50_us", "within (median)", cell_kind::microseconds,
         quantile_us(now.tcp.connect_us, 0.5)},
        {"connect_p99_us", "(p99)", cell_kind::microseconds, quantile_us(now.tcp.connect_us, 0.99)},
        {"failed", "failed", cell_kind::count, static_cast<double>(now.tcp.failed)},
        {"failed_s", "at", cell_kind::per_second, rate(now.tcp.failed, was.failed, seconds)},
    };
    return made;
}

table uring_view(const snapshot& now, const snapshot* before) {
    table made;
    made.columns.assign(uring_columns.begin(), uring_columns.end());
    const double seconds = seconds_between(now, before);
    double per_second = 0;
    for (const uring_op& each : now.uring) {
        monitor_uring_op was{};
        if (before != nullptr) {
            const auto found = std::ranges::find(before->uring, each.name, &uring_op::name);
            was = found != before->uring.end() ? found->seen : was;
        }
        made.rows.push_back(uring_row(each, was, busiest(now, each.name), seconds));
        per_second += rate(each.seen.submitted, was.submitted, seconds);
    }
    made.facts = {{"ops_s", "operations", cell_kind::per_second, per_second},
                  {"sampled_one_in", "timed: one in", cell_kind::count, 64}};
    return made;
}

namespace {

// Runs are counted only while they are timed. A short time since the last look says little: then it
// is all of the time since the beginning.
struct timed_interval {
    const snapshot* before;
    double seconds;
};

timed_interval timed_since(const snapshot& now, const snapshot* before) {
    constexpr std::uint64_t enough_ns = 90'000'000;
    const std::uint64_t was = before != nullptr ? before->programs_timed_ns : 0;
    const bool enough = now.programs_timed_ns >= was + enough_ns;
    const std::uint64_t ns = now.programs_timed_ns - (enough ? was : 0);
    return {enough ? before : nullptr, std::max(static_cast<double>(ns) / 1e9, 1e-3)};
}

}  // namespace

table programs_view(const snapshot& now, const snapshot* last) {
    table made;
    made.columns.assign(program_columns.begin(), program_columns.end());
    const auto [before, seconds] = timed_since(now, last);
    double ours = 0;
    double all = 0;
    for (const program_cost& each : now.programs) {
        program_cost was;
        if (before != nullptr) {
            const auto found = std::ranges::find(before->programs, each.id, &program_cost::id);
            was = found != before->programs.end() ? *found : was;
        }
        const double cpu = rate(each.run_time_ns, was.run_time_ns, seconds) / 1e9 * 100;
        const double runs = rate(each.runs, was.runs, seconds);
        all += cpu;
        ours += each.ours ? cpu : 0;
        made.rows.push_back(
            {cell::of(std::uint64_t{each.id}), cell::of(printable(each.name)), cell::of(each.type),
             cell::of(std::string{each.ours ? "top" : "other"}), cell::of(cpu), cell::of(runs),
             each.runs == 0
                 ? cell::nothing()
                 : cell::of(static_cast<double>(each.run_time_ns) / static_cast<double>(each.runs)),
             cell::of(each.runs), cell::of(static_cast<double>(each.run_time_ns) / 1000)});
    }
    made.facts = {
        {"programs", "programs", cell_kind::count, static_cast<double>(now.programs.size())},
        {"cpu", "processor: all", cell_kind::percent, all},
        {"our_cpu", "top's own", cell_kind::percent, ours},
        {"snapshot_us", "a look takes", cell_kind::microseconds, static_cast<double>(now.took_us)}};
    return made;
}

}  // namespace ringway::monitor::detail
