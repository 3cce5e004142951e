// Goal: certificates get from files to the server, and what is wrong with them is said in one line.
#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "support/made_certificate.hpp"
#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

namespace fs = std::filesystem;

class serve_https : public ::testing::Test {
protected:
    serve_https() {
        site_.add("a", "content");
        write("a", make_certificate({.names = {"first.org"}}));
    }

    // NAME.crt and NAME.key.
    void write(const std::string& name, const made_certificate& pair) const {
        files_.replace(name + ".crt", pair.certificate);
        files_.replace(name + ".key", pair.key);
        fs::permissions(files_.at(name + ".key"), fs::perms{0600});
    }
    [[nodiscard]] std::string pair() const { return files_.at("a.crt") + "," + files_.at("a.key"); }
    [[nodiscard]] launch at_home() const {
        return {.environment = {{"XDG_STATE_HOME", files_.at("state")}}};
    }
    static bool has_said(const server_process& server, std::string_view text) {
        return eventually([&] { return server.said().contains(text); });
    }

    temporary_site site_;
    temporary_site files_;
};

void expect_refusal(const ended_process& ended, std::string_view text) {
    EXPECT_EQ(ended.exit_status, 2);
    EXPECT_TRUE(ended.standard_error.contains(text)) << ended.standard_error;
    EXPECT_EQ(std::ranges::count(ended.standard_error, '\n'), 1) << ended.standard_error;
}

TEST_F(serve_https, what_makes_no_sense_is_refused) {
    const auto run = [&](std::vector<std::string> options) {
        options.insert(options.begin(), {"serve", site_.path()});
        return run_command(options);
    };
    files_.add("broken/a.pem", "junk");
    fs::create_directory(files_.at("empty"));
    expect_refusal(run({"--tls", files_.at("a.crt")}), "a.crt: no private key in it");
    expect_refusal(run({"--tls", files_.at("a.key") + "," + files_.at("a.crt")}),
                   "a.key: a private key and no certificate");
    expect_refusal(run({"--tls", files_.at("nothing.pem")}), "nothing.pem: no such file");
    expect_refusal(run({"--tls-dir", files_.at("broken")}), "broken/a.pem: not PEM");
    expect_refusal(run({"--tls-dir", files_.at("empty")}), "empty: no certificate in it");
    expect_refusal(run({"--listen", "https://127.0.0.1:0"}), "needs a certificate: --tls self");
    expect_refusal(run({"--tls", "self", "--listen", "http://127.0.0.1:0"}), "every --listen");
    expect_refusal(run({"--http-redirect", "127.0.0.1:0"}), "--http-redirect needs https");
    expect_refusal(run({"--hsts"}), "--hsts needs https");
    expect_refusal(run({"--tls", "self", "--tls-min", "1.1"}), "\"1.1\" is none of 1.2 and 1.3");
    expect_refusal(run({"--admin", ":9100"}), "--admin-public");
    expect_refusal(run({"--listen", ":9100", "--admin", "127.0.0.1:9100"}), "overlaps");
}

TEST_F(serve_https, certificates_of_a_directory_are_served) {
    write("rsa", make_certificate({.names = {"first.org"}, .key = made_key::rsa_2048}));
    write("z", make_certificate({.names = {"second.org"}}));
    const server_process server{site_.path(),
                                {"--tls-dir", files_.path(), "--admin", "127.0.0.1:0"}};

    const std::string said = server.said();
    EXPECT_TRUE(said.contains("listening: https://127.0.0.1:")) << said;
    EXPECT_TRUE(said.contains("tls: first.org (ECDSA, until ")) << said;
    EXPECT_TRUE(said.contains("tls: first.org (RSA, until ")) << said;
    EXPECT_TRUE(said.contains("tls: second.org (ECDSA, until ")) << said;
    EXPECT_GT(server.metric("ringway_tls_certificate_expiry_timestamp_seconds{name=\"first.org\","
                            "key=\"RSA\"}"),
              1e9);
    EXPECT_EQ(server.metric("ringway_config_last_reload_successful"), 1);
    EXPECT_GT(server.metric("ringway_config_last_reload_success_timestamp_seconds"), 1e9);
}

TEST_F(serve_https, without_certificates_nothing_is_said_of_them) {
    const server_process server{site_.path(), {"--admin", "127.0.0.1:0"}};
    EXPECT_FALSE(server.said().contains("tls:"));
    EXPECT_EQ(http_client{server.admin_port()}.get("/metrics").body.find("certificate"),
              std::string::npos);
    server.signal(SIGHUP);  // Is no reason to end.
    EXPECT_TRUE(has_said(server, "nothing to load anew"));
    EXPECT_EQ(server.get("/a").body, "content");
}

