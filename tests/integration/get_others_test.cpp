// Goal: `ringway get` brings whole files from servers of other people: nginx, Python's http.server.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "support/child_process.hpp"
#include "support/get_command.hpp"
#include "support/made_certificate.hpp"
#include "support/patience.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

constexpr const char* nginx_program = "/usr/sbin/nginx";

string free_port() { return std::to_string(port_of(tcp_listener().get())); }

struct get_others : ::testing::Test {
    [[nodiscard]] nlohmann::json ask(const string& url, std::vector<string> more = {}) const {
        more.insert(more.end(), {"--json", "--overwrite", "--cacert", files.at("1.pem"), url});
        const auto ended = get.run(more);
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        return nlohmann::json::parse(ended.standard_output, nullptr, false);
    }
    void wait_for(const string& url) const {
        EXPECT_TRUE(
            eventually([&] { return get.run({"-k", "-q", "--overwrite", url}).exit_status == 0; }));
    }

    temporary_site site;
    temporary_site files;
    get_command get;
    string content = site.add_pattern("big", 5'000'000);
};

class get_nginx : public get_others {
protected:
    void SetUp() override {
        if (::access(nginx_program, X_OK) != 0) {
            GTEST_SKIP() << "skipped: there is no nginx here";
        }
        site.add("small", "hello");
        files.add("1.pem", make_certificate({.names = {"127.0.0.1"}}).both());
        files.add("nginx.conf",
                  "daemon off; master_process off; error_log stderr; pid " + files.at("pid") +
                      ";\nevents {}\nhttp { access_log off; keepalive_requests 3; "
                      "client_body_temp_path " +
                      files.at("t1") + "; proxy_temp_path " + files.at("t2") +
                      "; fastcgi_temp_path " + files.at("t3") + "; uwsgi_temp_path " +
                      files.at("t4") + "; scgi_temp_path " + files.at("t5") +
                      ";\nserver { listen 127.0.0.1:" + port_ + " ssl http2; root " + site.path() +
                      "; ssl_certificate " + files.at("1.pem") + "; ssl_certificate_key " +
                      files.at("1.pem") + ";\nlocation /moved { return 301 /small; } } }\n");
        server_.emplace(launch{.program = nginx_program,
                               .arguments = {"-c", files.at("nginx.conf"), "-p", files.path()}});
        wait_for(url("/small"));
    }
    [[nodiscard]] string url(const string& target) const {
        return "https://127.0.0.1:" + port_ + target;
    }

private:
    string port_ = free_port();
    std::optional<child_process> server_;
};

TEST_F(get_nginx, whole_and_in_pieces) {
    for (const string version : {"--http1.1", "--http2"}) {
        for (const string pieces : {"1", "4"}) {
            const auto report = ask(url("/big"), {version, "-j", pieces});
            EXPECT_EQ(report["version"], version == "--http2" ? "HTTP/2" : "HTTP/1.1");
            EXPECT_EQ(report["pieces"], std::stoi(pieces)) << version;
            EXPECT_TRUE(get.file("big") == content) << version << " " << pieces;
        }
    }
}

// nginx ends a connection after three requests here: by GOAWAY in HTTP/2.
TEST_F(get_nginx, many_over_connections_that_do_not_last) {
    for (const string version : {"--http1.1", "--http2"}) {
        std::vector<string> arguments{version, "-q", "-o", "-", "-k"};
        string wanted;
        for (int i = 0; i < 20; ++i) {
            arguments.push_back(url("/small?" + std::to_string(i)));
            wanted += "hello";
        }
        const auto ended = get.run(arguments);
        EXPECT_EQ(ended.exit_status, 0) << version << ended.standard_error;
        EXPECT_EQ(ended.standard_output, wanted) << version;
    }
}

TEST_F(get_nginx, redirects_ranges_and_what_is_not_there) {
    EXPECT_EQ(ask(url("/moved"))["redirects"], 1);
    EXPECT_EQ(get.file("moved"), "hello");
    const auto part = get.run({"-k", "-q", "-o", "-", "-r", "100-199", url("/big")});
    EXPECT_EQ(part.standard_output, content.substr(100, 100));
    EXPECT_EQ(get.run({"-k", url("/nothing")}).exit_status, 6);
}

TEST_F(get_nginx, sessions_are_resumed) {
    EXPECT_EQ(ask(url("/small"), {"--early-data"})["connection"]["resumed"], false);
    EXPECT_EQ(ask(url("/small"), {"--early-data"})["connection"]["resumed"], true);
}

TEST_F(get_others, python) {
    if (run_program({.program = "python3", .arguments = {"--version"}}).exit_status != 0) {
        GTEST_SKIP() << "skipped: there is no python3 here";
    }
    const string port = free_port();
    const child_process server{launch{.program = "python3",
                                      .arguments = {"-m", "http.server", "--bind", "127.0.0.1",
                                                    "--directory", site.path(), port}}};
    const string url = "http://127.0.0.1:" + port + "/big";
    wait_for(url);
    // It closes after each answer, and knows no ranges: pieces become one.
    for (const string pieces : {"1", "4"}) {
        const auto ended = get.run({"--overwrite", "--json", "-j", pieces, url});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_TRUE(get.file("big") == content) << pieces;
    }
    EXPECT_EQ(get.run({"http://127.0.0.1:" + port + "/nothing"}).exit_status, 6);
}

}  // namespace
}  // namespace ringway::test
