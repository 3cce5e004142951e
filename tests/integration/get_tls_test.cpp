// Goal: nothing is taken from a server that can't show who it is, and the exit status says why.
#include <ctime>
#include <string>

#include <gtest/gtest.h>

#include "support/get_command.hpp"
#include "support/made_certificate.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

struct get_tls : ::testing::Test {
    get_tls() {
        authority =
            make_certificate({.names = {}, .common_name = "an authority", .is_authority = true});
        files.add("ca.pem", authority.certificate);
        site.add("f", "content");
    }
    // What a client that trusts the authority says of a server with this certificate. The server
    // is openssl's, which shows what it is given.
    ended_process ask(certificate_wish wish, std::vector<string> more = {}) {
        wish.issuer = &authority;
        const auto shown = make_certificate(wish);
        files.replace("shown.pem", shown.both());
        const int port = port_of(tcp_listener().get());
        child_process server{
            {.program = "sh",
             .arguments = {"-c", "cd '" + site.path() +
                                     "' && exec openssl s_server -quiet -WWW "
                                     "-accept 127.0.0.1:" +
                                     std::to_string(port) + " -cert '" + files.at("shown.pem") +
                                     "' -key '" + files.at("shown.pem") + "' " + flags}}};
        const string url = "https://localhost:" + std::to_string(port) + "/f";
        more.insert(more.end(), {"--overwrite", "--retry", "3", "--resolve",
                                 "localhost:" + std::to_string(port) + ":127.0.0.1", "--cacert",
                                 files.at("ca.pem"), url});
        auto ended = get.run(more);
        server.signal(9);
        return ended;
    }

    made_certificate authority;
    temporary_site files;
    temporary_site site;
    get_command get;
    string flags;
};

TEST_F(get_tls, a_good_certificate_is_taken) {
    const auto ended = ask({.names = {"localhost"}});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(get.file("f"), "content");
}

TEST_F(get_tls, version_1_2_is_spoken_too) {
    flags = "-tls1_2";
    const auto ended = ask({.names = {"localhost"}});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(get.file("f"), "content");
}

TEST_F(get_tls, bad_certificates_are_refused_with_the_reason) {
    const std::int64_t now = std::time(nullptr);
    const auto expired =
        ask({.names = {"localhost"}, .from_unix_s = now - 20'000, .until_unix_s = now - 10'000});
    EXPECT_EQ(expired.exit_status, 5);
    EXPECT_TRUE(expired.standard_error.contains("expired")) << expired.standard_error;
    const auto future =
        ask({.names = {"localhost"}, .from_unix_s = now + 10'000, .until_unix_s = now + 20'000});
    EXPECT_EQ(future.exit_status, 5) << future.standard_error;
    const auto other = ask({.names = {"example.org"}});
    EXPECT_EQ(other.exit_status, 5);
    EXPECT_TRUE(other.standard_error.contains("name")) << other.standard_error;
    EXPECT_EQ(get.file("f"), "(none)");
}

TEST_F(get_tls, strangers_are_refused_unless_asked) {
    const auto real = authority;
    authority = make_certificate({.names = {}, .common_name = "a stranger", .is_authority = true});
    const auto refused = ask({.names = {"localhost"}});
    EXPECT_EQ(refused.exit_status, 5);
    EXPECT_TRUE(refused.standard_error.contains("issuer is unknown")) << refused.standard_error;
    const auto taken = ask({.names = {"localhost"}}, {"-k", "-q"});
    EXPECT_EQ(taken.exit_status, 0) << taken.standard_error;
    EXPECT_TRUE(taken.standard_error.contains("warning: certificates are not verified"));
}

TEST_F(get_tls, exit_statuses_tell_failures_apart) {
    const int dead = port_of(tcp_listener().get());
    EXPECT_EQ(get.run({"http://no-such-host.invalid/f"}).exit_status, 3);
    EXPECT_EQ(get.run({"http://127.0.0.1:" + std::to_string(dead) + "/f"}).exit_status, 4);
    EXPECT_EQ(get.run({"--cacert", "/dev/null", "https://127.0.0.1:1/f"}).exit_status, 4 + 1);
    EXPECT_EQ(get.run({"gopher://x/"}).exit_status, 2);
    const server_process plain{site.path()};
    const auto ended = get.run({"https://127.0.0.1:" + std::to_string(plain.port()) + "/f"});
    EXPECT_EQ(ended.exit_status, 1);
    EXPECT_TRUE(ended.standard_error.contains("does not speak TLS; does http:// go there?"))
        << ended.standard_error;
}

}  // namespace
}  // namespace ringway::test
