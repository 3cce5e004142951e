// Goal: who misbehaves towards `ringway serve --guard` can't reach it any more, for a while, in
// whichever version of HTTP; everybody else can.
#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/child_process.hpp"
#include "support/get_command.hpp"
#include "support/h2_client.hpp"
#include "support/need_kernel.hpp"
#include "support/patience.hpp"
#include "support/prometheus_check.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"
#include "support/virtual_network.hpp"

namespace ringway::test {
namespace {

using words = std::vector<std::string>;

constexpr const char* abuser = "10.77.0.3";
constexpr const char* other = "10.77.0.2";
constexpr std::uint16_t port = 8080;

sockaddr_in ip(const char* address, std::uint16_t at) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(at);
    ::inet_pton(AF_INET, address, &made.sin_addr);
    return made;
}

class guard_bans : public ::testing::Test {
protected:
    void SetUp() override {
        RW_NEED_KERNEL(5, 18, "XDP programs as the guard has them");
        const auto asked = run_program(
            {.program = RINGWAY_BINARY, .arguments = {"guard", "status", "--socket", "/nowhere"}});
        if (asked.standard_error.contains("this build has no BPF programs")) {
            GTEST_SKIP() << asked.standard_error;
        }
        std::string why_not;
        net_ = virtual_network::make({}, why_not);
        if (!net_) {
            GTEST_SKIP() << why_not;
        }
        // Two clients behind one wire; the server knows where both are.
        ASSERT_EQ(net_->run(net_side::far, "ip address add 10.77.0.3/24 dev far"), 0);
        ASSERT_EQ(net_->run(net_side::near,
                            "ip neigh replace 10.77.0.3 lladdr 02:00:00:00:00:02 dev near"),
                  0);
        site_.add("index.html", "hello");
    }

    // With a threshold of 3.
    void serve(words more = {}) {
        words arguments{"serve",
                        site_.path(),
                        "-l",
                        "10.77.0.1:8080",
                        "--guard",
                        "near",
                        "--guard-socket",
                        socket(),
                        "--guard-threshold",
                        "3",
                        "--shards",
                        "1"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        net_->in(net_side::near, [&] {
            server_.emplace(launch{.program = RINGWAY_BINARY,
                                   .arguments = std::move(arguments),
                                   .environment = {{"XDG_STATE_HOME", state_.path()}}});
        });
        ASSERT_TRUE(eventually([&] { return said().contains("ready in") || server_->has_ended(); }))
            << said();
        ASSERT_FALSE(server_->has_ended()) << said();
    }

    // Tests run at once, with an interface of that name in a namespace of each.
    [[nodiscard]] std::string socket() const { return state_.path() + "/guard.sock"; }

    [[nodiscard]] std::string said() const { return server_->standard_error(); }

    [[nodiscard]] bool has_banned(const std::string& whom) const {
        return eventually([&] { return said().contains("guard: " + whom + " banned for "); });
    }

    // A connection from `address`; none within 300 ms: no socket.
    [[nodiscard]] unique_fd connect_from(const char* address) const {
        unique_fd made;
        net_->in(net_side::far,
                 [&] { made = unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}; });
        const timeval patience{.tv_sec = 0, .tv_usec = 300'000};
        ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const sockaddr_in from = ip(address, 0);
        const sockaddr_in to = ip("10.77.0.1", port);
        EXPECT_EQ(::bind(made.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from), 0);
        if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
            return {};
        }
        return made;
    }

    // What comes back within 300 ms: "" for nothing.
    static std::string ask(const unique_fd& by, const std::string& text) {
        static_cast<void>(::send(by.get(), text.data(), text.size(), MSG_NOSIGNAL));
        std::string answer(4096, '\0');
        const auto count = ::recv(by.get(), answer.data(), answer.size(), 0);
        answer.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return answer;
    }

