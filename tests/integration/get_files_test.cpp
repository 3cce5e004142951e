// Goal: what `ringway get` leaves behind is the file, whole and of one version, or no file.
#include <chrono>
#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "support/get_command.hpp"
#include "support/made_certificate.hpp"
#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

class get_files : public ::testing::Test {
protected:
    get_files() {
        content_ = site_.add_pattern("big", 5'000'000);
        site_.add("small", "hello");
        site_.add("empty", "");
        files_.replace("1.pem", make_certificate({.names = {"localhost", "127.0.0.1"}}).both());
    }
    [[nodiscard]] string url(const server_process& server, const string& target,
                             const string& scheme = "http") const {
        return scheme + "://127.0.0.1:" + std::to_string(server.port()) + target;
    }

    temporary_site site_;
    temporary_site files_;
    get_command get_;
    string content_;
};

TEST_F(get_files, arrive_as_they_are) {
    const server_process server{site_.path()};
    const auto ended =
        get_.run({url(server, "/big"), url(server, "/small"), url(server, "/empty")});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_TRUE(get_.file("big") == content_);
    EXPECT_EQ(get_.file("small"), "hello");
    EXPECT_EQ(get_.file("empty"), "");
    EXPECT_EQ(get_.file("big.part"), "(none)");
}

TEST_F(get_files, arrive_by_every_version_of_tcp) {
    const server_process server{site_.path(), {"--tls-dir", files_.path()}};
    for (const string version : {"--http1.1", "--http2"}) {
        for (const string pieces : {"1", "4"}) {
            const auto ended = get_.run({version, "-j", pieces, "--overwrite", "--json", "--cacert",
                                         files_.at("1.pem"), url(server, "/big", "https")});
            EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
            EXPECT_TRUE(get_.file("big") == content_) << version << pieces;
            EXPECT_TRUE(ended.standard_output.contains("\"pieces\":" + pieces));
            EXPECT_TRUE(ended.standard_output.contains(version == "--http2" ? "\"HTTP/2\""
                                                                            : "\"HTTP/1.1\""));
        }
    }
}

TEST_F(get_files, to_standard_output_in_order) {
    const server_process server{site_.path()};
    const auto ended =
        get_.run({"-o", "-", url(server, "/big"), url(server, "/small"), url(server, "/empty")});
    EXPECT_EQ(ended.exit_status, 0);
    EXPECT_TRUE(ended.standard_output == content_ + "hello");
}

TEST_F(get_files, ranges) {
    const server_process server{site_.path()};
    EXPECT_EQ(get_.run({"-o", "-", "-r", "1-3", url(server, "/small")}).standard_output, "ell");
    EXPECT_EQ(get_.run({"-o", "-", "-r", "-2", url(server, "/small")}).standard_output, "lo");
    EXPECT_EQ(get_.run({"-r", "100-199", url(server, "/big")}).exit_status, 0);
    EXPECT_TRUE(get_.file("big") == content_.substr(100, 100));
    EXPECT_EQ(get_.run({"-o", "x", "-r", "10-", url(server, "/small")}).exit_status, 6);
    EXPECT_EQ(get_.file("x"), "(none)");
}

TEST_F(get_files, what_is_there_is_not_replaced) {
    const server_process server{site_.path()};
    get_.out.add("small", "mine");
    const auto refused = get_.run({url(server, "/small")});
    EXPECT_EQ(refused.exit_status, 7);
    EXPECT_TRUE(refused.standard_error.contains("--overwrite"));
    EXPECT_EQ(get_.file("small"), "mine");
    EXPECT_EQ(get_.run({"--overwrite", url(server, "/small")}).exit_status, 0);
    EXPECT_EQ(get_.file("small"), "hello");
}

TEST_F(get_files, statuses_of_failure_leave_no_file) {
    const server_process server{site_.path()};
    const auto ended = get_.run({url(server, "/no-such-file"), url(server, "/small")});
    EXPECT_EQ(ended.exit_status, 6);
    EXPECT_TRUE(ended.standard_error.contains("404"));
    EXPECT_TRUE(ended.standard_error.contains("not saved"));
    EXPECT_EQ(get_.file("no-such-file"), "(none)");
    EXPECT_EQ(get_.file("no-such-file.part"), "(none)");
    EXPECT_EQ(get_.file("small"), "hello");
}

TEST_F(get_files, head_is_printed) {
    const server_process server{site_.path()};
    const auto ended = get_.run({"-I", url(server, "/small")});
    EXPECT_EQ(ended.exit_status, 0);
    EXPECT_TRUE(ended.standard_output.starts_with("HTTP/1.1 200\n"));
    EXPECT_TRUE(ended.standard_output.contains("Content-Length: 5\n"));
}

class get_interrupted : public get_files {
protected:
    // Begins to fetch /big slowly, and sends `signal` when some of it is there.
    ended_process interrupt(const string& where, const std::vector<string>& more = {}) {
        std::vector<string> arguments{"--limit-rate", "1M", where};
        arguments.insert(arguments.end(), more.begin(), more.end());
        child_process child{get_.how(arguments)};
        EXPECT_TRUE(eventually([&] {
            return get_.file("big.part.state").contains("\"validator\"") || child.has_ended();
        }));
        child.signal(SIGINT);
        return child.wait();
    }
};

