#include "cli/advice_report.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace ringway::cli {
namespace {

using probe::finding;
using probe::state;

const std::vector<finding>& rows() {
    static const std::vector<finding> all{{.id = "xdp.zero_copy",
                                           .name = "frames without copying",
                                           .has = state::no,
                                           .detail = "not by eth0 (virtio_net)",
                                           .fix = "another card"},
                                          {.id = "limits.nofile",
                                           .name = "descriptors",
                                           .has = state::partial,
                                           .detail = "1024",
                                           .fix = "ulimit -n 65536"}};
    return all;
}

advice_report example(std::string_view use) {
    const auto what = *workload_of(use);
    return {.what = what,
            .all = advise(what, rows()),
            .results_path = "/state/bench.json",
            .kernel = "6.1"};
}

TEST(advice_report, tells_choice_reason_command_and_what_would_be_better) {
    const auto text = as_text(example("trading"), false);
    EXPECT_EQ(text.find("Trading: 150 B each, 100000 a second, 20 us"), 0U);
    EXPECT_NE(text.find("\nruntime   a thread on each core that spins on epoll\n"),
              std::string::npos);
    EXPECT_NE(text.find("better: AF_XDP without copying"), std::string::npos);
    EXPECT_NE(text.find("to get it: another card"), std::string::npos);
    EXPECT_NE(text.find("do: ulimit -n 65536"), std::string::npos);
    EXPECT_NE(text.find("there is no /state/bench.json"), std::string::npos);
    EXPECT_NE(text.find("mkdir -p /state && ringway bench all"), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_NE(as_text(example("trading"), true).find("\x1b[1m"), std::string::npos);
}

TEST(advice_report, fits_into_80_columns) {
    for (const auto use : use_names()) {
        std::istringstream lines{as_text(example(use), false)};
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 80U) << line;
        }
    }
}

TEST(advice_report, json_has_all) {
    const auto all = nlohmann::json::parse(as_json(example("trading")));
    EXPECT_EQ(all["ringway_doctor_advice"], 1);
    EXPECT_EQ(all["use"], "trading");
    EXPECT_EQ(all["workload"]["size"], 150);
    EXPECT_EQ(all["workload"]["latency"], 20);
    ASSERT_GE(all["advice"].size(), 4U);
    EXPECT_EQ(all["advice"][0]["aspect"], "runtime");
    EXPECT_EQ(all["advice"][0]["better"][0]["missing"][0]["id"], "xdp.zero_copy");
    EXPECT_EQ(all["advice"][2]["aspect"], "io");
    EXPECT_EQ(all["results"], "");
    EXPECT_FALSE(all["advice"][0].contains("figure"));
}

TEST(advice_report, figures_of_another_kernel_are_told_as_such) {
    lab::bench_run_record run;
    run.machine = {{"kernel", "5.10"}};
    auto report = example("iot");
    report.results = &run;
    EXPECT_NE(as_text(report, false).find("of another kernel"), std::string::npos);
    run.machine["kernel"] = "6.1";
    EXPECT_NE(as_text(report, false).find("Figures are from /state/bench.json"), std::string::npos);
}

}  // namespace
}  // namespace ringway::cli
