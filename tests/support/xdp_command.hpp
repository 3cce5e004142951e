// `ringway xdp` in the namespaces of a virtual network.
#pragma once

#include <csignal>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/patience.hpp"
#include "support/virtual_network.hpp"

namespace ringway::test {

using std::string;
using words = std::vector<string>;
using nlohmann::json;

// The command in the namespace of a side.
inline launch command(const virtual_network& network, net_side where, words arguments) {
    arguments.insert(arguments.begin(), {"--net=" + network.path(where), RINGWAY_BINARY, "xdp"});
    return {.program = "nsenter", .arguments = std::move(arguments)};
}

inline std::vector<json> lines_of(const string& text) {
    std::vector<json> all;
    std::istringstream in{text};
    for (string line; std::getline(in, line);) {
        all.push_back(json::parse(line, nullptr, false));
        EXPECT_FALSE(all.back().is_discarded()) << line;
    }
    return all;
}

inline json last_line(const string& text) {
    const auto all = lines_of(text);
    return all.empty() ? json{} : all.back();
}

inline string program_on(const virtual_network& network, net_side where, const string& interface) {
    const auto told = run_program(command(network, where, {"status", interface, "--json"}));
    EXPECT_EQ(told.exit_status, 0) << told.standard_error;
    const json line = last_line(told.standard_output);
    return line["program"].is_null() ? "none" : line["program"]["name"].get<string>();
}

// Runs as long as the test, once it has said what it obtained.
class running {
public:
    running(const virtual_network& network, net_side where, words arguments)
        : process_{command(network, where, with_json(std::move(arguments)))} {
        EXPECT_TRUE(eventually([this] {
            return process_.standard_output().find("attached") != string::npos ||
                   process_.has_ended();
        }));
        EXPECT_FALSE(process_.has_ended()) << process_.standard_error();
    }
    [[nodiscard]] json facts() const {
        const auto all = lines_of(process_.standard_output());
        return all.empty() ? json{} : all.front();
    }
    [[nodiscard]] child_process& process() { return process_; }
    json end() {
        process_.signal(SIGTERM);
        const auto ended = process_.wait();
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        return last_line(ended.standard_output);
    }

private:
    static words with_json(words all) {
        all.emplace_back("--json");
        return all;
    }
    child_process process_;
};

inline ended_process gen(const virtual_network& network, words more) {
    words all{"gen", "far", "--to", "10.77.0.1:7000", "--json", "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(command(network, net_side::far, all));
}

}  // namespace ringway::test
