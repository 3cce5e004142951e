// Goal: an offer of HTTP/3 that leads nowhere costs a quarter of a second once, not the download.
#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include <gtest/gtest.h>

#include "support/get_command.hpp"
#include "support/made_certificate.hpp"
#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

// Sooner than an offer is given up, in seconds.
double quickly() {
    return std::chrono::duration<double>(patience(std::chrono::milliseconds{250})).count();
}

// A UDP socket of the loopback interface that answers each Initial as it was told to.
class udp_peer {
public:
    enum class manner : std::uint8_t { silent, other_versions };

    explicit udp_peer(manner how, std::uint32_t address = INADDR_LOOPBACK, int port = 0)
        : how_{how} {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(address);
        where.sin_port = htons(static_cast<std::uint16_t>(port));
        EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&where), sizeof(where)), 0);
        answering_ = std::thread{[this] { answer(); }};
    }
    udp_peer(const udp_peer&) = delete;
    udp_peer& operator=(const udp_peer&) = delete;
    ~udp_peer() {
        ending_ = true;
        answering_.join();
    }
    [[nodiscard]] int port() const { return port_of(fd_.get()); }
    [[nodiscard]] int heard() const { return heard_; }

private:
    void answer() {
        while (!ending_) {
            pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
            if (::poll(&ready, 1, 20) != 1) {
                continue;
            }
            string got(2000, '\0');
            sockaddr_in from{};
            socklen_t size = sizeof(from);
            const auto count = ::recvfrom(fd_.get(), got.data(), got.size(), 0,
                                          reinterpret_cast<sockaddr*>(&from), &size);
            ++heard_;
            if (how_ == manner::silent || count < 50) {
                continue;
            }
            // Version Negotiation (RFC 8999 section 6): the ids change places.
            const auto theirs = static_cast<std::size_t>(static_cast<unsigned char>(got[5]));
            const string to = got.substr(5, 1 + theirs);
            const auto ours = static_cast<std::size_t>(static_cast<unsigned char>(got[6 + theirs]));
            const string back = got.substr(6 + theirs, 1 + ours);
            const string reply = string{"\x80\0\0\0\0", 5} + back + to + "\x1a\x2a\x3a\x4a\xff" +
                                 string{"\0\0\x1d", 3};
            ::sendto(fd_.get(), reply.data(), reply.size(), 0,
                     reinterpret_cast<const sockaddr*>(&from), size);
        }
    }

    manner how_;
    unique_fd fd_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    std::atomic<bool> ending_{false};
    std::atomic<int> heard_{0};
    std::thread answering_;
};

class get_fallback : public ::testing::Test {
protected:
    get_fallback() { site_.add("small", "hello"); }
    // As an answer of the server would have made it: its HTTP/3 is at `port`.
    void offer(int port) const {
        get_.out.add("cache/ringway/sessions/https___127.0.0.1_" + std::to_string(server_.port()) +
                         ".alt-svc",
                     "127.0.0.1\n" + std::to_string(port) + "\n99999999999\n");
    }
    [[nodiscard]] nlohmann::json ask(std::vector<string> more = {}) const {
        more.insert(more.end(), {"--json", "--overwrite", "--cacert", files_.at("1.pem"),
                                 "https://127.0.0.1:" + std::to_string(server_.port()) + "/small"});
        const auto ended = get_.run(more);
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_EQ(get_.file("small"), "hello");
        return nlohmann::json::parse(ended.standard_output, nullptr, false);
    }

    temporary_site site_;
    temporary_site files_;
    get_command get_;
    // Without HTTP/3, so that no answer brings a new offer.
    server_process server_{site_.path(), {"--no-http3", "--tls-dir", prepared(files_)}};

private:
    static string prepared(const temporary_site& files) {
        files.replace("1.pem", make_certificate({.names = {"127.0.0.1"}}).both());
        return files.path();
    }
};

