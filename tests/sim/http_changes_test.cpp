// Files that change while they are served: a response is of one version, whole, or is cut off.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/runtime/sleep.hpp>

#include "support/sim_quiet.hpp"
#include "support/simulation.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view name = "changing.bin";

// Another file in the place of the old one, as programs do it that know what they do.
void replace(const sim_site& site, std::string_view content) {
    site.directory().write("new", content);
    std::filesystem::rename(site.directory().at("new"), site.directory().at(name));
}

std::vector<std::string> versions_of(std::size_t size) {
    std::vector<std::string> versions;
    for (std::size_t i = 0; i < 5; ++i) {
        versions.push_back(sim_bytes(100 + i, size + i));
    }
    return versions;
}

sim_exchange get_changing(const std::vector<std::string>& versions) {
    sim_exchange made;
    made.request = "GET /" + std::string{name} + " HTTP/1.1\r\nHost: h\r\n\r\n";
    made.versions = versions;
    return made;
}

task<void> replace_now_and_then(const sim_site& site, const std::vector<std::string>& versions,
                                nanoseconds pause) {
    for (const std::string& version : versions) {
        replace(site, version);
        static_cast<void>(co_await sleep_for(pause));
    }
}

// Small files are served from memory, large ones from descriptors.
TEST(http_changes, every_response_is_of_one_version) {
    const sim_site site;
    for (const std::size_t size : {5000UL, 100'000UL}) {
        for (const bool follows : {false, true}) {
            for (const std::uint64_t seed : seeds(20)) {
                const auto versions = versions_of(size);
                replace(site, versions[0]);
                sim_scenario scenario = quiet();
                scenario.kernel.seed = seed;
                scenario.kernel.delay_max = 1ms;
                scenario.follows_changes = follows;
                scenario.cache.time_to_live = 50ms;
                scenario.beside = [&] { return replace_now_and_then(site, versions, 400ms); };
                for (std::size_t i = 0; i < 4; ++i) {
                    sim_client_plan plan;
                    plan.exchanges.assign(30, get_changing(versions));
                    plan.pipelined = false;
                    plan.between = nanoseconds{70ms} + i * nanoseconds{1ms};
                    scenario.clients.push_back(plan);
                }
                const sim_run run = run_server(site, scenario);
                EXPECT_EQ(run.remains, sim_remains{}) << run.description;
                for (const sim_client_result& each : run.clients) {
                    ASSERT_EQ(each.problem, "") << run.description;
                    EXPECT_EQ(each.answered, 30U) << run.description;
                    EXPECT_TRUE(std::ranges::is_sorted(each.lengths)) << run.description;
                    EXPECT_EQ(each.lengths.back(), versions.back().size()) << run.description;
                }
            }
        }
    }
}

// Goal: with inotify a change is seen at once, whatever the time to live.
TEST(http_changes, a_followed_change_is_seen_at_once) {
    const sim_site site;
    const auto versions = versions_of(5000);
    replace(site, versions[0]);
    sim_scenario scenario = quiet();
    scenario.follows_changes = true;
    scenario.cache.time_to_live = 1h;
    scenario.beside = [&] { return replace_now_and_then(site, versions, 10ms); };
    sim_client_plan plan;
    plan.exchanges.assign(10, get_changing(versions));
    plan.pipelined = false;
    plan.start = 5ms;
    plan.between = 10ms;
    scenario.clients = {plan};
    const sim_run run = run_server(site, scenario);
    ASSERT_EQ(run.clients[0].problem, "");
    ASSERT_EQ(run.clients[0].answered, 10U);
    for (std::size_t i = 0; i < versions.size(); ++i) {
        EXPECT_EQ(run.clients[0].lengths[i], versions[i].size());
    }
}

task<void> shrink(const sim_site& site, nanoseconds when) {
    static_cast<void>(co_await sleep_for(when));
    std::filesystem::resize_file(site.directory().at(name), 50'000);
}

// Goal: a file that got shorter ends the connection; nobody pads it or takes it for whole.
TEST(http_changes, a_file_that_shrinks_is_cut_off) {
    const sim_site site;
    for (const transfer_method method :
         {transfer_method::automatic, transfer_method::copy, transfer_method::sendfile}) {
        const std::vector<std::string> versions{sim_bytes(7, 200'000)};
        replace(site, versions[0]);
        sim_scenario scenario = quiet();
        scenario.method = method;
        scenario.kernel.socket_buffer_bytes = 4096;
        scenario.beside = [&] { return shrink(site, 50ms); };
        sim_client_plan plan;
        plan.exchanges = {get_changing(versions), get_changing(versions)};
        plan.read_max = 1000;
        plan.read_pause = 5ms;
        scenario.clients = {plan};
        const sim_run run = run_server(site, scenario);
        EXPECT_EQ(run.remains, sim_remains{});
        EXPECT_EQ(run.clients[0].problem, "");
        EXPECT_EQ(run.clients[0].answered, 0U);
        EXPECT_TRUE(run.clients[0].cut_off);
    }
}

}  // namespace
}  // namespace ringway::test
