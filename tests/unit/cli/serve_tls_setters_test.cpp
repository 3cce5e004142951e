#include "cli/serve_tls_setters.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

using files = std::vector<tls::certificate_files>;

std::string error_of(parsed<void> (*set)(serve_options&, std::string_view),
                     std::string_view value) {
    serve_options options;
    const auto done = set(options, value);
    return done ? "" : done.error();
}

TEST(serve_tls_setters, tls) {
    serve_options options;
    EXPECT_FALSE(options.tls.wanted());
    EXPECT_TRUE(add_tls(options, "a.crt,a.key"));
    EXPECT_TRUE(add_tls(options, "both.pem"));
    EXPECT_TRUE(add_tls(options, " b.crt , b.key "));
    EXPECT_TRUE(options.tls.wanted());
    EXPECT_FALSE(options.tls.self);
    EXPECT_TRUE(add_tls(options, "self"));
    EXPECT_TRUE(options.tls.self);
    EXPECT_EQ(options.tls.sources.files,
              (files{{"a.crt", "a.key"}, {"both.pem", ""}, {"b.crt", "b.key"}}));
    for (const std::string_view bad : {"", ",", "a,b,c"}) {
        EXPECT_EQ(error_of(add_tls, bad), "\"" + std::string{bad} +
                                              "\" is no certificate: write CERT,KEY, a FILE with "
                                              "both, or self");
    }
}

TEST(serve_tls_setters, tls_dir) {
    serve_options options;
    EXPECT_TRUE(add_tls_dir(options, "/etc/tls, odd"));
    EXPECT_EQ(options.tls.sources.directories, std::vector<std::string>{"/etc/tls, odd"});
    EXPECT_TRUE(options.tls.wanted());
    EXPECT_FALSE(add_tls_dir(options, ""));
}

TEST(serve_tls_setters, http_redirect) {
    serve_options options;
    EXPECT_TRUE(set_http_redirect(options, ":80"));
    EXPECT_EQ(options.tls.http_redirect, ":80");
    EXPECT_TRUE(set_http_redirect(options, "off"));
    EXPECT_EQ(options.tls.http_redirect, "");
    EXPECT_EQ(error_of(set_http_redirect, "unix:/x"),
              "\"unix:/x\" is no ADDR:PORT: browsers reach no Unix socket");
    EXPECT_TRUE(error_of(set_http_redirect, "80").starts_with("\"80\" is no address: "));
}

TEST(serve_tls_setters, hsts) {
    serve_options options;
    EXPECT_TRUE(set_hsts(options, "300"));
    EXPECT_EQ(options.tls.hsts, std::chrono::seconds{300});
    EXPECT_TRUE(set_hsts(options, "off"));
    EXPECT_EQ(options.tls.hsts, std::chrono::seconds{0});
    EXPECT_FALSE(set_hsts(options, "forever"));
}

}  // namespace
}  // namespace ringway::cli
