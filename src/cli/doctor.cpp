#include "cli/doctor.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <sys/utsname.h>
#include <unistd.h>
#include <utility>

#include <ringway/probe/examine.hpp>
#include <ringway/ring/driver.hpp>

#include "cli/advice_report.hpp"
#include "cli/doctor_report.hpp"
#include "cli/version.hpp"
#include "lab/results_json.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

// What serve itself asks at its start.
probe::finding driver_row() {
    probe::finding row{.id = "serving.driver",
                       .about = probe::topic::serving,
                       .name = "driver",
                       .found_by = "as serve chooses it",
                       .why = "Shards run on io_uring, or on epoll where they must",
                       .for_serve = true};
    const auto chosen = choose_driver(driver_kind::automatic);
    if (!chosen) {
        row.has = probe::state::no;
        row.detail = "RINGWAY_DRIVER makes no sense: auto, io_uring or epoll";
        row.fix = "unset RINGWAY_DRIVER";
        return row;
    }
    const bool full = chosen->kind == driver_kind::io_uring;
    row.has = full ? probe::state::yes : probe::state::partial;
    row.detail = (full ? "io_uring, " : "epoll, ") + chosen->reason;
    if (!full && chosen->reason.contains("RINGWAY_DRIVER")) {
        row.fix = "unset RINGWAY_DRIVER";
    }
    return row;
}

bool wants_colours() {
    const char* const none = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && (none == nullptr || *none == '\0') &&
           (terminal == nullptr || std::string_view{terminal} != "dumb");
}

doctor_report examine_all(const doctor_options& options) {
    utsname names{};
    ::uname(&names);
    doctor_report report{.version = std::string{version_number()},
                         .kernel = names.release,
                         .root = ::geteuid() == 0};
    auto tried = probe::examine({.try_interface = options.try_interface,
                                 .time = options.time,
                                 .interface = options.interface});
    report.rows.push_back(driver_row());
    std::ranges::move(tried, std::back_inserter(report.rows));
    return report;
}

// Results that were named must be there; those of the default place may be.
bool read_results(const doctor_options& options, advice_report& into,
                  std::optional<lab::bench_run_record>& results) {
    into.results_path = options.results.empty() ? default_results_path() : options.results;
    std::error_code ignored;
    if (options.results.empty() && !std::filesystem::exists(into.results_path, ignored)) {
        return true;
    }
    auto read = lab::read_record(into.results_path);
    if (!read) {
        print_text(stderr, "ringway: {}\n", read.error());
        return false;
    }
    results = *std::move(read);
    into.results = &*results;
    return true;
}

int run_advise(const doctor_options& options) {
    advice_report advice{.what = options.described};
    std::optional<lab::bench_run_record> results;
    if (!read_results(options, advice, results)) {
        return 1;
    }
    const auto machine = examine_all(options);
    advice.kernel = machine.kernel;
    advice.all = advise(advice.what, machine.rows);
    const auto text = options.json ? as_json(advice) : as_text(advice, wants_colours());
    std::fputs(text.c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int run_doctor(const doctor_options& options) {
    if (options.advise) {
        return run_advise(options);
    }
    const auto report = examine_all(options);
    const report_style style{
        .colours = wants_colours(), .verbose = options.verbose, .topics = options.topics};
    const auto text = options.commands_only ? fixes_of(report)
                      : options.json        ? as_json(report, style)
                                            : as_text(report, style);
    std::fputs(text.c_str(), stdout);
    return std::fflush(stdout) == 0 && probe::judge(report.rows).full_strength() ? 0 : 1;
}

}  // namespace ringway::cli
