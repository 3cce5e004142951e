// Goal: what is named is what runs: each --method and each --transfer, as the kernel sees it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/cp_command.hpp"
#include "support/kernel_trace.hpp"
#include "support/made_file.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

// Pages of the loader and counts of sizes are read by system calls too, a few.
constexpr std::size_t few = 24;

class methods : public ::testing::Test {
protected:
    void SetUp() override {
        string why_not;
        trace_ = kernel_trace::make(why_not);
        if (trace_ == nullptr) {
            GTEST_SKIP() << "skipped: " << why_not;
        }
    }
    [[nodiscard]] string at(const string& name) const { return site_.at(name); }
    [[nodiscard]] std::size_t count(std::string_view what) const { return trace_->count(what); }

    temporary_site site_;
    std::unique_ptr<kernel_trace> trace_;
};

class cp_methods : public methods {
protected:
    // Of 9 MB, in the page cache.
    [[nodiscard]] ended_process copy(const string& method, std::vector<string> more = {}) {
        site_.add_pattern("from", 9'000'000);
        more.insert(more.end(), {"--method=" + method, at("from"), at("to")});
        auto ended = trace_->run(cp_launch(more));
        if (ended.exit_status == 0) {
            EXPECT_TRUE(same_content(at("from"), at("to"))) << method;
        }
        return ended;
    }
    void expect_only(std::string_view way) const {
        for (const std::string_view each :
             {"copy_file_range", "sendfile64", "splice", "READ_FIXED", "WRITE_FIXED"}) {
            EXPECT_EQ(count(each) > 0, each == way) << way << ": " << each << count(each);
        }
    }
};

// 9 MB in pieces of 256 KiB.
constexpr std::size_t pieces = 9'000'000 / (256 * 1024) + 1;

TEST_F(cp_methods, by_reading_and_writing) {
    for (const string method : {"auto", "read_write"}) {
        // A file system that shares blocks would do that.
        ASSERT_EQ(copy(method, {"--reflink=never"}).exit_status, 0);
        EXPECT_GE(count("pread64"), pieces) << method;
        EXPECT_GE(count("pwrite64"), pieces) << method;
        expect_only("");
    }
}

TEST_F(cp_methods, by_one_system_call) {
    for (const auto& [method, call] :
         {std::pair<string, string>{"copy_file_range", "copy_file_range"},
          {"sendfile", "sendfile64"},
          {"splice", "splice"}}) {
        ASSERT_EQ(copy(method).exit_status, 0) << method;
        EXPECT_GE(count(call), 3U) << method;
        EXPECT_EQ(count("pwrite64"), 0U) << method;
        EXPECT_LE(count("pread64"), few) << method;
        expect_only(call);
    }
}

TEST_F(cp_methods, from_a_mapping) {
    ASSERT_EQ(copy("mmap").exit_status, 0);
    EXPECT_GE(trace_->lines_with(": sys_madvise(", "16)"), 4U);  // MADV_POPULATE_READ
    EXPECT_GE(count("pwrite64"), 4U);
    EXPECT_LE(count("pread64"), few);
    expect_only("");
}

TEST_F(cp_methods, by_sharing_blocks) {
    const auto ended = copy("reflink");
    EXPECT_EQ(trace_->lines_with(": sys_ioctl(", "40049409"), 1U) << trace_->text();
    EXPECT_EQ(count("pwrite64"), 0U);  // Whether the file system can or not.
    EXPECT_TRUE(ended.exit_status == 0 || ended.standard_error.find("reflink") != string::npos);
}

TEST_F(cp_methods, by_the_ring_with_enrolled_buffers) {
    if (runs_on_epoll()) {
        GTEST_SKIP() << "epoll has no rings";
    }
    for (const string method : {"ring", "ring_direct"}) {
        const auto ended = copy(method);
        if (method == "ring_direct" && ended.exit_status == 1) {
            EXPECT_NE(ended.standard_error.find("direct I/O"), string::npos);
            continue;
        }
        ASSERT_EQ(ended.exit_status, 0) << method << ended.standard_error;
        EXPECT_GE(count("READ_FIXED"), pieces) << method;
        EXPECT_GE(count("WRITE_FIXED"), pieces) << method;
        EXPECT_EQ(count("WRITE"), 0U) << method;
        EXPECT_LE(count("READ"), few) << method;  // Of the eventfd that wakes it.
        EXPECT_EQ(count("pwrite64"), 0U) << method;
        EXPECT_EQ(count("copy_file_range") + count("sendfile64") + count("splice"), 0U);
        // F_SETFL of O_DIRECT, on both files.
        EXPECT_EQ(trace_->lines_with(": sys_fcntl(", "cmd: 4,"), method == "ring_direct" ? 2U : 0U)
            << trace_->text();
    }
}