    // The sum of a metric's samples, of a server with --admin 127.0.0.1:8081.
    [[nodiscard]] double metric(const std::string& name) const {
        std::string page;
        net_->in(net_side::near, [&] {
            page = run_program({.program = "curl", .arguments = {"-s", "127.0.0.1:8081/metrics"}})
                       .standard_output;
        });
        const auto read = testing_support::check_prometheus(page);
        double sum = 0;
        for (const auto& [sample, value] : read.samples) {
            sum += sample == name || sample.starts_with(name + "{") ? value : 0;
        }
        return sum;
    }

    void block(const std::string& range) const {
        const auto done =
            run_program({.program = RINGWAY_BINARY,
                         .arguments = {"guard", "add", "block", range, "--socket", socket()}});
        EXPECT_EQ(done.exit_status, 0) << done.standard_error;
    }

    // Reads what there is; whether that ends with a reset.
    static bool was_reset(const unique_fd& by) {
        std::string some(65536, '\0');
        ssize_t count = 0;
        while ((count = ::recv(by.get(), some.data(), some.size(), MSG_DONTWAIT)) > 0) {
        }
        int pending = 0;
        socklen_t size = sizeof pending;
        ::getsockopt(by.get(), SOL_SOCKET, SO_ERROR, &pending, &size);
        return (count < 0 && errno == ECONNRESET) || pending == ECONNRESET;
    }

    [[nodiscard]] std::string get_from(const char* address, const std::string& target) const {
        const unique_fd made = connect_from(address);
        return made ? ask(made, "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n") : "";
    }

    [[nodiscard]] bool serves(const char* address) const {
        return get_from(address, "/").contains("hello");
    }

    // `ringway get` from `address`; its exit status.
    int fetch_from(const char* address, words arguments) const {
        EXPECT_EQ(net_->run(net_side::far, std::string{"ip route replace 10.77.0.0/24 dev far "
                                                       "src "} +
                                               address),
                  0);
        const get_command get;
        arguments.insert(arguments.begin(), {"--insecure", "--overwrite", "--max-time",
                                             patience_s(std::chrono::seconds{2}), "--retry", "0"});
        int status = -1;
        net_->in(net_side::far, [&] { status = get.run(arguments).exit_status; });
        return status;
    }

    temporary_site site_;
    temporary_site state_;
    std::unique_ptr<virtual_network> net_;
    std::optional<child_process> server_;
};

TEST_F(guard_bans, who_tries_to_leave_the_root_is_banned_and_comes_back) {
    serve({"--guard-ban", "3s"});
    const unique_fd kept_by_abuser = connect_from(abuser);
    const unique_fd kept_by_other = connect_from(other);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(get_from(abuser, "/%2e%2e/%2e%2e/etc/passwd").contains(" 400 ")) << i;
    }
    ASSERT_TRUE(has_banned(abuser)) << said();
    EXPECT_TRUE(said().contains("path_escape")) << said();
    const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    EXPECT_FALSE(bool{connect_from(abuser)});
    EXPECT_EQ(ask(kept_by_abuser, request), "");
    EXPECT_TRUE(ask(kept_by_other, request).contains("hello"));
    EXPECT_TRUE(serves(other));
    EXPECT_TRUE(eventually([this] { return serves(abuser); }));
    server_->signal(SIGTERM);
    EXPECT_EQ(server_->wait().exit_status, 0);
}

