// Goal: what is served over TLS is what is served without it, to clients that we did not write.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/http_client.hpp"
#include "support/made_certificate.hpp"
#include "support/patience.hpp"
#include "support/run_on_shard.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

class serve_tls : public ::testing::Test {
protected:
    serve_tls() {
        site_.add("a", "content");
        write("1", make_certificate({.names = {"localhost", "127.0.0.1"}}));
    }
    // NAME.pem with both.
    void write(const string& name, const made_certificate& pair) const {
        files_.replace(name + ".pem", pair.both());
    }
    [[nodiscard]] server_process::options with(const server_process::options& more = {}) const {
        server_process::options all{"--tls-dir", files_.path(), "--admin", "127.0.0.1:0"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    [[nodiscard]] ended_process curl(const server_process& server, const string& target,
                                     std::vector<string> more = {},
                                     const string& host = "localhost") const {
        const string port = std::to_string(server.port());
        more.insert(more.end(),
                    {"--silent", "--show-error", "--max-time", patience_s(std::chrono::seconds{60}),
                     "--cacert", files_.at("1.pem"), "--resolve", host + ":" + port + ":127.0.0.1",
                     "https://" + host + ":" + port + target});
        return run_program({.program = "curl", .arguments = std::move(more)});
    }
    // What openssl says of a connection, after sending `input`.
    [[nodiscard]] static ended_process openssl(const server_process& server, const string& options,
                                               const string& input = "") {
        const string command = "printf '" + input + "' | openssl s_client -connect 127.0.0.1:" +
                               std::to_string(server.port()) + " " + options;
        return run_program({.program = "sh", .arguments = {"-c", command}});
    }

    temporary_site site_;
    temporary_site files_;
};

TEST_F(serve_tls, files_of_every_size_arrive_as_they_are) {
    const server_process server{site_.path(), with()};
    for (const char* const version : {"--http1.1", "--http2"}) {
        for (const std::size_t size : std::initializer_list<std::size_t>{
                 0, 1, 1300, 4096, 16'384, 16'385, 65'536, 65'537, 300'000, 5'000'000}) {
            const string name = "f" + std::to_string(size);
            const string content = site_.add_pattern(name, size);
            const ended_process got = curl(server, "/" + name, {version});
            EXPECT_EQ(got.exit_status, 0) << got.standard_error;
            EXPECT_TRUE(got.standard_output == content) << version << ' ' << size;
        }
        const ended_process part = curl(server, "/f300000", {version, "--range", "70000-209999"});
        EXPECT_EQ(part.standard_output.size(), 140'000U) << version;
        const ended_process parts = curl(server, "/f300000", {version, "--range", "0-9,100000-9"});
        EXPECT_EQ(parts.exit_status, 0) << version;
        EXPECT_TRUE(
            curl(server, "/f300000", {version, "--head"}).standard_output.contains("300000"))
            << version;
    }
    EXPECT_GE(server.metric("ringway_tls_handshakes_total{version=\"1.3\",result=\"ok\"}"), 26);
}

TEST_F(serve_tls, the_client_chooses_the_version_by_alpn) {
    const server_process server{site_.path(), with()};
    const std::vector<string> ask{"--output", "/dev/null", "--write-out", "%{http_version}"};
    const auto version = [&](std::vector<string> more) {
        more.insert(more.end(), ask.begin(), ask.end());
        return curl(server, "/a", more).standard_output;
    };
    EXPECT_EQ(version({}), "2");
    EXPECT_EQ(version({"--http1.1"}), "1.1");
    EXPECT_EQ(version({"--no-alpn"}), "1.1");
    const ended_process other = openssl(server, "-alpn spdy/3 2>&1");
    EXPECT_TRUE(other.standard_output.contains("no application protocol")) << other.standard_output;
}

TEST_F(serve_tls, old_versions_are_spoken_on_request_only) {
    const server_process strict{site_.path(), with()};
    EXPECT_NE(curl(strict, "/a", {"--tls-max", "1.2"}).exit_status, 0);
    EXPECT_EQ(strict.metric("ringway_tls_handshakes_total{version=\"\",result=\"failed\"}"), 1);
    const server_process lenient{site_.path(), with({"--tls-min", "1.2"})};
    const string large = site_.add_pattern("large", 1'000'000);
    for (const char* const version : {"--http1.1", "--http2"}) {
        const ended_process got = curl(lenient, "/large", {"--tls-max", "1.2", version});
        EXPECT_TRUE(got.standard_output == large) << got.standard_error;
    }
    EXPECT_EQ(curl(lenient, "/a", {"--tls-max", "1.1"}).exit_status, 35);
}

// Goal: a session that one shard began goes on at any other.
TEST_F(serve_tls, sessions_resume_on_every_shard) {
    const server_process server{site_.path(), with({"--shards", "3"})};
    const string session = files_.at("session");
    const string request =
        "GET /a HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n";
    const string quiet = "-ign_eof -servername localhost 2>&1";
    const ended_process first = openssl(server, "-sess_out " + session + " " + quiet, request);
    ASSERT_TRUE(first.standard_output.contains("New, TLSv1.3")) << first.standard_output;
    constexpr int times = 12;
    for (int i = 0; i < times; ++i) {
        const ended_process next = openssl(server, "-sess_in " + session + " " + quiet, request);
        ASSERT_TRUE(next.standard_output.contains("Reused, TLSv1.3")) << next.standard_output;
        ASSERT_TRUE(next.standard_output.contains("content"));
    }
    EXPECT_EQ(server.metric("ringway_tls_handshakes_resumed_total"), times);
}

TEST_F(serve_tls, tickets_and_requests_stay_with_their_name) {
    write("2", make_certificate({.names = {"second.org"}}));
    const server_process server{site_.path(), with()};
    const std::vector<string> status{"--insecure", "--output", "/dev/null", "--write-out",
                                     "%{http_code}"};
    for (const char* const version : {"--http1.1", "--http2"}) {
        const auto asked = [&](const string& host, const string& field) {
            std::vector<string> more{version, "--header", "Host: " + field};
            more.insert(more.end(), status.begin(), status.end());
            return curl(server, "/a", more, host).standard_output;
        };
        EXPECT_EQ(asked("localhost", "localhost"), "200");
        EXPECT_EQ(asked("second.org", "second.org"), "200");
        EXPECT_EQ(asked("localhost", "second.org"), "421");
        EXPECT_EQ(asked("second.org", "localhost:1"), "421");
        EXPECT_EQ(asked("localhost", "unknown.net"), "200");
    }
    const string session = files_.at("session");
    const string request =
        "GET /a HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n";
    const string first = "-ign_eof -servername localhost -sess_out " + session + " 2>&1";
    EXPECT_TRUE(openssl(server, first, request).standard_output.contains("New, TLSv1.3"));
    const string second = "-ign_eof -servername second.org -sess_in " + session + " 2>&1";
    EXPECT_TRUE(openssl(server, second, request).standard_output.contains("New, TLSv1.3"));
}

TEST_F(serve_tls, strict_transport_security_is_told_over_tls) {
    const server_process server{site_.path(), with({"--hsts=600"})};
    for (const char* const version : {"--http1.1", "--http2"}) {
        for (int i = 0; i < 2; ++i) {  // From the file system, and from the cache.
            const string head = curl(server, "/a", {version, "--head"}).standard_output;
            EXPECT_TRUE(head.contains("trict-") && head.contains("max-age=600")) << head;
        }
    }
}

TEST_F(serve_tls, plain_http_is_told_what_is_wrong) {
    const server_process server{site_.path(), with()};
    http_client client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    const http_response told = client.receive();
    EXPECT_EQ(told.status, 400);
    EXPECT_TRUE(told.body.contains("https://"));
    EXPECT_TRUE(client.ends());
    EXPECT_FALSE(client.was_reset());
}

// Goal: bytes that are no TLS end their own connection, and no other.
TEST_F(serve_tls, nonsense_and_silence_end_alone) {
    const server_process server{
        site_.path(), with({"--header-timeout", patience_ms(std::chrono::milliseconds{500})})};
    for (const string& bytes :
         {string{"\x16\x03\x01\x00\x05hello", 10}, string{"\x80\x2e\x01", 3}, string(3000, '\0'),
          string{"\x16\x03\x01\xff\xff", 5} + string(70'000, 'x'), string{"\x16", 1}, string{}}) {
        http_client client = server.connect();
        client.send(bytes);
        EXPECT_FALSE(client.receive_to_the_end().contains("HTTP/1.1")) << bytes.size();
        EXPECT_EQ(curl(server, "/a").standard_output, "content");
    }
    EXPECT_GE(server.metric("ringway_timeouts_total{kind=\"handshake\"}"), 1);
}

// Goal: who connects and says next to nothing takes no receive buffer away from the others.
TEST_F(serve_tls, half_handshakes_starve_nobody) {
    constexpr std::size_t count = 1100;
    if (!may_open(count + 100)) {
        GTEST_SKIP() << "not allowed to open that many files here";
    }
    const server_process server{
        site_.path(), with({"--shards", "1", "--listen", "https://127.0.0.1:0", "--listen",
                            "http://127.0.0.1:0"})};
    std::vector<http_client> silent;
    for (std::size_t i = 0; i < count; ++i) {
        silent.push_back(server.connect());
        silent.back().send("\x16");
    }
    EXPECT_EQ(curl(server, "/a").standard_output, "content");
    EXPECT_EQ(http_client{server.ports()[1]}.get("/a").body, "content");
}

// Goal: new certificates are shown to new connections, and nobody is dropped for them.
TEST_F(serve_tls, certificates_change_under_load) {
    site_.add_pattern("large", 200'000);
    const server_process server{site_.path(), with()};
    const string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/large";
    child_process load{
        {.program = "h2load", .arguments = {"-n", "3000", "-c", "6", "-m", "4", url}}};
    for (int i = 0; i < 3; ++i) {
        const made_certificate next = make_certificate({.names = {"localhost", "127.0.0.1"}});
        write("1", next);
        server.signal(SIGHUP);
        EXPECT_TRUE(eventually([&] {  // It is the one to trust now.
            return curl(server, "/a").standard_output == "content";
        }));
    }
    const ended_process ended = load.wait();
    EXPECT_TRUE(ended.standard_output.contains("3000 succeeded, 0 failed"))
        << ended.standard_output;
}

// Where the kernel makes records, it sends large files over HTTP/1.1 without a copy in between.
TEST_F(serve_tls, kernel_seals_large_files_where_it_can) {
    if (!std::filesystem::exists("/proc/net/tls_stat")) {
        GTEST_SKIP() << "skipped: no kernel TLS";
    }
    const string large = site_.add_pattern("large", 3'000'000);
    const string small = site_.add_pattern("small", 5000);
    const server_process server{site_.path(), with()};
    const string url = "https://localhost:" + std::to_string(server.port());
    const ended_process got = curl(server, "/large", {"--http1.1", url + "/small", url + "/large"});
    EXPECT_TRUE(got.standard_output == small + large + large)
        << got.standard_output.size() << got.standard_error;
    EXPECT_EQ(server.metric("ringway_tls_kernel_sends_total"), 1);
    EXPECT_TRUE(curl(server, "/large", {"--http2"}).standard_output == large);
    EXPECT_EQ(server.metric("ringway_tls_kernel_sends_total"), 1);
}

// Goal: whichever way is asked for, what the kernel seals is the file.
TEST_F(serve_tls, kernel_seals_what_any_way_brings) {
    if (!std::filesystem::exists("/proc/net/tls_stat")) {
        GTEST_SKIP() << "skipped: no kernel TLS";
    }
    const string large = site_.add_pattern("large", 1'500'001);
    for (const char* const way :
         {"sendfile", "copy", "splice", "fixed", "zero-copy", "sendmsg-zc", "mmap"}) {
        const server_process server{site_.path(), with({"--transfer", way, "--shards", "1"})};
        const ended_process got = curl(server, "/large", {"--http1.1"});
        EXPECT_TRUE(got.standard_output == large) << way << ' ' << got.standard_error;
        const ended_process part = curl(server, "/large", {"--http1.1", "--range", "70001-999999"});
        EXPECT_TRUE(part.standard_output == large.substr(70'001, 929'999)) << way;
        EXPECT_EQ(server.metric("ringway_tls_kernel_sends_total"), 2) << way;
    }
}

// Goal: a file that shrinks ends the connection, and what has come by then is right.
TEST_F(serve_tls, a_file_that_shrinks_under_the_kernel_is_cut_off) {
    if (!std::filesystem::exists("/proc/net/tls_stat")) {
        GTEST_SKIP() << "skipped: no kernel TLS";
    }
    const string content = site_.add_pattern("large", 24'000'000);
    const server_process server{site_.path(), with()};
    ended_process got;
    std::thread client{[&] { got = curl(server, "/large", {"--http1.1", "--limit-rate", "3M"}); }};
    EXPECT_TRUE(eventually([&] { return server.metric("ringway_tls_kernel_sends_total") == 1; }));
    site_.truncate("large", 100'000);
    client.join();
    EXPECT_NE(got.exit_status, 0);
    EXPECT_LT(got.standard_output.size(), content.size());
    EXPECT_TRUE(content.starts_with(got.standard_output));
    EXPECT_EQ(curl(server, "/a").standard_output, "content");
}

TEST_F(serve_tls, drain_ends_connections_politely) {
    const string content = site_.add_pattern("large", 60'000'000);
    server_process server{site_.path(), with({"--drain", "10m"})};
    std::vector<std::thread> clients;
    std::vector<string> bodies(4);
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        clients.emplace_back([&, i] {
            bodies[i] = curl(server, "/large",
                             {i % 2 == 0 ? "--http1.1" : "--http2", "--limit-rate", "40M"})
                            .standard_output;
        });
    }
    EXPECT_TRUE(eventually([&] {
        return server.metric("ringway_connections{transport=\"tls\",state=\"active\"}") == 4;
    }));
    const ended_process ended = server.stop();
    for (std::thread& each : clients) {
        each.join();
    }
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    for (const string& body : bodies) {
        EXPECT_TRUE(body == content) << body.size();
    }
}

}  // namespace
}  // namespace ringway::test