TEST_F(serve_https, development_certificate_is_kept) {
    const auto fingerprint_of = [](const std::string& said) {
        const auto at = said.find("SHA-256 ");
        return at == std::string::npos ? "" : said.substr(at, 103);
    };
    std::string first;
    {
        const server_process server{site_.path(), {"--tls", "self"}, at_home()};
        first = fingerprint_of(server.said());
        EXPECT_TRUE(
            server.said().contains("tls: curl --cacert " + files_.at("state/ringway/self.pem")));
        EXPECT_TRUE(server.said().contains("--ignore-certificate-errors-spki-list="));
        EXPECT_TRUE(server.said().contains("localhost"));
    }
    ASSERT_EQ(first.size(), 103U);
    struct stat facts{};
    ASSERT_EQ(::stat(files_.at("state/ringway/self.pem").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat(files_.at("state/ringway").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0700U);
    {
        const server_process server{site_.path(), {"--tls", "self"}, at_home()};
        EXPECT_EQ(fingerprint_of(server.said()), first);
    }
    const server_process other{
        site_.path(), {"--tls", "self", "--listen", "127.0.0.9:0"}, at_home()};
    EXPECT_NE(fingerprint_of(other.said()), first);
    EXPECT_TRUE(other.said().contains("127.0.0.9"));
}

TEST_F(serve_https, development_certificate_without_a_place) {
    files_.add("file", "x");
    const server_process server{
        site_.path(), {"--tls", "self"}, {.environment = {{"XDG_STATE_HOME", files_.at("file")}}}};
    EXPECT_TRUE(server.said().contains("is new with each start: " + files_.at("file/ringway")));
    EXPECT_TRUE(server.said().contains("tls: curl -k"));
}

TEST_F(serve_https, changes_are_taken_over) {
    const server_process server{site_.path(), {"--tls", pair(), "--admin", "127.0.0.1:0"}};
    write("a", make_certificate({.names = {"second.org"}}));
    EXPECT_TRUE(has_said(server,
                         "certificates reloaded: 1 certificate, the first to expire is "
                         "second.org"));
    EXPECT_FALSE(server.said().contains("not reloaded"));

    files_.add("a.crt", "junk");
    server.signal(SIGHUP);
    EXPECT_TRUE(has_said(
        server, "not reloaded, the last good ones stay: " + files_.at("a.crt") + ": not PEM"));
    EXPECT_EQ(server.metric("ringway_config_last_reload_successful"), 0);
    EXPECT_GT(server.metric("ringway_tls_certificate_expiry_timestamp_seconds{name=\"second.org\","
                            "key=\"ECDSA\"}"),
              1e9);

    write("a", make_certificate({.names = {"third.org"}}));
    server.signal(SIGHUP);
    EXPECT_TRUE(has_said(server, "the first to expire is third.org"));
    EXPECT_EQ(server.metric("ringway_config_last_reload_successful"), 1);
}

TEST_F(serve_https, what_expires_soon_is_told) {
    const auto now = std::time(nullptr);
    write("a", make_certificate({.names = {"first.org"}, .until_unix_s = now + 3 * 86'400 + 60}));
    const server_process server{site_.path(), {"--tls", pair()}};
    EXPECT_TRUE(server.said().contains("the certificate of first.org expires on "));
    EXPECT_TRUE(server.said().contains(", in 3 days; renew it"));
}

TEST_F(serve_https, redirects_lead_to_https_alone) {
    site_.add(".well-known/acme-challenge/token", "proof");
    const server_process server{site_.path(),
                                {"--tls", pair(), "--http-redirect", "127.0.0.1:0", "--hsts"}};
    ASSERT_EQ(server.ports().size(), 2U);
    const std::string https = "https://first.org:" + std::to_string(server.ports()[0]);
    const auto ask = [&](std::string_view method, std::string_view target, std::string_view host) {
        http_client client{server.ports()[1]};
        client.send(std::string{method} + " " + std::string{target} +
                    " HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n");
        return client.receive(method == "HEAD");
    };

    const auto moved = ask("GET", "/a%20b?x=1", "first.org:80");
    EXPECT_EQ(moved.status, 308);
    EXPECT_EQ(moved.field("Location"), https + "/a%20b?x=1");
    EXPECT_FALSE(moved.has("Strict-Transport-Security"));  // RFC 6797 section 7.2.
    EXPECT_EQ(ask("POST", "/a", "first.org").status, 308);
    EXPECT_EQ(ask("HEAD", "/a", "first.org").field("Location"), https + "/a");
    EXPECT_EQ(ask("GET", "/a", "evil.net").status, 421);
    EXPECT_FALSE(ask("GET", "/a", "evil.net").has("Location"));
    EXPECT_EQ(ask("GET", "http://evil.net/a", "first.org").status, 421);
    EXPECT_EQ(ask("GET", "/.well-known/acme-challenge/token", "new.org").body, "proof");
    EXPECT_EQ(ask("GET", "/.well-known/acme-challenge/none", "new.org").status, 404);
}

TEST_F(serve_https, http_in_front_of_an_address_keeps_it_plain) {
    const server_process server{site_.path(),
                                {"--tls", pair(), "--listen", "127.0.0.1:0", "--listen",
                                 "http://127.0.0.1:0", "--hsts=300"}};
    ASSERT_EQ(server.ports().size(), 2U);
    const auto plain = http_client{server.ports()[1]}.get("/a");
    EXPECT_EQ(plain.body, "content");
    EXPECT_FALSE(plain.has("Strict-Transport-Security"));
}

}  // namespace
}  // namespace ringway::test
