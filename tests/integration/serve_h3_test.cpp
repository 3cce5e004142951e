// Goal: clients of others get files from the real program over HTTP/3, and others are told of it.
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include <ringway/net/datagram.hpp>
#include <ringway/net/listener.hpp>

#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

string content_of(const string& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

bool is_there(const string& program, const string& argument) {
    return run_program({.program = program, .arguments = {argument}}).exit_status == 0;
}

server_process serve(const temporary_site& site, const temporary_site& state,
                     server_process::options more = {}) {
    more.insert(more.begin(), {"--tls", "self"});
    return server_process{site.path(), more, {.environment = {{"XDG_STATE_HOME", state.path()}}}};
}

// What curl says over TCP.
string head_by_tcp(const server_process& server, const string& version) {
    return run_program({.program = "curl",
                        .arguments = {"-sk", "-I", version,
                                      "https://127.0.0.1:" + std::to_string(server.port()) + "/a"}})
        .standard_output;
}

TEST(serve_h3, other_versions_lead_to_it) {
    const temporary_site site;
    const temporary_site state;
    site.add("a", "content");
    const server_process server = serve(site, state);
    const string want = "h3=\":" + std::to_string(server.port()) + "\"; ma=86400";
    EXPECT_TRUE(head_by_tcp(server, "--http1.1").contains(want));
    EXPECT_TRUE(head_by_tcp(server, "--http2").contains(want));
    EXPECT_TRUE(server.said().contains("http/3: UDP"));
}

TEST(serve_h3, can_be_left_out) {
    const temporary_site site;
    const temporary_site state;
    site.add("a", "content");
    const server_process server = serve(site, state, {"--no-http3"});
    const string head = head_by_tcp(server, "--http1.1");
    EXPECT_TRUE(head.contains("200"));
    EXPECT_FALSE(head.contains("Alt-Svc"));
    EXPECT_TRUE(server.said().contains("http/3: off"));
}

TEST(serve_h3, a_taken_port_is_named) {
    const temporary_site site;
    const temporary_site state;
    ended_process seen;
    string port;
    // Somebody may have the TCP port of that number: then another.
    for (int tries = 0; tries < 10 && !seen.standard_error.contains("UDP"); ++tries) {
        const auto taken = datagram_socket::bind(endpoint::loopback(0), {});
        ASSERT_TRUE(taken.has_value());
        port = std::to_string(local_endpoint(taken->get())->port());
        seen = run_program(
            {.program = RINGWAY_BINARY,
             .arguments = {"serve", site.path(), "--tls", "self", "--listen", "127.0.0.1:" + port},
             .environment = {{"XDG_STATE_HOME", state.path()}}});
    }
    EXPECT_NE(seen.exit_status, 0);
    EXPECT_TRUE(seen.standard_error.contains("UDP 127.0.0.1:" + port)) << seen.standard_error;
    EXPECT_TRUE(seen.standard_error.contains("--no-http3"));
}

TEST(serve_h3, ngtcp2_gets_files) {
    if (!is_there("gtlsclient", "--help")) {
        GTEST_SKIP() << "skipped: there is no gtlsclient here (ngtcp2-client)";
    }
    const temporary_site site;
    const temporary_site state;
    const scratch_directory got;
    const string small = site.add_pattern("small", 100);
    const string large = site.add_pattern("large", 20'000'000);
    server_process server = serve(site, state, {"--admin", "127.0.0.1:0"});
    const string base = "https://localhost:" + std::to_string(server.port());
    const ended_process seen = run_program(
        {.program = "gtlsclient",
         .arguments = {"-q", "--exit-on-all-streams-close", "--download=" + got.path(), "127.0.0.1",
                       std::to_string(server.port()), base + "/small", base + "/large"}});
    EXPECT_EQ(seen.exit_status, 0) << seen.standard_error.substr(0, 500);
    EXPECT_TRUE(content_of(got.at("small")) == small);
    EXPECT_TRUE(content_of(got.at("large")) == large);
    EXPECT_EQ(
        server.metric("ringway_http_requests_total{proto=\"h3\",method=\"GET\",code=\"200\"}"), 2);
    EXPECT_GT(server.metric("ringway_quic_datagrams_total"), 1000);
    EXPECT_EQ(server.stop().exit_status, 0);
}

// The browser is made to use QUIC from the first request on.
TEST(serve_h3, chromium_gets_a_page_of_many_parts) {
    if (!is_there("chromium-headless-shell", "--version")) {
        GTEST_SKIP() << "skipped: there is no chromium-headless-shell here";
    }
    constexpr int parts = 200;
    const temporary_site site;
    const temporary_site state;
    string page = "<!doctype html><p id=result>waiting</p><script>let sum = 0;</script>";
    int wanted = 0;
    for (int i = 1; i <= parts; ++i) {
        const string name = "part" + std::to_string(i) + ".js";
        site.add(name, "sum += " + std::to_string(i) + ";//" +
                           string(static_cast<std::size_t>(i % 10) * 10'000 + 100, '.'));
        page += "<script src=" + name + "></script>";
        wanted += i;
    }
    page +=
        "<script>const h3 = performance.getEntriesByType('resource')"
        ".filter(e => e.nextHopProtocol === 'h3').length;"
        "document.getElementById('result').textContent = `sum ${sum} by h3 ${h3}`;</script>";
    site.add("index.html", page);
    const server_process server = serve(site, state);
    const string said = server.said();
    const string flag = "--ignore-certificate-errors-spki-list=";
    const auto at = said.find(flag);
    ASSERT_NE(at, string::npos);
    const string pin = said.substr(at, said.find('\n', at) - at);
    const string host = "localhost:" + std::to_string(server.port());
    const ended_process seen = run_program(
        {.program = "chromium-headless-shell",
         .arguments = {"--no-sandbox", "--disable-gpu", "--no-first-run",
                       "--disable-background-networking", "--disable-sync",
                       "--disable-component-update", "--user-data-dir=" + state.at("browser"), pin,
                       "--host-resolver-rules=MAP localhost 127.0.0.1",
                       "--origin-to-force-quic-on=" + host, "--virtual-time-budget=20000",
                       "--dump-dom", "https://" + host + "/"}});
    const string want = "sum " + std::to_string(wanted) + " by h3 " + std::to_string(parts);
    EXPECT_TRUE(seen.standard_output.contains(want))
        << seen.standard_output.substr(0, 200) << seen.standard_error.substr(0, 2000);
}

}  // namespace
}  // namespace ringway::test
