// Goal: a server that was killed in the middle of its work can be started again at once, at the
// same place, and serves.
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/get_command.hpp"
#include "support/http_client.hpp"
#include "support/made_certificate.hpp"
#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

constexpr int rounds = 5;

class serve_killed : public ::testing::Test {
protected:
    serve_killed() {
        site_.add("a", "content");
        files_.add("1.pem", make_certificate({.names = {"127.0.0.1"}}).both());
    }

    // Anywhere at first, then where it was.
    void start(server_process::options more) {
        more.insert(more.end(),
                    {"--listen", "127.0.0.1:" + std::to_string(port_), "--admin", "127.0.0.1:0"});
        server_.emplace(site_.path(), more);
        ASSERT_TRUE(port_ == 0 || server_->port() == port_);
        port_ = server_->port();
    }
    void kill() {
        server_->signal(SIGKILL);
        EXPECT_EQ(server_->wait().exit_status, 128 + SIGKILL);
    }
    [[nodiscard]] bool has_answered(int requests) const {
        return eventually(
            [&] { return server_->metric("ringway_http_requests_total") >= requests; });
    }
    [[nodiscard]] std::vector<string> https(const string& version,
                                            std::vector<string> more = {}) const {
        more.insert(more.end(), {version, "--cacert", files_.at("1.pem"),
                                 "https://127.0.0.1:" + std::to_string(port_) + "/a"});
        return more;
    }

    temporary_site site_;
    temporary_site files_;
    get_command get_;
    string big_ = site_.add_pattern("big", 8'000'000);
    int port_ = 0;
    std::optional<server_process> server_;
};

// Its sends are under way when it dies: nobody reads what they have to send. The clients stay.
TEST_F(serve_killed, in_the_middle_of_answers) {
    ASSERT_NO_FATAL_FAILURE(start({}));
    for (int round = 0; round < rounds; ++round) {
        std::vector<http_client> busy;
        for (int i = 0; i < 16; ++i) {
            busy.push_back(server_->connect(4096));
            busy.back().send(request_text("GET", "/big"));
        }
        for (auto& each : busy) {
            EXPECT_EQ(each.receive_bytes(1000).size(), 1000U);
        }
        kill();
        ASSERT_NO_FATAL_FAILURE(start({}));
        EXPECT_EQ(server_->get("/a").body, "content") << round;
    }
}

TEST_F(serve_killed, with_clients_of_tls_and_quic) {
    // The clients of the server before keep trying, and slow machines are busy with that.
    const server_process::options tls{"--tls-dir", files_.path(), "--header-timeout",
                                      patience_ms(std::chrono::seconds{10})};
    ASSERT_NO_FATAL_FAILURE(start(tls));
    for (int round = 0; round < rounds; ++round) {
        const std::vector<string> endless{"--bench", "-c", "4", "-n", "100000000"};
        const child_process over_quic{get_.how(https("--http3", endless))};
        const child_process over_tls{get_.how(https("--http2", endless))};
        EXPECT_TRUE(has_answered(100));
        kill();
        ASSERT_NO_FATAL_FAILURE(start(tls));
        for (const string version : {"--http1.1", "--http3"}) {
            const auto ended = get_.run(https(version, {"--overwrite"}));
            EXPECT_EQ(ended.exit_status, 0) << version << ": " << ended.standard_error;
            EXPECT_EQ(get_.file("a"), "content");
        }
    }
}

}  // namespace
}  // namespace ringway::test
