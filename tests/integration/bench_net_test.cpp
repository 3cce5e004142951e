// Goal: `ringway bench` measures servers as processes of their own, keeps and compares what it
// found, ends when it is told to, and leaves nothing behind.
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ringway/runtime/cluster.hpp>

#include "support/child_process.hpp"
#include "support/file_systems.hpp"
#include "support/need_kernel.hpp"
#include "support/patience.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

class bench_net : public ::testing::Test {
protected:
    void SetUp() override {
        if (cluster::usable_cores() < 2) {
            GTEST_SKIP() << "a server and its load need two cores";
        }
    }

    [[nodiscard]] launch bench(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "bench");
        return {.program = RINGWAY_BINARY,
                .arguments = std::move(arguments),
                .environment = {{"TMPDIR", temporary_.path()}}};
    }

    // Runs an experiment as briefly as can be; every row of its result.
    [[nodiscard]] nlohmann::json rows_of(const std::string& table, const std::string& experiment,
                                         const std::string& connections,
                                         const std::string& seconds = "200ms") const {
        const auto file = out_.at("result.json");
        const auto ended = run_program(bench({table, experiment, "--quick", "-r", "1", "-s",
                                              seconds, "-c", connections, "-q", "--json", file}));
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error << ended.standard_output;
        std::ifstream text{file};
        const auto all = nlohmann::json::parse(text, nullptr, false);
        EXPECT_TRUE(all.is_object());
        return all.is_object() ? all["experiments"].at(0)["rows"] : nlohmann::json::array();
    }

    // All rows but those in `absent` have answers, and none of those was wrong. What an older
    // kernel lacks is told with the version that has it.
    static void expect_measured(const nlohmann::json& rows, const std::set<std::string>& absent) {
        EXPECT_FALSE(rows.empty());
        for (const auto& row : rows) {
            const auto subject = row["subject"].get<std::string>();
            const bool is_old = row.value("not_measured", "").contains("came with Linux");
            if (is_old || absent.contains(subject)) {
                continue;
            }
            ASSERT_EQ(row["rounds"].size(), 1U) << row.dump(1);
            const auto& round = row["rounds"][0];
            EXPECT_GT(round["operations"], 0) << subject;
            EXPECT_EQ(round["failed"], 0) << subject;
            EXPECT_GT(round["values"]["cpu_us"], 0) << subject;
            EXPECT_LE(round["values"]["p50_us"], round["values"]["p99_us"]) << subject;
        }
    }

    scratch_directory temporary_;
    scratch_directory out_;
};

TEST_F(bench_net, every_echo_server_answers) {
    expect_measured(rows_of("net", "echo", "1,64"), {"AF_XDP", "tokio-uring", "Monoio", "Glommio"});
}

TEST_F(bench_net, every_http_server_answers) {
    expect_measured(rows_of("net", "http", "8"), {"AF_XDP"});
}

TEST_F(bench_net, servers_of_files_answer) {
    expect_measured(rows_of("serve", "1m", "2"), {"nginx", "lighttpd"});
}

// The load checks every byte of every record.
TEST_F(bench_net, every_lookup_server_answers) {
    std::set<std::string> absent;
    if (!reads_past_the_page_cache()) {  // tmpfs before Linux 6.6.
        absent = {"threads, direct pread", "liburing, direct", "ringway, direct"};
    }
    expect_measured(rows_of("latency", "lookup", "3"), absent);
}

// Every byte of each datagram is checked.
TEST_F(bench_net, datagrams_come_back) {
    for (const auto* const table : {"latency", "net"}) {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "network namespaces and BPF need root";
        }
        // Long enough for two processes that spin to get a turn each beside others.
        const auto rows = rows_of(table, "datagrams", "1", "500ms");
        ASSERT_GE(rows.size(), 5U);
        for (const auto& row : rows) {
            const auto why_not = row.value("not_measured", "");
            if (why_not.contains("without BPF") || why_not.contains("needs Linux")) {
                continue;
            }
            ASSERT_EQ(row["rounds"].size(), 1U) << row.dump(1);
            EXPECT_GT(row["rounds"][0]["operations"], 0) << row.dump(1);
            EXPECT_LT(row["rounds"][0]["failed"], 100) << row.dump(1);
        }
    }
}

