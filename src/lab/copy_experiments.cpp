// The group `copy`: copying in every way, beside cp, dd and rsync, each as a program of its own.
#include <array>
#include <chrono>
#include <fmt/core.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ringway/copy/settings.hpp>

#include "lab/bench_groups.hpp"
#include "lab/copy_target.hpp"
#include "lab/machine.hpp"
#include "lab/process.hpp"
#include "lab/served_rows.hpp"

namespace ringway::lab {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
constexpr std::chrono::minutes patience{10};

using target = std::shared_ptr<const copy_target>;

// A program with its arguments; "{from}" and "{to}" in them become the names.
using command = std::vector<std::string>;

command with_names(const command& what, const copy_target& of) {
    command ready;
    for (std::string each : what) {
        for (const auto& [mark, name] : {std::pair<std::string, std::string>{"{from}", of.source()},
                                         {"{to}", of.destination()}}) {
            if (const auto at = each.find(mark); at != std::string::npos) {
                each.replace(at, mark.size(), name);
            }
        }
        ready.push_back(std::move(each));
    }
    return ready;
}

outcome<measurement> measure_copy(const copy_target& of, const command& what, bool cold) {
    of.remove_copy();
    if (auto ready = of.make_resident(!cold); !ready) {
        return std::unexpected{ready.error()};
    }
    const auto begin = std::chrono::steady_clock::now();
    auto running = process::start_anywhere(with_names(what, of));
    if (!running) {
        return std::unexpected{running.error()};
    }
    const auto status = running->wait(patience);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    if (!status || *status != 0) {
        of.remove_copy();
        return std::unexpected{status ? running->errors() : status.error()};
    }
    measurement found;
    const std::uint64_t operations = of.count() == 1 ? of.bytes() / mebibyte : of.count();
    found.set_counts(operations, of.bytes(), taken.count());
    const auto cpu = static_cast<double>(running->cpu_time().count());
    found.set(metric::cpu, cpu / static_cast<double>(operations));
    found.set(metric::busy, cpu / 1e4 / taken.count());
    found.failed = of.is_copied() ? 0 : 1;
    of.remove_copy();
    return found;
}

struct copier {
    std::string subject;
    command what;
};

// Everybody warm, then everybody cold.
void add_rows(bench_plan& plan, const target& of, const std::vector<copier>& all) {
    for (const bool cold : {false, true}) {
        for (const auto& [subject, what] : all) {
            const std::string test = cold ? "cold" : "warm";
            if (what.front().find('/') == std::string::npos && !has_program(what.front())) {
                plan.rows.push_back(missing_row(
                    test, subject, fmt::format("needs {0}: apt install {0}", what.front())));
                continue;
            }
            plan.rows.push_back(
                {.test = test,
                 .subject = subject,
                 .measure = [of, what,
                             cold](const trial&) { return measure_copy(*of, what, cold); },
                 .not_measured = {},
                 .claims = {}});
        }
    }
}

bench_plan plan_of(std::string title, std::string operation) {
    return {
        .title = std::move(title),
        .operation = std::move(operation),
        .baseline = "cp",
        .ratios = {metric::rate, metric::cpu},
        .rows = {},
        .charts = {{metric::rate}, {metric::cpu}},
        .notes = {"Warm: the source is in the page cache. Cold: it was dropped from it; the host "
                  "of a virtual machine may still have it. Nobody syncs: what is measured ends "
                  "when the program does, as for cp."},
        .before_round = {}};
}

outcome<target> make_target(const bench_settings& settings, std::size_t count,
                            std::uint64_t bytes_each) {
    settings.tell("copy: writing what is copied");
    auto made = copy_target::make(settings.directory, count, bytes_each, settings.seed);
    if (!made) {
        return std::unexpected{made.error()};
    }
    return target{*std::move(made)};
}

outcome<bench_plan> plan_large(const bench_settings& settings) {
    const std::uint64_t size = (settings.quick ? 64 : 4096) * mebibyte;
    const auto of = make_target(settings, 1, size);
    if (!of) {
        return std::unexpected{of.error()};
    }
    auto plan = plan_of(fmt::format("one file of {} MiB", size / mebibyte), "MiB");
    std::vector<copier> all{{"cp", {"cp", "{from}", "{to}"}},
                            {"dd", {"dd", "if={from}", "of={to}", "bs=1M", "status=none"}},
                            {"rsync", {"rsync", "{from}", "{to}"}},
                            {"ringway cp", {settings.program, "cp", "{from}", "{to}"}}};
    for (const copy_method each : copy_methods()) {
        if (each != copy_method::automatic) {
            all.push_back({fmt::format("ringway cp, {}", name_of(each)),
                           {settings.program, "cp", fmt::format("--method={}", name_of(each)),
                            "{from}", "{to}"}});
        }
    }
    add_rows(plan, *of, all);
    if (host_takes_free_memory()) {
        plan.notes.emplace_back(
            "The host of this virtual machine takes free memory back: copies into memory that was "
            "free for some seconds cost up to three times as much, whoever makes them.");
    }
    return plan;
}

outcome<bench_plan> plan_tree(const bench_settings& settings, std::size_t count,
                              std::uint64_t bytes_each, std::string_view size) {
    const auto of = make_target(settings, count, bytes_each);
    if (!of) {
        return std::unexpected{of.error()};
    }
    auto plan = plan_of(fmt::format("{} files of {}", count, size), "file");
    std::vector<copier> all{{"cp", {"cp", "-r", "{from}", "{to}"}},
                            {"rsync", {"rsync", "-r", "{from}/", "{to}"}}};
    for (const unsigned jobs : {2U, 1U, 4U}) {
        all.push_back(
            {jobs == 2 ? "ringway cp" : fmt::format("ringway cp -j {}", jobs),
             {settings.program, "cp", "-r", fmt::format("-j{}", jobs), "{from}", "{to}"}});
    }
    add_rows(plan, *of, all);
    plan.notes.emplace_back("dd copies one file, and so has no row.");
    return plan;
}

outcome<bench_plan> plan_medium(const bench_settings& settings) {
    return plan_tree(settings, settings.quick ? 50 : 1000, mebibyte, "1 MiB");
}

outcome<bench_plan> plan_small(const bench_settings& settings) {
    constexpr std::uint64_t small_bytes = 4096;
    return plan_tree(settings, settings.quick ? 1000 : 100'000, small_bytes, "4 KiB");
}

constexpr std::array<bench_experiment, 3> experiments{{
    {"large", "one file of 4 GB in every way, against cp, dd and rsync", plan_large},
    {"medium", "1,000 files of 1 MB, against cp and rsync", plan_medium},
    {"small", "100,000 files of 4 KB, against cp and rsync", plan_small},
}};

}  // namespace

std::span<const bench_experiment> copy_experiments() { return experiments; }

}  // namespace ringway::lab