// Goal: idle, busy and half-open connections of the banned end at once, with a reset; others go on.
TEST_F(guard_bans, cuts_off_what_is_open) {
    site_.add("large", std::string(std::size_t{32} * 1024 * 1024, 'x'));
    serve({"--h2c", "--admin", "127.0.0.1:8081"});
    const unique_fd idle = connect_from(abuser);
    EXPECT_TRUE(ask(idle, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").contains("hello"));
    const unique_fd busy = connect_from(abuser);
    EXPECT_TRUE(ask(busy, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n").contains(" 200 "));
    const unique_fd silent = connect_from(abuser);
    const unique_fd streams = connect_from(abuser);
    EXPECT_FALSE(ask(streams, std::string{h2::preface} + h2::frame(h2::settings, h2::none, 0) +
                                  h2::request(1, h2::get("/large")))
                     .empty());
    const unique_fd others = connect_from(other);
    EXPECT_TRUE(ask(others, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").contains("hello"));
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(get_from(abuser, "/%2e%2e/etc/passwd").contains(" 400 ")) << i;
    }
    ASSERT_TRUE(has_banned(abuser)) << said();
    for (const auto& [name, each] :
         {std::pair{"idle", &idle}, {"busy", &busy}, {"silent", &silent}, {"h2", &streams}}) {
        EXPECT_TRUE(eventually([each] { return was_reset(*each); })) << name;
    }
    EXPECT_TRUE(eventually([&] { return metric("ringway_connections") == 1; }))
        << metric("ringway_connections");
    EXPECT_GE(metric("ringway_guard_closed_connections_total"), 4);
    EXPECT_TRUE(ask(others, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").contains("hello"));
}

// Goal: the same while a TLS handshake waits for the client, by a command too.
TEST_F(guard_bans, cuts_off_handshakes) {
    serve({"--tls", "self"});
    const unique_fd silent = connect_from(abuser);
    const unique_fd others = connect_from(other);
    ASSERT_TRUE(silent && others);
    block("10.77.0.0/24");
    EXPECT_TRUE(eventually([&] { return was_reset(silent); }));
    EXPECT_TRUE(eventually([&] { return was_reset(others); }));
}

TEST_F(guard_bans, cuts_off_quic_connections) {
    site_.add("large", std::string(std::size_t{32} * 1024 * 1024, 'x'));
    serve({"--tls", "self", "--admin", "127.0.0.1:8081"});
    EXPECT_EQ(net_->run(net_side::far,
                        std::string{"ip route replace 10.77.0.0/24 dev far src "} + abuser),
              0);
    std::optional<child_process> get;
    net_->in(net_side::far, [&] {
        get.emplace(launch{
            .program = RINGWAY_BINARY,
            .arguments = {"get", "--http3", "--insecure", "--limit-rate", "2M", "--retry", "0",
                          "-o", state_.path() + "/large", "https://10.77.0.1:8080/large"}});
    });
    EXPECT_TRUE(eventually([&] { return metric("ringway_quic_connections_open") == 1; }));
    block(abuser);
    EXPECT_TRUE(eventually([&] { return metric("ringway_quic_connections_open") == 0; }));
    EXPECT_EQ(metric("ringway_guard_closed_connections_total"), 1);
    EXPECT_NE(get->wait().exit_status, 0);
}

// Goal: who follows broken links is not banned.
TEST_F(guard_bans, mistakes_in_links_are_none) {
    serve();
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(get_from(abuser, "/50%-off").contains(" 400 ")) << i;
        EXPECT_TRUE(get_from(abuser, "/nowhere").contains(" 404 ")) << i;
    }
    EXPECT_TRUE(serves(abuser));
    EXPECT_FALSE(said().contains("banned"));
}

TEST_F(guard_bans, nonsense_in_http_1_bans) {
    serve();
    for (int i = 0; i < 3; ++i) {
        const unique_fd made = connect_from(abuser);
        EXPECT_TRUE(ask(made, "NO SENSE\r\n\r\n").contains(" 400 ")) << i;
    }
    ASSERT_TRUE(has_banned(abuser)) << said();
    EXPECT_FALSE(serves(abuser));
    EXPECT_TRUE(serves(other));
}

TEST_F(guard_bans, abuse_of_http_2_bans) {
    serve({"--h2c"});
    for (int i = 0; i < 3; ++i) {
        const unique_fd made = connect_from(abuser);
        std::string flood{h2::preface};
        flood += h2::frame(h2::settings, h2::none, 0);
        for (std::uint32_t stream = 1; stream < 4000; stream += 2) {
            flood += h2::request(stream, h2::get("/"));
            flood += h2::frame(h2::rst_stream, h2::none, stream, h2::u32(h2::cancel));
        }
        std::string_view rest = flood;
        while (!rest.empty()) {
            const auto sent = ::send(made.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                break;
            }
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
        static_cast<void>(eventually([&] { return ask(made, "").empty(); }));
    }
    ASSERT_TRUE(has_banned(abuser)) << said();
    EXPECT_TRUE(said().contains("h2_rapid_reset")) << said();
    EXPECT_FALSE(serves(abuser));
    EXPECT_TRUE(serves(other));
}

TEST_F(guard_bans, abuse_by_http_3_bans) {
    serve({"--tls", "self"});
    const std::string here = "https://10.77.0.1:8080";
    EXPECT_EQ(fetch_from(abuser, {"--http3", here + "/index.html"}), 0);
    for (int i = 0; i < 3; ++i) {
        EXPECT_NE(fetch_from(abuser, {"--http3", "-o", "x", here + "/%00"}), 0) << i;
    }
    ASSERT_TRUE(has_banned(abuser)) << said();
    EXPECT_NE(fetch_from(abuser, {"--http3", here + "/index.html"}), 0);
    EXPECT_EQ(fetch_from(other, {"--http3", here + "/index.html"}), 0);
    EXPECT_EQ(fetch_from(other, {"--http2", here + "/index.html"}), 0);
}

// Goal: what anybody can have sent bans nobody.
TEST_F(guard_bans, datagrams_prove_nothing) {
    serve({"--tls", "self"});
    net_->in(net_side::far, [] {
        const unique_fd sender{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        const sockaddr_in from = ip(abuser, 0);
        const sockaddr_in to = ip("10.77.0.1", port);
        ASSERT_EQ(::bind(sender.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from), 0);
        for (unsigned i = 0; i < 500; ++i) {
            std::string packet(1200, static_cast<char>(i));
            packet[0] = static_cast<char>(0xc0);  // An Initial of version 1,
            packet.replace(1, 5, std::string{"\0\0\0\1\10", 5});
            static_cast<void>(::sendto(sender.get(), packet.data(), packet.size(), 0,
                                       reinterpret_cast<const sockaddr*>(&to), sizeof to));
        }
    });
    EXPECT_EQ(fetch_from(abuser, {"--http3", "https://10.77.0.1:8080/index.html"}), 0);
    EXPECT_FALSE(said().contains("banned")) << said();
}

TEST_F(guard_bans, connections_beyond_the_limit_ban_in_the_end) {
    serve({"--max-connections-per-address", "2"});
    const unique_fd one = connect_from(abuser);
    const unique_fd two = connect_from(abuser);
    for (int i = 0; i < 47; ++i) {  // Sixteen of them count as one nonsense.
        EXPECT_TRUE(bool{connect_from(abuser)}) << i;
    }
    EXPECT_TRUE(serves(other));
    EXPECT_FALSE(said().contains("banned")) << said();
    EXPECT_TRUE(bool{connect_from(abuser)});
    ASSERT_TRUE(has_banned(abuser)) << said();
    EXPECT_FALSE(bool{connect_from(abuser)});
    EXPECT_TRUE(serves(other));
}

TEST_F(guard_bans, the_operator_and_the_allow_list_are_spared) {
    serve({"--guard-admin", abuser});
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(get_from(abuser, "/../etc/passwd").contains(" 400 ")) << i;
    }
    EXPECT_TRUE(serves(abuser));
    EXPECT_FALSE(said().contains("banned")) << said();
}

// Goal: a proxy on this machine, which speaks for everybody, is not banned.
TEST_F(guard_bans, loopback_is_spared) {
    serve({"-l", "127.0.0.1:8081"});
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(net_->run(net_side::near,
                            "curl -s -o /dev/null --path-as-is "
                            "http://127.0.0.1:8081/../etc/passwd"),
                  0);
    }
    EXPECT_FALSE(said().contains("banned")) << said();
}

}  // namespace
}  // namespace ringway::test
