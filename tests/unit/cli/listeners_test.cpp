#include "cli/listeners.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

using texts = std::vector<std::string>;
using plans = std::vector<planned_listener>;

serve_options with(texts listen, bool certificate) {
    serve_options options;
    options.listen = std::move(listen);
    options.tls.self = certificate;
    return options;
}

std::string error_of(const serve_options& options) {
    const auto wrong = check_listeners(options);
    return wrong ? wrong->text : "";
}

TEST(listeners, scheme_is_split_off) {
    struct row {
        std::string_view text, scheme, endpoint;
    };
    for (const auto& [text, scheme, endpoint] :
         {row{"127.0.0.1:80", "", "127.0.0.1:80"}, row{"http://:80", "http", ":80"},
          row{"https://[::1]:443/", "https", "[::1]:443"},
          row{"https://unix:/a/", "https", "unix:/a/"}, row{"https:", "", "https:"},
          row{"httpsx://a", "", "httpsx://a"}, row{"", "", ""}}) {
        EXPECT_EQ(split_scheme(text).scheme, scheme) << text;
        EXPECT_EQ(split_scheme(text).endpoint, endpoint) << text;
    }
}

TEST(listeners, certificates_make_all_of_them_https_but_those_that_say_http) {
    const texts given{":1", "unix:/s", "http://:2", "https://:3", "http://unix:/p"};

    EXPECT_EQ(
        plan_listeners(with(given, true)),
        (plans{{":1", true}, {"unix:/s", true}, {":2", false}, {":3", true}, {"unix:/p", false}}));
    EXPECT_EQ(plan_listeners(with({":1", "http://:2"}, false)),
              (plans{{":1", false}, {":2", false}}));
}

TEST(listeners, https_and_certificates_need_each_other) {
    EXPECT_EQ(error_of(with({":1"}, false)), "");
    EXPECT_EQ(error_of(with({":1"}, true)), "");
    EXPECT_EQ(error_of(with({":1", "https://:2"}, false)),
              "ringway: --listen https://:2 needs a certificate: --tls self, or --tls CERT,KEY\n");
    EXPECT_EQ(error_of(with({"http://:1"}, true)),
              "ringway: --tls is given, but every --listen address begins with http://; leave that "
              "out for one of them\n");
    auto options = with({":1"}, false);
    options.tls.hsts = std::chrono::seconds{1};
    EXPECT_EQ(error_of(options), "ringway: --hsts needs https: --tls self, or --tls CERT,KEY\n");
    options = with({":1"}, false);
    options.tls.oldest_given = true;
    EXPECT_EQ(error_of(options), "ringway: --tls-min needs https: --tls self, or --tls CERT,KEY\n");
}

// Goal: an address that is given twice is not blamed on another program.
TEST(listeners, are_distinct) {
    EXPECT_EQ(error_of(with({"127.0.0.1:80", "127.0.0.1:81", "[::1]:80", "unix:/a"}, false)), "");
    EXPECT_EQ(error_of(with({"127.0.0.1:0", "127.0.0.1:0"}, false)), "");
    EXPECT_EQ(error_of(with({"0.0.0.0:80", "[::]:80"}, false)), "");
    EXPECT_EQ(error_of(with({"unix:/a", "unix:/b"}, false)), "");
    for (const auto& [first, second] : {std::pair{"127.0.0.1:80", "127.0.0.1:80"},
                                        {":80", "127.0.0.1:80"},
                                        {"[::1]:80", ":80"},
                                        {"0.0.0.0:80", "127.0.0.1:80"},
                                        {"unix:/a", "unix:/a"}}) {
        EXPECT_EQ(error_of(with({"192.0.2.1:81", first, second}, false)),
                  fmt::format("ringway: --listen {} overlaps --listen {}; leave one of them out\n",
                              second, first));
    }
}

TEST(listeners, redirect_leads_somewhere) {
    const auto redirect = [](serve_options options, std::string to) {
        options.tls.http_redirect = std::move(to);
        return error_of(options);
    };

    EXPECT_EQ(redirect(with({":443"}, true), ":80"), "");
    EXPECT_EQ(redirect(with({"unix:/s", ":443"}, true), ":80"), "");
    EXPECT_EQ(redirect(with({":443"}, false), ":80"),
              "ringway: --http-redirect needs https to lead to: --tls self, or --tls CERT,KEY\n");
    EXPECT_EQ(redirect(with({"unix:/s"}, true), ":80"),
              "ringway: --http-redirect needs an address on https to lead to, not a Unix socket: "
              "--listen :443\n");
    EXPECT_EQ(
        redirect(with({":443"}, true), "127.0.0.1:443"),
        "ringway: --http-redirect 127.0.0.1:443 overlaps --listen :443; give it a port of its "
        "own\n");
}

// Goal: metrics are never on a public address by accident.
TEST(listeners, admin_is_private_and_apart) {
    struct row {
        std::string listen, admin, complaint;
    };
    const row rows[] = {
        {":80", "127.0.0.1:9100", ""},
        {":80", "127.1.2.3:9100", ""},
        {":80", "[::1]:9100", ""},
        {":80", "[::ffff:127.0.0.1]:9100", ""},
        {":80", "unix:/admin", ""},
        {"127.0.0.1:0", "127.0.0.1:0", ""},
        {"127.0.0.1:80", "127.0.0.2:80", ""},
        {":80", "127.0.0.1:80", "overlaps"},
        {"0.0.0.0:80", "127.0.0.1:80", "overlaps"},
        {"[::]:80", "127.0.0.1:80", "overlaps"},
        {"[::]:80", "[::1]:80", "overlaps"},
        {"127.0.0.1:80", "127.0.0.1:80", "overlaps"},
        {"127.0.0.1:80", "[::ffff:127.0.0.1]:80", "overlaps"},
        {"http://127.0.0.1:80", "127.0.0.1:80", "overlaps"},
        {"unix:/a", "unix:/a", "overlaps"},
        {":80", ":9100", "other machines"},
        {":80", "0.0.0.0:9100", "other machines"},
        {":80", "[::]:9100", "other machines"},
        {":80", "192.0.2.1:9100", "other machines"},
        {":80", "[2001:db8::1]:9100", "other machines"},
        {":80", "[::ffff:192.0.2.1]:9100", "other machines"},
    };
    for (const auto& [listen, admin, complaint] : rows) {
        auto options = with({listen}, false);
        options.admin = admin;
        const auto error = error_of(options);
        EXPECT_EQ(error.empty(), complaint.empty()) << listen << " " << admin << " " << error;
        EXPECT_TRUE(error.contains(complaint)) << error;
        EXPECT_TRUE(error.empty() || error.contains("--admin-public")) << error;
        options.admin_public = true;
        EXPECT_EQ(error_of(options), "");
    }
    auto options = with({":443"}, true);
    options.tls.http_redirect = ":80";
    options.admin = "127.0.0.1:80";
    EXPECT_TRUE(error_of(options).contains("overlaps the site's :80"));
}

}  // namespace
}  // namespace ringway::cli
