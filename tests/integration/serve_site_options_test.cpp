// Goal: what an operator asks for is on every response that it concerns, and on no other.
#include <string>

#include <gtest/gtest.h>

#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

TEST(serve_spa, missing_pages_are_the_application) {
    const temporary_site site;
    site.add("index.html", "<app>");
    site.add("main.js", "code");
    site.add("sub/x", "x");
    site.add(".secret", "x");
    const server_process server{site.path(), {"--spa"}};
    http_client client = server.connect();
    for (int i = 0; i < 2; ++i) {
        for (const char* const target : {"/", "/users/7", "/a/b/c?x=1", "/missing.html"}) {
            const http_response got = client.get(target);
            EXPECT_EQ(got.status, 200) << target;
            EXPECT_EQ(got.body, "<app>") << target;
            EXPECT_EQ(got.field("Content-Type"), "text/html; charset=utf-8");
        }
        EXPECT_EQ(client.get("/main.js").body, "code");
        EXPECT_EQ(client.get("/sub").status, 301);
        EXPECT_EQ(client.get("/../x").status, 400);
        EXPECT_EQ(client.get("/.secret").body, "<app>");  // As if it did not exist.
        EXPECT_EQ(client.ask("POST", "/users/7").status, 405);
    }
}

TEST(serve_spa, with_a_page_of_another_name) {
    const temporary_site site;
    site.add("app/shell.html", "<shell>");
    const server_process server{site.path(), {"--spa=/app/shell.html", "--listing", "off"}};
    EXPECT_EQ(server.get("/anything").body, "<shell>");
    EXPECT_EQ(server.get("/").body, "<shell>");
}

TEST(serve_spa, without_its_page_is_404) {
    const temporary_site site;
    const server_process server{site.path(), {"--spa"}};
    EXPECT_EQ(server.get("/anything").status, 404);
    EXPECT_TRUE(server.said().contains("--spa index.html: no such file")) << server.said();
    site.add("index.html", "late");
    EXPECT_EQ(server.get("/other").body, "late");
}

// Goal: what an operator may ask for never ends the server, whatever a client adds to it.
TEST(serve_headers, may_be_larger_than_any_usual_head) {
    const temporary_site site;
    site.add("sub/index.html", "page");
    site.add_pattern("large", 100'000);
    const std::string policy(7'100, 'p');
    const std::string other(9'000, 'o');
    const server_process server{
        site.path(), {"--header", "Content-Security-Policy: " + policy, "--header", "X: " + other}};
    http_client client = server.connect();
    const std::string query(1'200, 'q');
    for (const std::string& target :
         {std::string{"/sub/"}, "/sub?" + query, std::string{"/large"}, std::string{"/none"}}) {
        const http_response got = client.get(target);
        EXPECT_EQ(got.field("Content-Security-Policy"), policy) << target;
        EXPECT_EQ(got.field("X"), other) << target;
    }
    EXPECT_EQ(client.get("/sub?" + query).status, 301);
}

TEST(serve_cache_control, is_on_files_alone) {
    const temporary_site site;
    site.add("a", "x");
    site.add_pattern("large", 100'000);
    const server_process server{site.path(), {"--cache-control", "public, max-age=3600"}};
    http_client client = server.connect();
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(client.get("/a").field("Cache-Control"), "public, max-age=3600");
        EXPECT_EQ(client.get("/large").field("Cache-Control"), "public, max-age=3600");
        EXPECT_EQ(client.get("/a", "Range: bytes=0-0\r\n").field("Cache-Control"),
                  "public, max-age=3600");
    }
    EXPECT_EQ(client.get("/missing").field("Cache-Control"), "");
}

TEST(serve_headers, are_added_to_every_response) {
    const temporary_site site;
    site.add("a", "x");
    site.add("dir/x", "x");
    site.add_pattern("large", 100'000);
    const server_process server{
        site.path(),
        {"--header", "X-One: 1", "--header", "Vary: Origin", "--header",
         "X-Content-Type-Options: sniff", "--header", "Access-Control-Allow-Origin: *"}};
    http_client client = server.connect();
    for (int i = 0; i < 2; ++i) {
        for (const char* const target : {"/a", "/large", "/missing", "/dir", "/dir/", "/%00"}) {
            const http_response got = client.get(target);
            EXPECT_EQ(got.field("X-One"), "1") << target;
            EXPECT_EQ(got.count("X-One"), 1U) << target;
            EXPECT_EQ(got.field("Access-Control-Allow-Origin"), "*") << target;
        }
        const http_response got = client.get("/a");
        EXPECT_EQ(got.field("X-Content-Type-Options"), "sniff");
        EXPECT_EQ(got.count("X-Content-Type-Options"), 1U);
        EXPECT_EQ(got.count("Vary"), 2U);  // Accept-Encoding is still there.
        EXPECT_EQ(client.ask("OPTIONS", "/a").field("X-One"), "1");
        EXPECT_EQ(client.ask("POST", "/a").field("X-One"), "1");
    }
}

TEST(serve_errors, are_pages_for_browsers_and_text_for_others) {
    const temporary_site site;
    const server_process server{site.path()};
    http_client client = server.connect();
    const http_response page = client.get("/missing", "Accept: text/html\r\n");
    EXPECT_EQ(page.status, 404);
    EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(page.body.find("404 Not Found"), std::string::npos);
    const http_response text = client.get("/missing");
    EXPECT_EQ(text.field("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_TRUE(text.body.starts_with("404 Not Found\n"));
    EXPECT_EQ(client.get("/<script>", "Accept: text/html\r\n").body.find("<script>"),
              std::string::npos);
}

// Goal: a cache that is too small, or off, changes how fast files come and nothing else.
TEST(serve_cache_limits, files_come_whole_from_a_tiny_cache) {
    const temporary_site site;
    for (int i = 0; i < 40; ++i) {
        site.add("f" + std::to_string(i), std::string(3000, static_cast<char>('A' + i)));
    }
    for (const char* const option : {"--cache-bytes=off", "--cache-bytes=16K", "--cache-entries=3",
                                     "--cache-entries=off", "--cache-ttl=off"}) {
        const server_process server{site.path(), {option}};
        http_client client = server.connect();
        for (int i = 0; i < 80; ++i) {
            const http_response got = client.get("/f" + std::to_string(i % 40));
            ASSERT_EQ(got.body, std::string(3000, static_cast<char>('A' + i % 40))) << option;
        }
    }
}

}  // namespace
}  // namespace ringway::test
