#include "cli/banner.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "cli/version.hpp"

namespace ringway::cli {
namespace {

banner_facts all_facts() {
    return {.root = "/srv/www",
            .addresses = {"http://127.0.0.1:8080/", "http://[::1]:8080/"},
            .tls = {"example.org (ECDSA, until 2027-01-01): a.pem", "curl -k"},
            .site = "listing auto",
            .engine = "2 shards, epoll",
            .features = "nothing special",
            .limits = "100 connections",
            .log = "off",
            .admin = "http://127.0.0.1:9100/metrics",
            .missing = {"io_uring refused (EPERM): using epoll"},
            .ready = "ready in 3 ms"};
}

TEST(banner, lines_for_logs) {
    EXPECT_EQ(render_banner(all_facts(), banner_style::lines),
              "ringway: version: " + std::string{version_number()} +
                  "\n"
                  "ringway: root: /srv/www\n"
                  "ringway: listening: http://127.0.0.1:8080/\n"
                  "ringway: listening: http://[::1]:8080/\n"
                  "ringway: tls: example.org (ECDSA, until 2027-01-01): a.pem\n"
                  "ringway: tls: curl -k\n"
                  "ringway: site: listing auto\n"
                  "ringway: engine: 2 shards, epoll\n"
                  "ringway: features: nothing special\n"
                  "ringway: limits: 100 connections\n"
                  "ringway: log: off\n"
                  "ringway: metrics: http://127.0.0.1:9100/metrics\n"
                  "ringway: warning: io_uring refused (EPERM): using epoll\n"
                  "ringway: ready in 3 ms\n");
}

TEST(banner, screen_for_people) {
    EXPECT_EQ(render_banner(all_facts(), banner_style::screen),
              "\n"
              "  ringway " +
                  std::string{version_number()} +
                  " serves /srv/www\n"
                  "\n"
                  "    http://127.0.0.1:8080/\n"
                  "    http://[::1]:8080/\n"
                  "\n"
                  "    tls      example.org (ECDSA, until 2027-01-01): a.pem\n"
                  "             curl -k\n"
                  "    site     listing auto\n"
                  "    engine   2 shards, epoll\n"
                  "             nothing special\n"
                  "    limits   100 connections\n"
                  "    log      off\n"
                  "    metrics  http://127.0.0.1:9100/metrics\n"
                  "\n"
                  "  ! io_uring refused (EPERM): using epoll\n"
                  "\n"
                  "  ready in 3 ms; Ctrl-C stops.\n"
                  "\n");
}

TEST(banner, what_is_empty_is_left_out) {
    banner_facts few;
    few.root = "/";
    few.addresses = {"http://127.0.0.1:1/"};
    EXPECT_EQ(render_banner(few, banner_style::screen),
              "\n  ringway " + std::string{version_number()} +
                  " serves /\n\n    http://127.0.0.1:1/\n\n\n  Ctrl-C stops.\n\n");
}

TEST(banner, colours_only_where_asked_for) {
    const auto plain = render_banner(all_facts(), banner_style::screen);
    EXPECT_EQ(plain.find('\x1b'), std::string::npos);
    auto coloured = render_banner(all_facts(), banner_style::colour);
    EXPECT_NE(coloured.find("\x1b[36mhttp://127.0.0.1:8080/\x1b[0m"), std::string::npos);
}

// Standard error of a test is no terminal.
TEST(banner, no_terminal_gets_lines) {
    testing::internal::CaptureStderr();
    print_banner(all_facts());
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              render_banner(all_facts(), banner_style::lines));
}

TEST(banner, urls_can_be_clicked) {
    EXPECT_EQ(url_of("127.0.0.1:8080", false), "http://127.0.0.1:8080/");
    EXPECT_EQ(url_of("[::1]:8080", false), "http://[::1]:8080/");
    EXPECT_EQ(url_of("192.0.2.1:80", false), "http://192.0.2.1/");
    EXPECT_EQ(url_of(":8080", false), "http://localhost:8080/");
    EXPECT_EQ(url_of("0.0.0.0:80", false), "http://localhost/");
    EXPECT_EQ(url_of("unix:/run/x", false), "unix:/run/x");
    EXPECT_EQ(address_text("127.0.0.1:8080", false), "http://127.0.0.1:8080/");
    EXPECT_EQ(address_text(":8080", false),
              "http://localhost:8080/ (every address of this machine)");
    EXPECT_EQ(address_text("[::]:80", false), "http://localhost/ (every address of this machine)");
    EXPECT_EQ(url_of("127.0.0.1:8443", true), "https://127.0.0.1:8443/");
    EXPECT_EQ(url_of("192.0.2.1:443", true), "https://192.0.2.1/");
    EXPECT_EQ(url_of("192.0.2.1:80", true), "https://192.0.2.1:80/");
    EXPECT_EQ(address_text(":443", true), "https://localhost/ (every address of this machine)");
}

TEST(banner, texts_of_options) {
    serve_options options;
    EXPECT_EQ(site_text(options.site),
              "listing auto, precompressed br zst gz, symlinks inside, hidden files denied");
    EXPECT_EQ(limits_text(options, 4000),
              "4000 connections, 256 per address, head within 10s, idle 75s, at least 500 B/s");
    EXPECT_EQ(log_text(options), "off (--log FILE)");

    options.site.listing = files::listing_mode::off;
    options.site.precompressed = 0;
    options.site.symlinks = files::symlink_policy::follow;
    options.site.hidden = files::hidden_policy::allow;
    options.site.spa_fallback = "index.html";
    options.max_connections_per_address = 0;
    options.header_timeout = std::chrono::milliseconds{1500};
    options.idle_timeout = std::chrono::milliseconds{0};
    options.min_rate = 0;
    options.log = "-";
    options.log_format = observe::log_format::json;
    EXPECT_EQ(site_text(options.site),
              "listing off, precompressed off, symlinks followed anywhere, hidden files served, "
              "missing pages /index.html");
    EXPECT_EQ(limits_text(options, 10), "10 connections, head within 1500ms, idle off");
    EXPECT_EQ(log_text(options), "standard output (json)");
}

TEST(banner, certificate_line_names_few) {
    tls::certificate_facts facts{.file = "a.pem",
                                 .names = {"a", "b"},
                                 .key = tls::key_type::rsa,
                                 .not_after_unix_s = 4'070'908'800,
                                 .warning = {}};
    EXPECT_EQ(certificate_line(facts), "a, b (RSA, until 2099-01-01): a.pem");
    facts.names = {"a", "b", "c", "d", "e", "f"};
    EXPECT_EQ(certificate_line(facts), "a, b, c, d and 2 more (RSA, until 2099-01-01): a.pem");
    facts.names.clear();
    EXPECT_EQ(certificate_line(facts), "no name (RSA, until 2099-01-01): a.pem");
}

}  // namespace
}  // namespace ringway::cli
