// Each program of examples/ does what its first lines say.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <ringway/base/unique_fd.hpp>
#include <ringway/net/endpoint.hpp>

#include "support/child_process.hpp"
#include "support/patience.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway::test {
namespace {

using words = std::vector<std::string>;

std::string program(std::string_view name) {
    return std::string{RINGWAY_EXAMPLES} + '/' + std::string{name};
}

ended_process run(std::string_view name, const words& arguments = {},
                  const std::string& directory = ".") {
    words all{"-C", directory, program(name)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program({.program = "env", .arguments = std::move(all)});
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(examples, read_file_prints_a_file) {
    const scratch_directory scratch;
    const std::string text = pattern(100'000);
    scratch.write("file", text);
    const auto absolute = run("read_file", {scratch.at("file")});
    EXPECT_EQ(absolute.exit_status, 0) << absolute.standard_error;
    EXPECT_EQ(absolute.standard_output, text);
    EXPECT_EQ(run("read_file", {"file"}, scratch.path()).standard_output, text);

    const auto missing = run("read_file", {scratch.at("missing")});
    EXPECT_EQ(missing.exit_status, 1);
    EXPECT_TRUE(contains(missing.standard_error, "not_found")) << missing.standard_error;
}

TEST(examples, direct_read_prints_any_part) {
    const scratch_directory scratch;
    const std::string text = pattern(100'000);
    scratch.write("file", text);
    const auto part = run("direct_read", {"file", "12345", "54321"}, scratch.path());
    if (contains(part.standard_error, "unsupported")) {
        GTEST_SKIP() << "no direct I/O here: " << part.standard_error;
    }
    EXPECT_EQ(part.exit_status, 0) << part.standard_error;
    EXPECT_EQ(part.standard_output, text.substr(12'345, 54'321));
    EXPECT_EQ(run("direct_read", {"missing", "0", "1"}, scratch.path()).exit_status, 1);
}

TEST(examples, read_batch_prints_sizes) {
    const scratch_directory scratch;
    words arguments{scratch.path()};
    for (std::size_t i = 1; i <= 50; ++i) {
        arguments.push_back(std::to_string(i));
        scratch.write(arguments.back(), pattern(i));
    }
    arguments.emplace_back("missing");
    const auto done = run("read_batch", arguments);
    EXPECT_EQ(done.exit_status, 0) << done.standard_error;
    EXPECT_TRUE(done.standard_output.starts_with("1: 1 bytes\n2: 2 bytes\n"));
    EXPECT_TRUE(contains(done.standard_output, "\n50: 50 bytes\nmissing: not_found"));
    const std::size_t calls = done.standard_output.find("51 files, ");
    ASSERT_NE(calls, std::string::npos) << done.standard_output;
    if (!runs_on_epoll()) {
        // One for all opens and one for all reads; a slow machine sees their ends one by one.
        const bool is_slow = patience(std::chrono::seconds{1}) > std::chrono::seconds{1};
        const int most = is_slow ? 2 * 51 : 10;
        EXPECT_LE(std::stoi(done.standard_output.substr(calls + 10)), most);
    }
}

TEST(examples, copy_file_copies_every_byte) {
    const scratch_directory scratch;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3'000'001}}) {
        scratch.write("from", pattern(size));
        const auto done = run("copy_file", {"from", "to"}, scratch.path());
        EXPECT_EQ(done.exit_status, 0) << done.standard_error;
        EXPECT_EQ(done.standard_output, std::to_string(size) + " bytes\n");
        std::ifstream copy{scratch.at("to"), std::ios::binary};
        EXPECT_TRUE(std::string(std::istreambuf_iterator<char>{copy}, {}) == pattern(size));
    }
    EXPECT_EQ(run("copy_file", {"missing", "to"}, scratch.path()).exit_status, 1);
    EXPECT_EQ(run("copy_file", {"from", "../to"}, scratch.path()).exit_status, 1);
}

// Goal: the stream of events that the guide shows: it never falls, and ends with all bytes told.
TEST(examples, copy_tree_tells_how_far_it_is) {
    const scratch_directory scratch;
    scratch.make_directory("tree/below");
    scratch.write("tree/large", pattern(64'000'000));
    scratch.write("tree/below/small", "12345");
    const auto done = run("copy_tree", {"tree", "copy"}, scratch.path());
    EXPECT_EQ(done.exit_status, 0) << done.standard_error;
    EXPECT_TRUE(done.standard_output.ends_with("2 files, 64000005 bytes\n"))
        << done.standard_output;
    std::istringstream lines{done.standard_output};
    unsigned long long before = 0;
    unsigned events = 0;
    for (std::string line; std::getline(lines, line) && line.ends_with("MB/s"); ++events) {
        const auto bytes = std::stoull(line);
        EXPECT_GE(bytes, before) << done.standard_output;
        before = bytes;
    }
    EXPECT_GE(events, 1U);
    EXPECT_EQ(before, 64'000'005U) << done.standard_output;  // The last event has all of it.
    std::ifstream copy{scratch.at("copy/large"), std::ios::binary};
    EXPECT_TRUE(std::string(std::istreambuf_iterator<char>{copy}, {}) == pattern(64'000'000));
    EXPECT_EQ(run("copy_tree", {"missing", "to"}, scratch.path()).exit_status, 1);
}

TEST(examples, timers_run_beside_each_other) {
    const auto done = run("timers");
    EXPECT_EQ(done.exit_status, 0);
    EXPECT_EQ(done.standard_output,
              "timer 5 is done\ntimer 4 is done\ntimer 3 is done\ntimer 2 is done\n"
              "timer 1 is done\n1 4 9 16 25 in less time than one after the other\n"
              "timer 6: timed_out\n");
}

TEST(examples, ping_pong_counts_round_trips) {
    const auto done = run("ping_pong", {"500"});
    EXPECT_EQ(done.exit_status, 0);
    EXPECT_TRUE(done.standard_output.starts_with("500 round trips, ")) << done.standard_output;
    EXPECT_TRUE(done.standard_output.ends_with(" ns each\n"));
}

unique_fd connect_to_port(int port) {
    const endpoint where = endpoint::loopback(static_cast<std::uint16_t>(port));
    unique_fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(::connect(fd.get(), where.address(), where.size()), 0);
    return fd;
}

TEST(examples, echo_sends_back_what_it_gets) {
    for (const char* const shards : {"1", "2"}) {
        child_process server{
            {.program = program("echo"), .arguments = {"--port", "0", "--shards", shards}}};
        ASSERT_TRUE(eventually([&] { return server.standard_output().ends_with('\n'); }));
        const int port = std::stoi(server.standard_output().substr(5));
        std::vector<unique_fd> clients;
        for (int i = 0; i < 8; ++i) {
            clients.push_back(connect_to_port(port));
        }
        for (const std::size_t size : {std::size_t{1}, std::size_t{700}, std::size_t{50'000}}) {
            for (const unique_fd& client : clients) {
                put(client.get(), pattern(size));
            }
            for (const unique_fd& client : clients) {
                std::string back;
                while (back.size() < size) {
                    back += get(client.get(), size - back.size());
                }
                EXPECT_EQ(back, pattern(size));
            }
        }
        ::shutdown(clients.back().get(), SHUT_WR);  // Its end is answered with the server's.
        EXPECT_EQ(get(clients.back().get(), 1), "");
        server.signal(SIGTERM);
        EXPECT_EQ(server.wait().exit_status, 0);
    }
}

}  // namespace
}  // namespace ringway::test
