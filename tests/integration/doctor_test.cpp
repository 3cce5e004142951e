// Goal: `ringway doctor` tells the truth about whatever machine it is on, and leaves it as it was.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/sanitizers.hpp"
#include "support/child_process.hpp"
#include "support/need_kernel.hpp"
#include "support/patience.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using nlohmann::json;
using std::string;

constexpr uid_t nobody = 65534;

// As much time for the trials as the machine that tests needs.
string time_limit() {
    return "--timeout=" + std::to_string(patience(std::chrono::milliseconds{2500}).count()) + "ms";
}

launch doctor(std::vector<string> arguments) {
    arguments.insert(arguments.begin(), {"doctor", time_limit()});
    return {.program = RINGWAY_BINARY,
            .arguments = std::move(arguments),
            .environment = {{"RINGWAY_DRIVER", "auto"}}};
}

// A shell that prepares something and then is the doctor.
launch doctor_after(const string& preparation, const string& arguments = "--json") {
    return {.program = "sh",
            .arguments = {"-ec", preparation + "; exec " RINGWAY_BINARY " doctor " + time_limit() +
                                     " " + arguments},
            .environment = {{"RINGWAY_DRIVER", "auto"}}};
}

json parsed(const ended_process& ended) {
    auto all = json::parse(ended.standard_output, nullptr, false);
    EXPECT_TRUE(all.is_object()) << ended.standard_output << ended.standard_error;
    EXPECT_EQ(ended.exit_status, all["serve"]["full_strength"] == true ? 0 : 1);
    EXPECT_EQ(ended.standard_error, "");
    return all;
}

json row(const json& all, const string& id) {
    for (const auto& each : all["findings"]) {
        if (each["id"] == id) {
            return each;
        }
    }
    ADD_FAILURE() << "no row " << id;
    return {};
}

std::set<string> missing(const json& all) {
    return all["serve"]["missing"].get<std::set<string>>();
}

string file_text(const char* path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

bool is_root() { return ::geteuid() == 0; }

void expect_complete(const json& all) {
    EXPECT_EQ(all["ringway_doctor"], 1);
    EXPECT_GT(all["findings"].size(), 140U);
    const std::set<string> states{"yes", "partial", "no", "unknown"};
    std::set<string> ids;
    for (const auto& each : all["findings"]) {
        SCOPED_TRACE(each.dump());
        EXPECT_TRUE(ids.insert(each["id"]).second);
        EXPECT_TRUE(states.contains(each["state"].get<string>()));
        EXPECT_NE(each["found_by"], "");
        EXPECT_NE(each["why"], "");
    }
    EXPECT_TRUE(ids.contains("serving.driver"));
}

TEST(doctor_command, finds_everything_in_time) {
    const auto begin = std::chrono::steady_clock::now();
    const auto all = parsed(run_program(doctor({"--json"})));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, patience(std::chrono::seconds{3}));
    expect_complete(all);
}

TEST(doctor_command, text_fits_into_80_columns) {
    for (const char* const verbose : {"--verbose", "technologies"}) {
        const auto ended = run_program(doctor({verbose}));
        std::istringstream lines{ended.standard_output};
        for (string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 80U) << line;
        }
        EXPECT_EQ(ended.standard_output.find('\x1b'), string::npos);
        EXPECT_EQ(ended.standard_output.find("ringway serve "), 0U);
    }
}

TEST(doctor_command, needs_no_root) {
    if (!is_root()) {
        GTEST_SKIP() << "to be somebody else takes root";
    }
    auto as_nobody = doctor({"--json"});
    as_nobody.user = nobody;
    const auto all = parsed(run_program(as_nobody));
    expect_complete(all);
    EXPECT_EQ(all["root"], false);
    EXPECT_EQ(row(all, "files.sendfile")["state"], "yes");
    EXPECT_EQ(row(all, "confinement.rights")["state"], "no");
    EXPECT_EQ(row(all, "bpf.load.xdp")["fix"], "sudo ringway doctor");
}

TEST(doctor_command, survives_a_filter_on_io_uring) {
    auto filtered = doctor({"--json"});
    filtered.refused_call = SYS_io_uring_setup;
    const auto ended = run_program(filtered);
    EXPECT_EQ(ended.exit_status, 1);
    const auto all = parsed(ended);
    expect_complete(all);
    const auto rings = row(all, "io_uring.rings");
    EXPECT_EQ(rings["state"], "no");
    EXPECT_NE(rings["detail"].get<string>().find("EPERM"), string::npos);
    EXPECT_NE(rings["fix"], "");
    EXPECT_EQ(row(all, "io_uring.multishot_recv")["state"], "no");
    EXPECT_EQ(row(all, "technologies.glommio")["state"], "no");
    EXPECT_EQ(row(all, "files.sendfile")["state"], "yes");
    EXPECT_TRUE(missing(all).contains("serving.driver"));
    EXPECT_TRUE(missing(all).contains("io_uring.rings"));
    EXPECT_FALSE(missing(all).contains("io_uring.multishot_recv"));
}

