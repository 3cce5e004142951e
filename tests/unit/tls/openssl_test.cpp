// Clients that share no record layer with us: OpenSSL's s_client, and gnutls-cli.
#include <cstddef>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>

#include <ringway/base/unique_fd.hpp>
#include <ringway/tls/connection.hpp>

#include "support/child_process.hpp"
#include "support/patience.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"
#include "support/tls_pair.hpp"

namespace ringway::tls {
namespace {

using test::run_on_shard;
using test::tls_world;

struct served {
    bool shaken = false;
    bool resumed = false;
    version spoken = version::none;
    std::string alpn;
};

task<served> serve(int fd, server_context& context) {
    served what;
    connection server{fd, context};
    const auto outcome = co_await server.handshake();
    what.shaken = outcome.has_value();
    if (outcome) {
        what.resumed = server.resumed();
        what.spoken = server.protocol();
        what.alpn = server.alpn();
        co_await test::echo_all(server);
    }
    co_await server.close();
    co_return what;
}

// s_client with its standard input in our hands, and our server that echoes.
class client_run {
public:
    client_run(tls_world& world, const std::string& options)
        : client_run{world,
                     "openssl s_client -servername localhost -verify_return_error -CAfile " +
                         world.trust_file + " " + options + " -connect 127.0.0.1:",
                     ""} {}
    // The port comes between `before` and `after`.
    client_run(tls_world& world, const std::string& before, const std::string& after)
        : listener_{test::tcp_listener()},
          input_path_{world.folder.at("input" + std::to_string(++runs))},
          made_{::mkfifo(input_path_.c_str(), 0600)},
          input_{::open(input_path_.c_str(), O_RDWR | O_CLOEXEC)},
          client_{{.program = "/bin/sh",
                   .arguments = {"-c", "exec " + before +
                                           std::to_string(test::port_of(listener_.get())) + after +
                                           " <" + input_path_}}},
          serving_{[this, &world] {
              if (!test::wait_for(listener_.get(), POLLIN)) {
                  return;  // The client has ended before.
              }
              const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
              outcome = run_on_shard(serve(fd, *world.server));
          }} {}

    // Waits until the client has printed `text`.
    void expect(std::string_view text) {
        EXPECT_TRUE(test::eventually([&] { return printed().find(text) != std::string::npos; }))
            << "no " << text << " in\n"
            << printed();
    }
    void say(std::string_view text) const { test::put(input_.get(), text); }
    test::ended_process end() {
        input_ = {};  // The end of its input.
        auto ended = client_.wait();
        serving_.join();
        return ended;
    }
    // For a handshake that fails.
    test::ended_process wait() {
        auto ended = client_.wait();
        serving_.join();
        return ended;
    }
    std::string printed() const { return client_.standard_output() + client_.standard_error(); }

    served outcome;

private:
    static inline int runs = 0;

