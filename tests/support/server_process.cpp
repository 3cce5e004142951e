#include "support/server_process.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <utility>

#include <gtest/gtest.h>

#include "support/patience.hpp"

namespace ringway::test {
namespace {

launch command_line(const std::string& directory, const server_process::options& more,
                    launch what) {
    what.program = RINGWAY_BINARY;
    what.arguments = {"serve", directory};
    what.arguments.insert(what.arguments.end(), more.begin(), more.end());
    const auto has = [&](std::string_view option) {
        return std::ranges::find(more, option) != more.end();
    };
    if (!has("--listen")) {
        what.arguments.insert(what.arguments.end(), {"--listen", "127.0.0.1:0"});
    }
    if (!has("--shards")) {
        what.arguments.insert(what.arguments.end(), {"--shards", "2"});
    }
    what.arguments.emplace_back("--no-pin");
    return what;
}

// The ports of all lines "ringway: NAME: http://HOST:PORT/..." of the banner, https too.
std::vector<int> ports_in(std::string_view banner, std::string_view name) {
    std::vector<int> ports;
    const std::string begin = "ringway: " + std::string{name} + ": http";
    for (auto at = banner.find(begin); at != std::string_view::npos; at = banner.find(begin, at)) {
        at = banner.find("://", at) + 3;
        const auto line = banner.substr(at, banner.find('\n', at) - at);
        const auto authority = line.substr(0, line.find('/'));
        const auto port = authority.substr(authority.rfind(':') + 1);
        std::from_chars(port.data(), port.data() + port.size(), ports.emplace_back());
    }
    return ports;
}

}  // namespace

server_process::server_process(const std::string& directory, const options& more, launch how)
    : child_{command_line(directory, more, std::move(how))} {
    const bool ready = eventually([this] {
        return child_.has_ended() || said().find("\nringway: ready") != std::string::npos;
    });
    const std::string banner = said();
    if (!ready || child_.has_ended()) {
        ADD_FAILURE() << "the server is not ready:\n" << banner;
    }
    ports_ = ports_in(banner, "listening");
    const std::vector<int> admin = ports_in(banner, "metrics");
    admin_port_ = admin.empty() ? 0 : admin.front();
}

server_process::~server_process() {
    if (!waited_) {
        const ended_process ended = stop();
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    }
}

ended_process server_process::wait() {
    waited_ = true;
    return child_.wait();
}

ended_process server_process::stop() {
    signal(SIGTERM);
    return wait();
}

double server_process::metric(std::string_view name) const {
    const http_response page = http_client{admin_port_}.get("/metrics");
    EXPECT_EQ(page.status, 200);
    std::string_view rest = page.body;
    double sum = 0;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.starts_with(name) && line.size() > name.size() &&
            (line[name.size()] == ' ' || line[name.size()] == '{')) {
            sum += std::strtod(line.data() + line.rfind(' '), nullptr);
        }
    }
    return sum;
}

ended_process run_command(const std::vector<std::string>& arguments,
                          const std::vector<std::pair<std::string, std::string>>& environment) {
    return run_program(
        {.program = RINGWAY_BINARY, .arguments = arguments, .environment = environment});
}

}  // namespace ringway::test