TEST(doctor_command, survives_filters_on_what_it_tries_by) {
    for (const long call : {SYS_bpf, SYS_unshare, SYS_socketpair, SYS_memfd_create, SYS_openat2}) {
        SCOPED_TRACE(call);
        auto filtered = doctor({"--json"});
        filtered.refused_call = call;
        expect_complete(parsed(run_program(filtered)));
    }
}

TEST(doctor_command, respects_the_chosen_driver) {
    auto epoll = doctor({"--json"});
    epoll.environment = {{"RINGWAY_DRIVER", "epoll"}};
    const auto all = parsed(run_program(epoll));
    EXPECT_EQ(row(all, "serving.driver")["state"], "partial");
    EXPECT_EQ(row(all, "serving.driver")["fix"], "unset RINGWAY_DRIVER");
    EXPECT_TRUE(missing(all).contains("serving.driver"));
    epoll.environment = {{"RINGWAY_DRIVER", "kqueue"}};
    EXPECT_EQ(row(parsed(run_program(epoll)), "serving.driver")["state"], "no");
}

TEST(doctor_command, does_without_proc_and_sys) {
    if (!is_root() || under_sanitizer) {
        GTEST_SKIP() << "mounting takes root, and a sanitizer /proc";
    }
    const auto ended = run_program(
        {.program = "unshare",
         .arguments = {"-m", "--propagation", "private", "sh", "-ec",
                       "mount -t tmpfs none /sys; mount -t tmpfs none /proc; exec " RINGWAY_BINARY
                       " doctor --json " +
                           time_limit()},
         .environment = {{"RINGWAY_DRIVER", "auto"}}});
    if (ended.standard_output.empty()) {
        GTEST_SKIP() << "no mounts here: " << ended.standard_error;
    }
    const auto all = parsed(ended);
    expect_complete(all);
    EXPECT_EQ(row(all, "files.sendfile")["state"], "yes");
    EXPECT_EQ(row(all, "tls.aes")["state"], "unknown");
}

TEST(doctor_command, tells_limits) {
    if (under_sanitizer) {
        GTEST_SKIP() << "a sanitizer makes mlock(2) do nothing";
    }
    auto without_memory = doctor_after("ulimit -l 0");
    without_memory.user = is_root() ? nobody : 0;
    const auto all = parsed(run_program(without_memory));
    EXPECT_EQ(row(all, "limits.memlock")["state"], "no");
    EXPECT_NE(row(all, "limits.memlock")["fix"].get<string>().find("ulimit -l"), string::npos);

    const auto few = parsed(run_program(doctor_after("ulimit -n 64")));
    expect_complete(few);
    EXPECT_EQ(row(few, "limits.nofile")["state"], "partial");
    EXPECT_TRUE(missing(few).contains("limits.nofile"));
}

TEST(doctor_command, leaves_nothing_behind) {
    const temporary_site here;
    const auto mounts = file_text("/proc/self/mounts");
    const auto devices = file_text("/proc/net/dev");
    const auto names = [](const string& text) {
        std::set<string> all;
        std::istringstream lines{text};
        for (string line; std::getline(lines, line);) {
            all.insert(line.substr(0, line.find(':')));
        }
        return all;
    };
    const auto ended = run_program(doctor_after("cd " + here.at("."), "--json"));
    EXPECT_NE(ended.standard_output, "");
    EXPECT_EQ(file_text("/proc/self/mounts"), mounts);
    EXPECT_EQ(names(file_text("/proc/net/dev")), names(devices));
    EXPECT_TRUE(std::filesystem::is_empty(here.at(".")));
}

TEST(doctor_command, commands_are_printed_and_not_run) {
    const auto all = parsed(run_program(doctor({"--json"})));
    std::set<string> wanted;
    for (const auto& each : all["findings"]) {
        if (missing(all).contains(each["id"]) && each["fix"] != "") {
            wanted.insert(each["fix"]);
        }
    }
    const auto ended = run_program(doctor({"--fix"}));
    std::set<string> printed;
    std::istringstream lines{ended.standard_output};
    for (string line; std::getline(lines, line);) {
        const bool comment = line.starts_with("# ");
        EXPECT_TRUE(printed.insert(comment ? line.substr(2) : line).second) << line;
        EXPECT_EQ(run_program({"sh", {"-n", "-c", line}}).exit_status, 0) << line;
    }
    EXPECT_EQ(printed, wanted);
    EXPECT_EQ(ended.exit_status, missing(all).empty() ? 0 : 1);
    EXPECT_EQ(missing(parsed(run_program(doctor({"--json"})))), missing(all));
}