TEST_F(bench_net, an_open_loop_offers_its_rate) {
    const auto rows = rows_of("latency", "echo", "1");
    expect_measured(rows, {});
    for (const auto& row : rows) {
        if (row["rounds"].empty()) {
            continue;
        }
        EXPECT_EQ(row["rounds"][0]["values"]["offered_per_s"],
                  row["test"].get<std::string>().contains("5,000 ") ? 5000 : 20'000);
        // All that was due from the beginning of the warm-up (200 ms), and no more: a busy machine
        // makes it late, never early.
        const double rate = row["test"].get<std::string>().contains("5,000 ") ? 5000 : 20'000;
        EXPECT_LE(row["rounds"][0]["operations"], rate * (0.2 + 0.2) + 1000);
    }
}

TEST_F(bench_net, results_are_compared_and_rendered) {
    RW_NEED_KERNEL(6, 1, "an io_uring that its servers use");
    const auto json = out_.at("a.json");
    const auto html = out_.at("a.html");
    const auto measured = run_program(bench({"cores", "echo", "--quick", "-r", "3", "-s", "50ms",
                                             "-q", "--json", json, "--html", html}));
    ASSERT_EQ(measured.exit_status, 0) << measured.standard_error;
    EXPECT_TRUE(std::filesystem::exists(html));
    const auto same = run_program(bench({"compare", json, json}));
    EXPECT_EQ(same.exit_status, 0) << same.standard_output;
    EXPECT_TRUE(same.standard_output.contains("0 worse, 0 better")) << same.standard_output;
    const auto rendered = run_program(bench({"render", json, "--markdown", out_.at("a.md")}));
    EXPECT_EQ(rendered.exit_status, 0) << rendered.standard_error;
    EXPECT_TRUE(std::filesystem::exists(out_.at("a.md")));
    const auto nothing = run_program(bench({"compare", json, out_.at("none.json")}));
    EXPECT_EQ(nothing.exit_status, 2);
    EXPECT_TRUE(nothing.standard_error.contains("can't read"));
}

TEST_F(bench_net, nonsense_is_refused_with_the_range) {
    for (const auto& [arguments, told] :
         std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"net", "-r", "0"}, "1 to 1000"},
             {{"net", "-s", "1ms"}, "50ms to 10m"},
             {{"net", "-c", "1,0"}, "50000"},
             {{"net", "--server-core", "1"}, "a core of its own"},
             {{"net", "--server-core", "1000"}, "this process may use the cores 0"},
             {{"latency", "--rate", "0"}, "1 to 5000000"},
             {{"latency", "--rate", "many"}, "many"},
             {{"serve", "--rate", "5"}, "for latency"},
             {{"net", "--seed", "-1"}, "-1"},
             {{"quic", "-n", "0"}, "1 to 1000000"},
             {{"compare", "--threshold", "1001", "a", "b"}, "0 to 1000"},
             {{"net", "--json", "/no/such/place/a.json"}, "a directory that exists"},
             {{"net", "--html", "/"}, "a directory that exists"},
             {{"files", "--dir", "/no/such/place"}, "no such directory"},
             {{"all", "echo"}, "takes no experiments"},
             {{"compare", "one.json"}, "takes two files"}}) {
        const auto ended = run_program(bench(arguments));
        EXPECT_EQ(ended.exit_status, 2) << told;
        EXPECT_TRUE(ended.standard_error.contains(told)) << ended.standard_error;
    }
}

// What was measured is kept, and what lacks is told.
TEST_F(bench_net, an_interrupt_ends_it_and_its_children) {
    RW_NEED_KERNEL(6, 1, "an io_uring that its servers use");
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // What is left behind becomes ours.
    const auto json = out_.at("part.json");
    const auto html = out_.at("part.html");
    child_process running{
        bench({"cores", "-s", "300ms", "-r", "900", "--json", json, "--html", html})};
    ASSERT_TRUE(eventually([&] { return running.standard_error().contains("round 3 of"); }));
    running.signal(SIGINT);
    ASSERT_TRUE(eventually([&] { return running.has_ended(); }));
    const auto ended = running.wait();
    EXPECT_EQ(ended.exit_status, 130);
    EXPECT_TRUE(ended.standard_output.contains("Interrupted")) << ended.standard_output;
    std::ifstream text{json};
    const auto all = nlohmann::json::parse(text, nullptr, false);
    ASSERT_TRUE(all.is_object());
    EXPECT_EQ(all["interrupted"], true);
    EXPECT_EQ(all["failures"].at(0)["experiment"], "cores serve");
    EXPECT_EQ(all["experiments"].at(0)["complete"], false);
    EXPECT_GE(all["experiments"].at(0)["rows"].at(0)["rounds"].size(), 1U);
    EXPECT_TRUE(std::filesystem::exists(html));
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
    EXPECT_TRUE(std::filesystem::is_empty(temporary_.path()));
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

}  // namespace
}  // namespace ringway::test
