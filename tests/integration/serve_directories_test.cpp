// Goal: what a directory answers: its index, a redirect to its slash, or a listing.
#include <string>

#include <gtest/gtest.h>

#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

TEST(serve_directories, index_answers_for_its_directory) {
    const temporary_site site;
    site.add("index.html", "<h1>root");
    site.add("docs/index.html", "<h1>docs");
    const server_process server{site.path()};
    http_client client = server.connect();
    for (int i = 0; i < 2; ++i) {
        const http_response root = client.get("/");
        EXPECT_EQ(root.body, "<h1>root");
        EXPECT_EQ(root.field("Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(client.get("/docs/").body, "<h1>docs");
        EXPECT_EQ(client.get("/docs/?x=1").body, "<h1>docs");
        EXPECT_EQ(client.get("/docs/.").body, "<h1>docs");
        EXPECT_EQ(client.get("/docs/index.html").body, "<h1>docs");
    }
}

TEST(serve_directories, first_index_that_exists_wins) {
    const temporary_site site;
    site.add("both/a.html", "a");
    site.add("both/b.html", "b");
    site.add("one/b.html", "b");
    site.add("folder/a.html/x", "a directory");
    site.add("folder/b.html", "b");
    const server_process server{site.path(), {"--index", "a.html", "--index", "b.html"}};
    EXPECT_EQ(server.get("/both/").body, "a");
    EXPECT_EQ(server.get("/one/").body, "b");
    EXPECT_EQ(server.get("/folder/").body, "b");
}

TEST(serve_directories, missing_slash_is_redirected) {
    const temporary_site site;
    site.add("docs/index.html", "x");
    site.add("with space/x", "x");
    site.add("a/b/c/x", "x");
    const server_process server{site.path()};
    http_client client = server.connect();
    constexpr std::pair<const char*, const char*> cases[] = {
        {"/docs", "/docs/"},
        {"/docs?x=1", "/docs/?x=1"},
        {"/docs?a/../b", "/docs/?a/../b"},
        {"/with%20space", "/with%20space/"},
        {"/a//b/./c", "/a/b/c/"},
        {"/a/x/../b", "/a/b/"},
        {"http://elsewhere/docs", "/docs/"},
        {"/%64ocs", "/docs/"},
    };
    for (const auto& [target, location] : cases) {
        const http_response got = client.get(target);
        EXPECT_EQ(got.status, 301) << target;
        EXPECT_EQ(got.field("Location"), location) << target;
        EXPECT_EQ(got.body, "");
        EXPECT_EQ(client.ask("HEAD", target).field("Location"), location);
    }
}

// Goal: no redirect leads to another host, and nothing is injected into its Location.
TEST(serve_directories, redirects_stay_on_this_host) {
    const temporary_site site;
    site.add("evil.com/x", "x");
    site.add("a b/x", "x");
    const server_process server{site.path()};
    http_client client = server.connect();
    for (const char* const target : {"//evil.com", "///evil.com", "/./evil.com", "/.//evil.com",
                                     "/x/..//evil.com", "/%2e//evil.com"}) {
        const http_response got = client.get(target);
        EXPECT_EQ(got.status, 301) << target;
        EXPECT_EQ(got.field("Location"), "/evil.com/") << target;
    }
    for (const char* const target :
         {"/%2f%2fevil", "/%2fevil.com", "/%5cevil.com", "/\\evil.com", "/evil.com%2f"}) {
        EXPECT_EQ(client.get(target).status, 404) << target;
    }
    for (const char* const target : {"/%0d%0aX:1", "/evil.com%0d%0aX:1", "/a%20b%0aSet-Cookie:x"}) {
        const http_response got = client.get(target);
        EXPECT_EQ(got.status, 400) << target;
        EXPECT_FALSE(got.has("X") || got.has("Set-Cookie")) << target;
    }
    const http_response query = client.get("/evil.com?%0d%0aX:1");
    EXPECT_EQ(query.field("Location"), "/evil.com/?%0d%0aX:1");
    EXPECT_FALSE(query.has("X"));
}

TEST(serve_directories, file_with_a_slash_behind_it_is_not_found) {
    const temporary_site site;
    site.add("a.txt", "x");
    const server_process server{site.path()};
    http_client client = server.connect();
    EXPECT_EQ(client.get("/a.txt/").status, 404);
    EXPECT_EQ(client.get("/a.txt/b").status, 404);
    EXPECT_EQ(client.get("/a.txt").status, 200);
}

class serve_listings : public ::testing::Test {
protected:
    serve_listings() {
        site_.add("big.bin", std::string(5000, 'x'));
        site_.add("small.txt", "x");
        site_.add("file10.txt", std::string(10, 'x'));
        site_.add("file9.txt", std::string(20, 'x'));
        site_.add("sub/x", "x");
        site_.add(".secret", "x");
        site_.set_mtime("small.txt", 1'000'000'000);
        site_.set_mtime("big.bin", 1'500'000'000);
    }

    // Whether the words stand in `text` in this order.
    static bool in_order(std::string_view text, std::initializer_list<std::string_view> words) {
        std::size_t at = 0;
        for (const std::string_view word : words) {
            at = text.find(word, at);
            if (at == std::string_view::npos) {
                return false;
            }
        }
        return true;
    }

    temporary_site site_;
};

constexpr const char* wants_html = "Accept: text/html,*/*\r\n";
constexpr const char* wants_json = "Accept: application/json\r\n";

TEST_F(serve_listings, page_for_people) {
    const server_process server{site_.path()};
    const http_response page = server.get("/", wants_html);
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_TRUE(page.has("Content-Security-Policy"));
    EXPECT_TRUE(in_order(page.body, {"sub/", "big.bin", "file9.txt", "file10.txt", "small.txt"}))
        << page.body;
    EXPECT_EQ(page.body.find("secret"), std::string::npos);
    const http_response head = server.connect().ask("HEAD", "/", wants_html);
    EXPECT_EQ(head.field("Content-Length"), page.field("Content-Length"));
}

TEST_F(serve_listings, json_for_programs) {
    const server_process server{site_.path()};
    for (const auto& [target, accept] : {std::pair{"/", wants_json}, {"/?format=json", ""}}) {
        const http_response got = server.get(target, accept);
        EXPECT_EQ(got.field("Content-Type"), "application/json") << target;
        EXPECT_NE(got.body.find(R"("total":5)"), std::string::npos) << got.body;
        EXPECT_NE(got.body.find(R"("name":"big.bin","href":"big.bin","type":"file","size":5000,)"
                                R"("modified":"2017-07-14T02:40:00Z")"),
                  std::string::npos)
            << got.body;
        EXPECT_EQ(got.body.find("secret"), std::string::npos);
    }
}

TEST_F(serve_listings, sorted_as_asked) {
    const server_process server{site_.path()};
    http_client client = server.connect();
    const auto order = [&](const char* query) { return client.get(query, wants_json).body; };
    EXPECT_TRUE(in_order(order("/?sort=name&order=desc"), {"small", "file10", "file9", "big"}));
    EXPECT_TRUE(in_order(order("/?sort=size"), {"small", "file10", "file9", "big"}));
    EXPECT_TRUE(in_order(order("/?sort=size&order=desc"), {"big", "file9", "file10", "small"}));
    EXPECT_TRUE(in_order(order("/?sort=time"), {"small", "big", "file"}));
}

TEST_F(serve_listings, only_as_the_operator_wants) {
    const server_process off{site_.path(), {"--listing", "off"}};
    EXPECT_EQ(off.get("/").status, 404);
    EXPECT_EQ(off.get("/sub").status, 301);
    const server_process html{site_.path(), {"--listing", "html"}};
    EXPECT_TRUE(html.get("/", wants_json).field("Content-Type").starts_with("text/html"));
    const server_process json{site_.path(), {"--listing", "json"}};
    EXPECT_EQ(json.get("/", wants_html).field("Content-Type"), "application/json");
}

// Goal: names can't break out of the page (listing XSS, servers.md 5).
TEST_F(serve_listings, names_are_escaped) {
    site_.add("<script>alert(1)<", "x");
    site_.add("\"onmouseover=x", "x");
    site_.add("a:b", "x");
    site_.add("?x#y", "x");
    const server_process server{site_.path()};
    const std::string page = server.get("/", wants_html).body;
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
    EXPECT_EQ(page.find("\"onmouseover"), std::string::npos);
    EXPECT_EQ(page.find("href=\"a:b"), std::string::npos);
    EXPECT_NE(page.find("%3Fx%23y"), std::string::npos);
}

TEST_F(serve_listings, shows_a_new_file_at_once) {
    const server_process server{site_.path()};
    http_client client = server.connect();
    EXPECT_EQ(client.get("/", wants_json).body.find("brand-new"), std::string::npos);
    site_.add("brand-new", "x");
    EXPECT_NE(client.get("/", wants_json).body.find("brand-new"), std::string::npos);
}

TEST_F(serve_listings, hidden_names_where_they_are_allowed) {
    const server_process server{site_.path(), {"--hidden", "allow"}};
    EXPECT_NE(server.get("/", wants_json).body.find(".secret"), std::string::npos);
}

}  // namespace
}  // namespace ringway::test