TEST(doctor_command, interfaces_are_tried_in_a_network_of_their_own) {
    if (!is_root()) {
        GTEST_SKIP() << "an interface takes root";
    }
    const auto ended =
        run_program({.program = "unshare",
                     .arguments = {"-n", "sh", "-ec",
                                   "ip link set lo up; ip link add one type veth peer name two; "
                                   "ip link set one up; ip link set two up; exec " RINGWAY_BINARY
                                   " doctor xdp --interface one --try --json " +
                                       time_limit()}});
    if (ended.standard_output.empty()) {
        GTEST_SKIP() << "no veth here: " << ended.standard_error;
    }
    const auto all = json::parse(ended.standard_output);
    const auto found = row(all, "xdp.interface.one");
    EXPECT_EQ(found["state"], "partial");
    EXPECT_NE(found["detail"].get<string>().find("bound with copying"), string::npos) << found;
    for (const auto& each : all["findings"]) {
        EXPECT_NE(each["id"], "xdp.interface.two");
    }
}

TEST(doctor_command, nonsense_is_refused) {
    for (const auto& arguments :
         std::vector<std::vector<string>>{{"nonsense"},
                                          {"--try"},
                                          {"--json", "--fix"},
                                          {"advise"},
                                          {"advise", "poetry"},
                                          {"advise", "--describe", "loss=99%"},
                                          {"--interface", "none0"}}) {
        const auto ended = run_program(doctor(arguments));
        EXPECT_EQ(ended.exit_status, 2) << arguments.front();
        EXPECT_EQ(ended.standard_output, "");
        EXPECT_EQ(ended.standard_error.find("ringway: "), 0U);
    }
    EXPECT_EQ(run_program(doctor({"--timeout", "1ms"})).exit_status, 2);
    const auto range = run_program(doctor({"advise", "iot", "--describe", "loss=99%"}));
    EXPECT_NE(range.standard_error.find("0% to 50%"), string::npos);
}

TEST(doctor_command, advises_every_use) {
    for (const char* const use : {"web-api", "file-server", "media", "iot", "trading"}) {
        SCOPED_TRACE(use);
        const auto ended = run_program(doctor({"advise", use, "--json"}));
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        const auto all = json::parse(ended.standard_output);
        EXPECT_EQ(all["use"], use);
        ASSERT_GE(all["advice"].size(), 3U);
        for (const auto& each : all["advice"]) {
            EXPECT_NE(each["reason"], "");
        }
    }
}

TEST(doctor_command, does_not_advise_what_is_not_there) {
    auto filtered = doctor({"advise", "file-server", "--json"});
    filtered.refused_call = SYS_io_uring_setup;
    const auto ended = run_program(filtered);
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    const auto advice = json::parse(ended.standard_output)["advice"];
    EXPECT_EQ(advice[0]["id"], "epoll");
    EXPECT_EQ(advice[0]["better"][0]["missing"][0]["id"], "io_uring.rings");
}

TEST(doctor_command, quotes_figures_of_bench) {
    const temporary_site site;
    site.add("bench.json", R"({"ringway_bench": 1, "machine": {"kernel": "4.2", "time": "then",
        "processor": "one"}, "experiments": [{"group": "serve", "name": "1m", "rows": [
        {"test": "16 connections", "subject": "ringway serve",
         "rounds": [{"round": 1, "operations": 9, "values": {"per_s": 3000}}]},
        {"test": "16 connections", "subject": "nginx",
         "rounds": [{"round": 1, "operations": 9, "values": {"per_s": 2000}}]}]}]})");
    const auto results = site.at("bench.json");
    const auto ended = run_program(doctor({"advise", "file-server", "--results", results}));
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_NE(ended.standard_output.find("of another kernel"), string::npos);
    const auto told =
        run_program(doctor({"advise", "file-server", "--results", results, "--json"}));
    const auto first = json::parse(told.standard_output)["advice"][0];
    if (!kernel_is_at_least(6, 1)) {
        EXPECT_EQ(first["id"], "epoll");  // Of which these are no figures.
        GTEST_SKIP() << "what has these figures is not advised before Linux 6.1";
    }
    const auto figure = first["figure"];
    EXPECT_EQ(figure["text"], "16 connections: ringway serve 3,000/s, nginx 2,000/s (1.50 times)");
    EXPECT_EQ(figure["command"], "ringway bench serve 1m");
    EXPECT_EQ(figure["conditions"], "then, Linux 4.2, one");
    const auto none = run_program(doctor({"advise", "iot", "--results", site.at("none.json")}));
    EXPECT_EQ(none.exit_status, 1);
    EXPECT_NE(none.standard_error.find("none.json"), string::npos);
}

}  // namespace
}  // namespace ringway::test