TEST_F(cp_methods, the_ring_of_small_files_needs_no_enrolment) {
    if (runs_on_epoll()) {
        GTEST_SKIP() << "epoll has no rings";
    }
    site_.add_pattern("small", 100'000);
    ASSERT_EQ(trace_->run(cp_launch({"--method=ring", at("small"), at("to")})).exit_status, 0);
    EXPECT_GE(count("READ"), 1U);
    EXPECT_GE(count("WRITE"), 1U);
    EXPECT_EQ(count("READ_FIXED") + count("WRITE_FIXED"), 0U);
}

TEST_F(cp_methods, the_ring_on_the_epoll_driver_is_worker_threads) {
    ASSERT_EQ(copy("ring", {"--driver=epoll"}).exit_status, 0);
    EXPECT_EQ(count("READ_FIXED") + count("WRITE_FIXED") + count("READ") + count("WRITE"), 0U);
    EXPECT_GE(count("pwrite64"), pieces);
}

class transfer_methods : public methods {
protected:
    void SetUp() override {
        methods::SetUp();
        if (runs_on_epoll()) {
            GTEST_SKIP() << "epoll copies what it can't do";
        }
    }
    // Of 3 MB, in the page cache, once.
    void serve(const string& way) {
        const string content = site_.add_pattern("large", 3'000'000);
        const server_process server{site_.path(), {"--transfer", way, "--shards", "1"}};
        trace_->follow(server.id());
        EXPECT_TRUE(server.get("/large").body == content) << way;
    }
    void expect_only(const std::vector<std::string_view>& ways) const {
        for (const std::string_view each :
             {"sendfile64", "SPLICE", "READ_FIXED", "SEND_ZC", "SENDMSG_ZC"}) {
            EXPECT_EQ(count(each) > 0, std::ranges::find(ways, each) != ways.end())
                << each << ' ' << count(each);
        }
    }
};

TEST_F(transfer_methods, by_sendfile) {
    for (const string way : {"auto", "sendfile"}) {
        serve(way);
        EXPECT_GE(count("sendfile64"), 3U) << way;
        expect_only({"sendfile64"});
    }
}

TEST_F(transfer_methods, by_copies) {
    serve("copy");
    EXPECT_GE(count("SEND") + count("SENDMSG"), 3U);
    expect_only({});
}

TEST_F(transfer_methods, by_splice) {
    serve("splice");
    EXPECT_GE(count("SPLICE"), 2 * 3'000'000U / 65'536);
    expect_only({"SPLICE"});
}

// Buffers are of 128 KiB.
TEST_F(transfer_methods, from_enrolled_buffers) {
    constexpr std::size_t buffers = 3'000'000 / (128 * 1024);
    serve("fixed");
    EXPECT_GE(count("READ_FIXED"), buffers);
    EXPECT_GE(count("SEND"), buffers);
    expect_only({"READ_FIXED"});
    serve("zero-copy");
    EXPECT_GE(count("SEND_ZC"), buffers);
    expect_only({"READ_FIXED", "SEND_ZC"});
}

TEST_F(transfer_methods, messages_of_enrolled_buffers) {
    serve("sendmsg-zc");
    EXPECT_GE(count("SENDMSG_ZC"), 3'000'000U / (4 * 128 * 1024));
    EXPECT_GE(count("READ_FIXED"), 1U);
    EXPECT_EQ(count("sendfile64") + count("SPLICE"), 0U);
}

TEST_F(transfer_methods, from_a_mapping) {
    serve("mmap");
    EXPECT_GE(count("SEND"), 3'000'000U / (256 * 1024));
    EXPECT_GE(count("mmap"), 3'000'000U / (256 * 1024));
    EXPECT_LE(count("READ"), few);
    expect_only({});
}

// The rows "fixed" and "IOPOLL" of `bench files` are what they say: both in each, or none.
TEST_F(methods, of_reading_in_bench_files) {
    constexpr std::uint64_t fixed_file = 1;  // IOSQE_FIXED_FILE
    constexpr std::uint64_t polled = 1;      // IORING_SETUP_IOPOLL
    if (runs_on_epoll()) {
        GTEST_SKIP() << "epoll enrolls nothing";
    }
    const auto ended = trace_->run({.program = RINGWAY_BINARY,
                                    .arguments = {"bench", "files", "random", "--quick", "-q", "-r",
                                                  "1", "-s", "50ms", "--dir", site_.path()}});
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    if (ended.standard_output.contains("O_DIRECT:")) {
        GTEST_SKIP() << "skipped: no direct reads on this file system";
    }
    const std::size_t enrolled = count("READ_FIXED");
    EXPECT_GT(enrolled, 0U);
    EXPECT_EQ(trace_->lines_with_flag("opcode READ_FIXED,", fixed_file), enrolled);
    EXPECT_GT(count("READ"), 0U);
    EXPECT_EQ(trace_->lines_with_flag("opcode READ,", fixed_file), 0U);
    EXPECT_GT(trace_->lines_with_flag("io_uring_create:", polled), 0U);
}

}  // namespace
}  // namespace ringway::test
