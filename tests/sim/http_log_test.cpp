// The access log of whole connections: a line for each request, and the right one.
#include <chrono>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/observe/access_log.hpp>

#include "support/sim_scenarios.hpp"
#include "support/simulation.hpp"

namespace ringway::test {
namespace {

// How often each `"GET /x HTTP/1.1" 200 1234` stands in the log.
std::map<std::string, std::size_t> read_log(const std::string& path) {
    std::map<std::string, std::size_t> lines;
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);) {
        const auto begin = line.find('"');
        const auto end = line.find(" \"", begin);
        EXPECT_NE(end, std::string::npos) << line;
        ++lines[line.substr(begin, end - begin)];
    }
    return lines;
}

std::string line_of(const sim_exchange& asked, std::size_t length) {
    const std::string& request = asked.request;
    const std::size_t end = request.find("\r\n");
    return "\"" + request.substr(0, end) + "\" " + std::to_string(asked.status) + " " +
           std::to_string(length);
}

bool is_readable(const sim_exchange& asked) {  // Of others the log knows only the status.
    return asked.status != 431 && asked.status != 414 && asked.status != 505 &&
           (asked.status < 400 || asked.closes != closing::always);
}

TEST(http_log, has_a_line_for_each_answer) {
    const scratch_directory directory;
    for (const std::uint64_t seed : seeds(30)) {
        const std::string path = directory.at("log" + std::to_string(seed));
        sim_scenario scenario = pick_scenario(sim_site::shared(), seed, sim_weather::gentle);
        {
            auto log = observe::access_log::open({.path = path});
            ASSERT_TRUE(log.has_value());
            scenario.log = log->get();
            const sim_run run = run_server(sim_site::shared(), scenario);
            ASSERT_EQ(judge(scenario, run, sim_weather::gentle), "");
            (*log)->flush();
            std::map<std::string, std::size_t> lines = read_log(path);
            for (std::size_t i = 0; i < run.clients.size(); ++i) {
                for (std::size_t k = 0; k < run.clients[i].answered; ++k) {
                    const sim_exchange& asked = scenario.clients[i].exchanges[k];
                    const std::string wanted = line_of(asked, run.clients[i].lengths[k]);
                    if (is_readable(asked)) {
                        EXPECT_GT(lines[wanted], 0U) << wanted << run.description;
                        --lines[wanted];
                    }
                }
            }
        }
    }
}

}  // namespace
}  // namespace ringway::test