TEST_F(get_interrupted, is_gone_on_with) {
    const server_process server{site_.path()};
    const auto where = url(server, "/big");
    const auto ended = interrupt(where);
    EXPECT_EQ(ended.exit_status, 130);
    EXPECT_TRUE(ended.standard_error.contains("ringway get -C"));
    EXPECT_EQ(get_.file("big"), "(none)");
    EXPECT_EQ(get_.run({where}).exit_status, 7);  // Not thrown away by mistake.
    const auto rest = get_.run({"-C", "--json", where});
    EXPECT_EQ(rest.exit_status, 0) << rest.standard_error;
    EXPECT_TRUE(get_.file("big") == content_);
    EXPECT_FALSE(rest.standard_output.contains("\"resumed_bytes\":0"));
    EXPECT_EQ(get_.file("big.part.state"), "(none)");
    const auto again = get_.run({"-C", where});
    EXPECT_EQ(again.exit_status, 0);  // Nothing is missing.
}

TEST_F(get_interrupted, pieces_are_gone_on_with) {
    const server_process server{site_.path()};
    const auto where = url(server, "/big");
    EXPECT_EQ(interrupt(where, {"-j", "4"}).exit_status, 130);
    const auto rest = get_.run({"-C", where});
    EXPECT_EQ(rest.exit_status, 0) << rest.standard_error;
    EXPECT_TRUE(get_.file("big") == content_);
}

// Goal: two versions of a file are never mixed.
TEST_F(get_interrupted, a_file_that_changed_begins_anew) {
    const server_process server{site_.path(), {"--cache-ttl", "0"}};
    const auto where = url(server, "/big");
    EXPECT_EQ(interrupt(where).exit_status, 130);
    const auto fresh = site_.add_pattern("big", 5'000'000, 7);
    const auto rest = get_.run({"-C", where});
    EXPECT_EQ(rest.exit_status, 0) << rest.standard_error;
    EXPECT_TRUE(rest.standard_error.contains("changed on the server"));
    EXPECT_TRUE(get_.file("big") == fresh);
}

TEST_F(get_interrupted, a_state_that_lies_is_not_believed) {
    const server_process server{site_.path()};
    const auto where = url(server, "/big");
    get_.out.add("big.part", "wrong");
    get_.out.add("big.part.state", "{\"format\":1,\"url\":\"" + where +
                                       "\",\"validator\":\"\\\"x\\\"\",\"total\":5000000,"
                                       "\"ranges\":[[0,5000000,5]]}");
    EXPECT_EQ(get_.run({"-C", where}).exit_status, 0);
    EXPECT_TRUE(get_.file("big") == content_);
}

TEST_F(get_files, time_limits_keep_the_part) {
    const server_process server{site_.path()};
    const auto ended =
        get_.run({"--limit-rate", "500K", "--max-time", "1500ms", url(server, "/big")});
    EXPECT_EQ(ended.exit_status, 8);
    EXPECT_TRUE(ended.standard_error.contains("--max-time"));
    EXPECT_TRUE(ended.standard_error.contains("big.part has"));
}

// A disk that is full, as far as this process can see.
TEST_F(get_files, a_file_that_can_not_be_written) {
    const server_process server{site_.path()};
    const auto ended = run_program(
        {.program = "sh",
         .arguments = {"-c", "cd '" + get_.out.path() + "' && ulimit -f 1000 && exec '" +
                                 RINGWAY_BINARY + "' get " + url(server, "/big")}});
    EXPECT_EQ(ended.exit_status, 7) << ended.standard_error;
    EXPECT_TRUE(ended.standard_error.contains("too large for this file system or for ulimit -f"));
    EXPECT_EQ(get_.file("big"), "(none)");
    const auto to_full =
        run_program({.program = "sh",
                     .arguments = {"-c", string{RINGWAY_BINARY} + " get -o - " +
                                             url(server, "/big") + " > /dev/full"}});
    EXPECT_EQ(to_full.exit_status, 7);
}

// Goal: whoever asked for JSON gets it where the end can't be waited for too, as while nobody reads
// what it writes.
TEST_F(get_files, tell_how_far_they_came_when_time_is_up) {
    const server_process server{site_.path()};
    const string line = "'" RINGWAY_BINARY "' get --json --quiet --max-time 300ms --output - " +
                        url(server, "/big") + " | sleep 5";
    const auto ended = run_program({.program = "sh", .arguments = {"-c", line}});
    EXPECT_TRUE(ended.standard_error.starts_with('{')) << ended.standard_error;
    EXPECT_TRUE(ended.standard_error.contains("--max-time has passed")) << ended.standard_error;
    EXPECT_TRUE(ended.standard_error.ends_with("}\n")) << ended.standard_error;
}

}  // namespace
}  // namespace ringway::test