    unique_fd listener_;
    std::string input_path_;
    int made_;
    unique_fd input_;
    test::child_process client_;
    std::thread serving_;
};

TEST(openssl, speaks_with_us) {
    tls_world world{{.alpn = {"h2", "http/1.1"}}};
    client_run run{world, "-alpn http/1.1"};
    run.expect("Verify return code: 0 (ok)");
    run.say("hello from openssl\n");
    run.expect("hello from openssl");
    run.end();
    EXPECT_TRUE(run.outcome.shaken);
    EXPECT_EQ(run.outcome.spoken, version::tls_1_3);
    EXPECT_EQ(run.outcome.alpn, "http/1.1");
    EXPECT_NE(run.printed().find("ALPN protocol: http/1.1"), std::string::npos);
    // Our preference, not that of OpenSSL, which begins with AES-256.
    EXPECT_NE(run.printed().find("TLS_AES_128_GCM_SHA256"), std::string::npos);
}

// Goal: key updates in both directions, several in a row, with data between.
TEST(openssl, updates_keys) {
    tls_world world;
    client_run run{world, ""};
    run.expect("Verify return code: 0 (ok)");
    for (int i = 0; i < 4; ++i) {
        const std::string text = "round " + std::to_string(i) + "\n";
        run.say(i % 2 == 0 ? "K\n" : "k\n");
        EXPECT_TRUE(test::eventually([&] {
            std::size_t count = 0;
            const std::string all = run.printed();
            for (std::size_t at = all.find("KEYUPDATE"); at != std::string::npos;
                 at = all.find("KEYUPDATE", at + 1)) {
                ++count;
            }
            return count == static_cast<std::size_t>(i) + 1;
        }));
        run.say(text);
        run.expect(text);
    }
    EXPECT_EQ(run.end().exit_status, 0);
}

TEST(openssl, resumes_sessions) {
    tls_world world;
    const std::string session = world.folder.at("session.pem");
    client_run first{world, "-sess_out " + session};
    first.say("as late as the ticket\n");
    first.expect("as late as the ticket");
    first.end();
    EXPECT_FALSE(first.outcome.resumed);
    client_run second{world, "-sess_in " + session};
    second.expect("Reused, TLSv1.3");
    second.say("again\n");
    second.expect("again");
    second.end();
    EXPECT_TRUE(second.outcome.resumed);
}

TEST(openssl, tls_1_2_is_refused_by_default) {
    tls_world world;
    client_run run{world, "-tls1_2"};
    EXPECT_NE(run.wait().exit_status, 0);
    EXPECT_FALSE(run.outcome.shaken);
    EXPECT_NE(run.printed().find("alert protocol version"), std::string::npos) << run.printed();
}

TEST(openssl, tls_1_2_is_spoken_on_request) {
    tls_world world{{.alpn = {"http/1.1"}, .allow_tls_1_2 = true}};
    client_run run{world, "-tls1_2 -alpn http/1.1"};
    run.expect("Verify return code: 0 (ok)");
    run.say("old but good\n");
    run.expect("old but good");
    run.end();
    EXPECT_EQ(run.outcome.spoken, version::tls_1_2);
    EXPECT_EQ(run.outcome.alpn, "http/1.1");
}

TEST(openssl, protocols_that_do_not_match_are_refused) {
    tls_world world{{.alpn = {"h2"}}};
    client_run run{world, "-alpn imap"};
    EXPECT_NE(run.wait().exit_status, 0);
    EXPECT_FALSE(run.outcome.shaken);
    EXPECT_NE(run.printed().find("no application protocol"), std::string::npos) << run.printed();
}

TEST(openssl, every_cipher_and_group_is_understood) {
    tls_world world;
    for (const auto* const options :
         {"-ciphersuites TLS_AES_128_GCM_SHA256", "-ciphersuites TLS_AES_256_GCM_SHA384",
          "-ciphersuites TLS_CHACHA20_POLY1305_SHA256", "-groups P-256", "-groups X25519",
          "-groups P-521:P-256"}) {
        client_run run{world, options};
        run.say("some text\n");
        run.expect("some text");
        run.end();
        EXPECT_TRUE(run.outcome.shaken) << options;
    }
}

TEST(gnutls_cli, speaks_with_us) {
    for (const auto* const cipher : {"AES-128-GCM", "CHACHA20-POLY1305"}) {
        tls_world world{{.alpn = {"http/1.1"}}};
        client_run run{world,
                       "gnutls-cli --alpn=http/1.1 --verify-hostname=localhost --x509cafile=" +
                           world.trust_file + " --priority=NORMAL:-CIPHER-ALL:+" + cipher +
                           " --port=",
                       " 127.0.0.1"};
        run.expect("Handshake was completed");
        run.say("hello from gnutls\n");
        run.expect("\nhello from gnutls");
        EXPECT_EQ(run.end().exit_status, 0) << run.printed();
        EXPECT_TRUE(run.outcome.shaken);
        EXPECT_EQ(run.outcome.alpn, "http/1.1");
    }
}

}  // namespace
}  // namespace ringway::tls
