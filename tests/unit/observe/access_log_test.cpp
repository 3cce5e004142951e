#include <ringway/observe/access_log.hpp>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::observe {
namespace {

class access_log_test : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "access_log_XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(const char* name = "access.log") const { return folder_ / name; }
    [[nodiscard]] std::unique_ptr<access_log> open(access_log_options options = {}) const {
        if (options.path == "-") {
            options.path = path();
        }
        auto opened = access_log::open(options);
        EXPECT_TRUE(opened) << describe(opened.error());
        return opened ? *std::move(opened) : nullptr;
    }
    [[nodiscard]] std::vector<std::string> lines(const char* name = "access.log") const {
        std::ifstream in{path(name)};
        std::vector<std::string> all;
        for (std::string line; std::getline(in, line);) {
            all.push_back(line);
        }
        return all;
    }

    std::filesystem::path folder_;
};

access_record request(std::string_view target, std::uint64_t id = 0) {
    access_record record;
    record.client = "192.0.2.1";
    record.method = "GET";
    record.target = target;
    record.connection_id = id;
    record.status = 200;
    return record;
}

TEST_F(access_log_test, writes_everything_before_it_ends) {
    auto log = open();
    log->submit(0, request("/one"));
    log->submit(0, request("/two"));
    log.reset();
    const auto written = lines();
    ASSERT_EQ(written.size(), 2U);
    EXPECT_NE(written[0].find("\"GET /one HTTP/1.1\" 200"), std::string::npos);
    EXPECT_NE(written[1].find("/two"), std::string::npos);
}

TEST_F(access_log_test, flush_waits_for_the_file) {
    const auto log = open({.interval = std::chrono::seconds{60}});
    for (std::size_t i = 1; i <= 5; ++i) {
        log->submit(0, request("/"));
        log->flush();
        EXPECT_EQ(lines().size(), i);
    }
}

TEST_F(access_log_test, lines_come_without_being_asked_for) {
    const auto log = open({.interval = std::chrono::milliseconds{1}});
    log->submit(0, request("/"));
    while (lines().empty()) {
        std::this_thread::yield();
    }
}

// Goal: lines of several threads are whole, in order per shard, and none is missing.
TEST_F(access_log_test, shards_do_not_disturb_each_other) {
    constexpr unsigned shards = 3;
    constexpr std::uint64_t requests = 10'000;
    auto log = open({.format = log_format::json, .shards = shards});
    std::vector<std::thread> threads;
    for (unsigned shard = 0; shard < shards; ++shard) {
        threads.emplace_back([&log, shard] {
            const std::string target = "/shard" + std::to_string(shard);
            for (std::uint64_t i = 0; i < requests;) {
                const auto dropped = log->dropped(shard);
                log->submit(shard, request(target, i));
                i += log->dropped(shard) == dropped ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    log.reset();
    std::array<std::uint64_t, shards> next{};
    for (const auto& line : lines()) {
        const auto shard = static_cast<std::size_t>(line[line.find("/shard") + 6] - '0');
        const auto id = line.substr(line.find("connection.id\":") + 15);
        ASSERT_EQ(id, std::to_string(next[shard]++) + "}") << line;
    }
    EXPECT_EQ(next, (std::array<std::uint64_t, shards>{requests, requests, requests}));
}

TEST_F(access_log_test, reopens_when_asked) {
    const auto log = open();
    log->submit(0, request("/old"));
    log->flush();
    std::filesystem::rename(path(), path("access.log.1"));
    log->reopen();
    log->flush();
    log->submit(0, request("/new"));
    log->flush();
    ASSERT_EQ(lines("access.log.1").size(), 1U);
    ASSERT_EQ(lines().size(), 1U);
    EXPECT_NE(lines()[0].find("/new"), std::string::npos);
}

TEST_F(access_log_test, keeps_the_old_file_when_it_cannot_reopen) {
    std::filesystem::create_directory(path("sub"));
    const auto log = open({.path = path("sub/access.log")});
    std::filesystem::rename(path("sub"), path("moved"));
    testing::internal::CaptureStderr();
    log->reopen();
    log->flush();
    EXPECT_NE(testing::internal::GetCapturedStderr().find("cannot reopen"), std::string::npos);
    log->submit(0, request("/kept"));
    log->flush();
    EXPECT_EQ(lines("moved/access.log").size(), 1U);
}

// Goal: a reader that does not read costs lines, and never time on the shard.
TEST_F(access_log_test, drops_and_counts_when_the_writer_is_stuck) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    const unique_fd reader{::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK)};
    auto log = open({.path = path("pipe"), .ring_bytes = 128 * 1024});
    constexpr std::uint64_t submitted = 5000;
    for (std::uint64_t i = 0; i < submitted; ++i) {
        log->submit(0, request("/", i));
    }
    const auto dropped = log->dropped(0);
    EXPECT_GT(dropped, 0U);
    std::string received;
    std::thread drain{[&] {
        std::array<char, 4096> buffer{};
        for (ssize_t n = -1; n != 0;) {
            n = ::read(reader.get(), buffer.data(), buffer.size());
            received.append(buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
        }
    }};
    log.reset();  // Closes the pipe, which ends the reader.
    drain.join();
    EXPECT_EQ(static_cast<std::uint64_t>(std::ranges::count(received, '\n')), submitted - dropped);
}

TEST_F(access_log_test, counts_what_cannot_be_written) {
    testing::internal::CaptureStderr();
    auto log = open({.path = "/dev/full"});
    log->submit(0, request("/"));
    log->submit(0, request("/"));
    log->flush();
    EXPECT_EQ(log->lost(), 2U);
    log.reset();
    EXPECT_NE(testing::internal::GetCapturedStderr().find("No space left"), std::string::npos);
}

TEST_F(access_log_test, refuses_what_makes_no_sense) {
    const auto code = [this](access_log_options options) {
        if (options.path == "-") {
            options.path = path();
        }
        const auto opened = access_log::open(options);
        return opened ? errc::none : opened.error().code;
    };
    EXPECT_EQ(code({}), errc::none);
    EXPECT_EQ(code({.path = path("no/such")}), errc::not_found);
    EXPECT_EQ(code({.shards = 0}), errc::invalid_argument);
    EXPECT_EQ(code({.ring_bytes = 64 * 1024}), errc::invalid_argument);
    EXPECT_EQ(code({.ring_bytes = 200 * 1024}), errc::invalid_argument);
    EXPECT_EQ(code({.interval = std::chrono::milliseconds{0}}), errc::invalid_argument);
}

}  // namespace
}  // namespace ringway::observe
