#include "cli/serve_setters.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/wire/accept_encoding.hpp>

namespace ringway::cli {
namespace {

using setter = parsed<void> (*)(serve_options&, std::string_view);

std::string error_of(setter set, std::string_view value) {
    serve_options options;
    const auto done = set(options, value);
    return done ? std::string{} : done.error();
}

TEST(serve_setters, listen) {
    serve_options options;
    options.listen.clear();
    EXPECT_TRUE(add_listen(options, "127.0.0.1:80, [::1]:80"));
    EXPECT_TRUE(add_listen(options, ":8080"));
    EXPECT_TRUE(add_listen(options, "unix:/run/x.sock"));
    EXPECT_EQ(options.listen,
              (std::vector<std::string>{"127.0.0.1:80", "[::1]:80", ":8080", "unix:/run/x.sock"}));
    EXPECT_TRUE(error_of(add_listen, "nowhere").starts_with("\"nowhere\" is no address: "));
    EXPECT_TRUE(error_of(add_listen, "127.0.0.1:99999").contains("127.0.0.1:99999"));
    EXPECT_EQ(error_of(add_listen, ","),
              "\",\" is no address: write ADDR:PORT, :PORT or unix:PATH");
}

TEST(serve_setters, admin) {
    serve_options options;
    EXPECT_TRUE(set_admin(options, "127.0.0.1:9100"));
    EXPECT_EQ(options.admin, "127.0.0.1:9100");
    EXPECT_TRUE(set_admin(options, "off"));
    EXPECT_EQ(options.admin, "");
    EXPECT_TRUE(error_of(set_admin, "9100").starts_with("\"9100\" is no address: "));
}

TEST(serve_setters, index) {
    serve_options options;
    options.site.index_names.clear();
    EXPECT_TRUE(add_index(options, "a.html,b.html"));
    EXPECT_TRUE(add_index(options, "c.html"));
    EXPECT_EQ(options.site.index_names, (std::vector<std::string>{"a.html", "b.html", "c.html"}));
    EXPECT_EQ(error_of(add_index, "a/b"), "\"a/b\" is no plain file name");
    EXPECT_EQ(error_of(add_index, ".."), "\"..\" is no plain file name");
    EXPECT_EQ(error_of(add_index, ","), "a file name is missing");
}

TEST(serve_setters, spa) {
    serve_options options;
    EXPECT_TRUE(set_spa(options, "/app/index.html"));
    EXPECT_EQ(options.site.spa_fallback, "app/index.html");
    EXPECT_TRUE(set_spa(options, "x.html"));
    EXPECT_EQ(options.site.spa_fallback, "x.html");
    EXPECT_TRUE(set_spa(options, "off"));
    EXPECT_EQ(options.site.spa_fallback, "");
    for (const auto* const bad : {"", "/", "../x", "/a/../x", "a//b", "./x", "a/./b"}) {
        EXPECT_EQ(error_of(set_spa, bad),
                  "\"" + std::string{bad} + "\" is no path of a file below DIR");
    }
}

TEST(serve_setters, precompressed) {
    const auto mask = [](std::string_view value) {
        serve_options options;
        EXPECT_TRUE(set_precompressed(options, value));
        return options.site.precompressed;
    };
    using enum wire::coding;
    EXPECT_EQ(mask("off"), 0);
    EXPECT_EQ(mask("gz"), wire::coding_bit(gzip));
    EXPECT_EQ(mask("br,zst"), wire::coding_bit(brotli) | wire::coding_bit(zstd));
    EXPECT_EQ(mask("brotli,zstd,gzip"), serve_options{}.site.precompressed);
    EXPECT_EQ(error_of(set_precompressed, "br,xz"), "\"xz\" is none of br, zst, gz and off");
}

TEST(serve_setters, cache_control) {
    serve_options options;
    EXPECT_TRUE(set_cache_control(options, " max-age=60 "));
    EXPECT_EQ(options.site.cache_control, "max-age=60");
    EXPECT_EQ(error_of(set_cache_control, "a\nb"), "a control character is in it");
}

TEST(serve_setters, header) {
    serve_options options;
    EXPECT_TRUE(add_header(options, "X-Frame-Options: DENY"));
    EXPECT_TRUE(add_header(options, "X-Empty:"));
    ASSERT_EQ(options.site.extra_headers.size(), 2U);
    EXPECT_EQ(options.site.extra_headers[0].name, "X-Frame-Options");
    EXPECT_EQ(options.site.extra_headers[0].value, "DENY");
    EXPECT_EQ(options.site.extra_headers[1].value, "");
    EXPECT_EQ(error_of(add_header, "X-Frame-Options"),
              "\"X-Frame-Options\" is no header: write \"Name: value\"");
    EXPECT_TRUE(error_of(add_header, "Bad Name: x").contains("is no header"));
    EXPECT_TRUE(error_of(add_header, "X: a\r\nY: b").contains("without control characters"));
    EXPECT_EQ(error_of(add_header, "Content-Length: 5"),
              "ringway decides about Content-Length itself");
    EXPECT_EQ(error_of(add_header, "Cache-Control: no-store"),
              "ringway decides about Cache-Control itself; use --cache-control");
    for (int i = 2; i < 8; ++i) {
        EXPECT_TRUE(add_header(options, "X: y"));
    }
    EXPECT_EQ(add_header(options, "X: y").error(), "there is room for 8 headers");
}

TEST(serve_setters, log) {
    serve_options options;
    EXPECT_TRUE(set_log(options, "/var/log/x"));
    EXPECT_EQ(options.log, "/var/log/x");
    EXPECT_TRUE(set_log(options, "-"));
    EXPECT_EQ(options.log, "-");
    EXPECT_TRUE(set_log(options, "off"));
    EXPECT_EQ(options.log, "");
    EXPECT_EQ(error_of(set_log, ""), "write a file, - or off");
}

}  // namespace
}  // namespace ringway::cli
