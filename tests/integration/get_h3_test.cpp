// Goal: HTTP/3 brings what HTTP/1.1 and HTTP/2 do, sooner where the server was asked before.
#include <filesystem>
#include <nlohmann/json.hpp>
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

class get_h3 : public ::testing::Test {
protected:
    get_h3() { site_.add("small", "hello"); }
    [[nodiscard]] ended_process ask(const string& target, std::vector<string> more = {}) const {
        more.insert(more.end(), {"--json", "--overwrite", "--cacert", files_.at("1.pem"),
                                 "https://127.0.0.1:" + std::to_string(server_.port()) + target});
        return get_.run(more);
    }

    temporary_site site_;
    temporary_site files_;
    get_command get_;
    string content_ = site_.add_pattern("big", 5'000'000);
    server_process server_{site_.path(), {"--tls-dir", prepared(files_)}};

private:
    static string prepared(const temporary_site& files) {
        files.replace("1.pem", make_certificate({.names = {"127.0.0.1", "localhost"}}).both());
        return files.path();
    }
};

TEST_F(get_h3, files_arrive_as_they_are) {
    for (const string pieces : {"1", "4"}) {
        const auto ended = ask("/big", {"--http3", "-j", pieces});
        ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_TRUE(get_.file("big") == content_);
        EXPECT_TRUE(ended.standard_output.contains("\"HTTP/3\"")) << ended.standard_output;
    }
    EXPECT_EQ(ask("/nothing", {"--http3"}).exit_status, 6);
}

TEST_F(get_h3, failures_are_told_apart) {
    const string dead = "https://127.0.0.1:" + std::to_string(port_of(tcp_listener().get())) + "/f";
    EXPECT_EQ(get_.run({"--http3", "-k", dead}).exit_status, 4);
    const auto stranger =
        get_.run({"--http3", "https://127.0.0.1:" + std::to_string(server_.port()) + "/small"});
    EXPECT_EQ(stranger.exit_status, 5) << stranger.standard_error;
    EXPECT_EQ(get_.file("small"), "(none)");
}

TEST_F(get_h3, early_data_after_the_first_time) {
    const auto is_early = [&] {
        const auto ended = ask("/small", {"--http3", "--early-data"});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_EQ(get_.file("small"), "hello");
        const auto read = nlohmann::json::parse(ended.standard_output, nullptr, false);
        if (!read.is_object()) {
            return false;
        }
        // Early data is sent with the keys of a session that is resumed (RFC 8446 section 2.3).
        EXPECT_EQ(read["connection"]["resumed"], read["connection"]["early_data"]);
        return read["connection"]["early_data"] == true;
    };
    EXPECT_FALSE(is_early());
    for (int i = 0; i < 5; ++i) {  // Each has left a ticket for the next.
        EXPECT_TRUE(is_early()) << i;
    }
    std::filesystem::remove_all(get_.out.at("cache"));
    EXPECT_FALSE(is_early());
}

// Its keys for tickets have gone with the server, so the second refuses what the first has left.
TEST_F(get_h3, refused_early_data_is_asked_again) {
    const auto ask_at = [&](int port) {
        const auto ended =
            get_.run({"--http3", "--early-data", "--json", "--overwrite", "--cacert",
                      files_.at("1.pem"), "https://127.0.0.1:" + std::to_string(port) + "/small"});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_EQ(get_.file("small"), "hello");
        return nlohmann::json::parse(ended.standard_output, nullptr, false)["connection"];
    };
    int port = 0;
    {
        const server_process first{site_.path(), {"--tls-dir", files_.path()}};
        port = first.port();
        EXPECT_EQ(ask_at(port)["early_data"], false);
    }
    const server_process second{
        site_.path(),
        {"--listen", "127.0.0.1:" + std::to_string(port), "--tls-dir", files_.path()}};
    ASSERT_EQ(second.port(), port);
    const auto refused = ask_at(port);
    EXPECT_EQ(refused["early_data"], false);
    EXPECT_EQ(refused["resumed"], false);
    EXPECT_EQ(ask_at(port)["early_data"], true);
}

TEST_F(get_h3, moves_while_it_downloads) {
    const auto ended = ask("/big", {"--http3", "--limit-rate", "4M", "--migrate", "127.0.0.2",
                                    "--migrate", "127.0.0.3"});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_TRUE(ended.standard_error.contains("moved to 127.0.0.2")) << ended.standard_error;
    EXPECT_TRUE(ended.standard_error.contains("moved to 127.0.0.3"));
    EXPECT_TRUE(get_.file("big") == content_);
}

TEST_F(get_h3, moves_while_it_writes_to_a_pipe) {
    const auto ended =
        ask("/big", {"--http3", "--limit-rate", "4M", "--migrate", "127.0.0.2", "-o", "-"});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_TRUE(ended.standard_error.contains("moved to 127.0.0.2\n")) << ended.standard_error;
    EXPECT_TRUE(ended.standard_output == content_);
}

TEST_F(get_h3, moves_that_can_not_be_are_told) {
    for (const auto& [place, words] :
         {std::pair{"192.0.2.77", "can't move to 192.0.2.77: it is no address of this machine"},
          {"::1", "can't move to [::1]: the server can't be reached from such an address"}}) {
        const auto ended = ask("/big", {"--http3", "--migrate", place});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_TRUE(ended.standard_error.contains(words)) << ended.standard_error;
        EXPECT_TRUE(get_.file("big") == content_);
    }
    const auto quick = ask("/small", {"--http3", "--migrate", "127.0.0.2"});
    EXPECT_TRUE(quick.standard_error.contains("moved to 127.0.0.2") ||
                quick.standard_error.contains("stayed where it was"))
        << quick.standard_error;
}

TEST_F(get_h3, an_offer_is_remembered) {
    const auto first = ask("/small", {"-I"});
    EXPECT_TRUE(first.standard_output.starts_with("HTTP/2 200")) << first.standard_output;
    EXPECT_TRUE(first.standard_output.contains("alt-svc: h3=")) << first.standard_output;
    const auto second = ask("/small");
    EXPECT_TRUE(second.standard_output.contains("\"HTTP/3\"")) << second.standard_output;
}

}  // namespace
}  // namespace ringway::test