TEST_F(get_fallback, silence_is_given_up_soon_and_remembered) {
    const udp_peer silent{udp_peer::manner::silent};
    offer(silent.port());
    const auto first = ask();
    EXPECT_EQ(first["version"], "HTTP/2");
    EXPECT_EQ(first["connection"]["http3_offer"], "slower");
    EXPECT_GE(first["seconds"]["tls"], 0.25);
    EXPECT_LT(first["seconds"]["tls"], 1.0);  // Over loopback TLS takes milliseconds.
    EXPECT_GT(silent.heard(), 0);
    const int heard = silent.heard();
    const auto second = ask();
    EXPECT_EQ(second["version"], "HTTP/2");
    EXPECT_EQ(second["connection"]["http3_offer"], "avoided");
    EXPECT_LT(second["seconds"]["tls"], quickly());
    EXPECT_EQ(silent.heard(), heard);
}

TEST_F(get_fallback, a_refusal_costs_nothing) {
    offer(port_of(tcp_listener().get()));  // Where no UDP socket is.
    const auto report = ask();
    EXPECT_EQ(report["version"], "HTTP/2");
    EXPECT_EQ(report["connection"]["http3_offer"], "failed");
    EXPECT_LT(report["seconds"]["tls"], quickly());
}

TEST_F(get_fallback, other_versions_of_quic) {
    const udp_peer strange{udp_peer::manner::other_versions};
    offer(strange.port());
    const auto report = ask();
    EXPECT_EQ(report["version"], "HTTP/2");
    EXPECT_EQ(report["connection"]["http3_offer"], "failed");
    const auto forced = get_.run(
        {"--http3", "-k", "https://127.0.0.1:" + std::to_string(strange.port()) + "/other"});
    EXPECT_EQ(forced.exit_status, 4);
    EXPECT_TRUE(forced.standard_error.contains("other versions of QUIC")) << forced.standard_error;
}

TEST_F(get_fallback, one_address_of_several_answers) {
    const server_process other{site_.path(), {"--tls-dir", files_.path()}};
    const udp_peer silent{udp_peer::manner::silent, 0x7f090909, other.port()};
    const auto ended =
        get_.run({"--http3", "--json", "-o", "-", "--cacert", files_.at("1.pem"), "--resolve",
                  "127.0.0.1:" + std::to_string(other.port()) + ":127.9.9.9,127.0.0.1",
                  "https://127.0.0.1:" + std::to_string(other.port()) + "/small"});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(ended.standard_output, "hello");
    EXPECT_GT(silent.heard(), 0);
    const auto at = ended.standard_error.find("\"tls\":");
    ASSERT_NE(at, string::npos) << ended.standard_error;
    EXPECT_LT(std::stod(ended.standard_error.substr(at + 6)), 1.0);
}

TEST_F(get_fallback, sessions_of_tls_over_tcp_are_kept_for_those_who_want_early_data) {
    EXPECT_EQ(ask()["connection"]["resumed"], false);
    EXPECT_EQ(ask()["connection"]["resumed"], false) << "nothing is kept unasked";
    const auto with_early_data = [&] {
        const auto report = ask({"--early-data"});
        EXPECT_EQ(report["version"], "HTTP/2");
        return report["connection"]["resumed"] == true;
    };
    EXPECT_FALSE(with_early_data());
    EXPECT_TRUE(with_early_data());
    EXPECT_TRUE(with_early_data());  // Each leaves a new one.
    std::filesystem::remove_all(get_.out.at("cache"));
    EXPECT_FALSE(with_early_data());
}

TEST_F(get_fallback, connections_of_one_command_resume_each_others_sessions) {
    const server_process hasty{site_.path(), {"--max-requests", "1", "--tls-dir", files_.path()}};
    const string url = "https://127.0.0.1:" + std::to_string(hasty.port()) + "/small";
    const auto ended = get_.run({"--http1.1", "--parallel", "1", "--json", "-o", "-", "--cacert",
                                 files_.at("1.pem"), url, url + "?2", url + "?3"});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(ended.standard_output, "hellohellohello");
    std::istringstream lines{ended.standard_error};
    int seen = 0;
    for (string line; std::getline(lines, line);) {
        const auto report = nlohmann::json::parse(line, nullptr, false);
        if (report.is_object()) {
            EXPECT_EQ(report["connection"]["reused"], false) << line;
            EXPECT_EQ(report["connection"]["resumed"], seen > 0) << line;
            ++seen;
        }
    }
    EXPECT_EQ(seen, 3) << ended.standard_error;
}

}  // namespace
}  // namespace ringway::test
