// Goal: every byte of a file arrives, whatever its size and whichever way it goes.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

// Around pages, around what is kept in memory (64 KiB) and around the chunks of a transfer (1 MiB).
constexpr std::size_t sizes[] = {0,     1,     4095,    4096,          65535,
                                 65536, 65537, 1 << 20, (1 << 20) + 1, (5 << 20) + 1};

std::string name_for(std::size_t size) { return std::to_string(size) + ".bin"; }

void add_all_sizes(const temporary_site& site) {
    for (const std::size_t size : sizes) {
        site.add_pattern(name_for(size), size, static_cast<unsigned>(size));
    }
}

// Each file three times: read, from the cache, and by HEAD. All on one connection.
void expect_all_sizes(http_client& client) {
    for (const std::size_t size : sizes) {
        const std::string target = "/" + name_for(size);
        const std::string content = pattern(size, static_cast<unsigned>(size));
        const http_response first = client.get(target);
        ASSERT_EQ(first.status, 200) << target;
        ASSERT_TRUE(first.body == content) << target << ": " << first.body.size() << " bytes";
        const http_response again = client.get(target);
        ASSERT_TRUE(again.body == content) << target << " the second time";
        EXPECT_EQ(again.field("ETag"), first.field("ETag"));
        EXPECT_EQ(again.field("Last-Modified"), first.field("Last-Modified"));

        const http_response head = client.ask("HEAD", target);
        EXPECT_EQ(head.status, 200) << target;
        EXPECT_EQ(head.field("Content-Length"), std::to_string(size));
        EXPECT_EQ(head.field("ETag"), first.field("ETag"));
        EXPECT_EQ(head.field("Content-Type"), first.field("Content-Type"));
    }
}

TEST(serve_files, every_size_arrives_whole) {
    const temporary_site site;
    add_all_sizes(site);
    const server_process server{site.path()};
    for (int i = 0; i < 4; ++i) {  // Some of them meet the other shard.
        http_client client = server.connect();
        expect_all_sizes(client);
    }
}

class serve_transfer : public ::testing::TestWithParam<const char*> {};

TEST_P(serve_transfer, moves_every_size) {
    const temporary_site site;
    add_all_sizes(site);
    const server_process server{site.path(), {"--transfer", GetParam(), "--cache-bytes", "off"}};
    http_client client = server.connect();
    expect_all_sizes(client);
}

INSTANTIATE_TEST_SUITE_P(ways, serve_transfer,
                         ::testing::Values("auto", "sendfile", "copy", "splice", "fixed",
                                           "zero-copy", "mmap"),
                         [](const auto& tested) {
                             std::string name{tested.param};
                             std::erase(name, '-');
                             return name;
                         });

// Goal: a response that is longer than the socket's buffers waits for a slow reader.
TEST(serve_files, slow_reader_gets_every_byte) {
    const temporary_site site;
    const std::string content = site.add_pattern("large", 8 << 20);
    for (const char* const way : {"sendfile", "copy", "splice"}) {
        const server_process server{site.path(), {"--transfer", way}};
        http_client client = server.connect(4096);
        client.send(request_text("GET", "/large"));
        const http_response got = client.receive();
        EXPECT_TRUE(got.body == content) << way;
    }
}

TEST(serve_files, many_clients_at_once_get_their_own_file) {
    const temporary_site site;
    std::vector<std::string> contents;
    for (unsigned i = 0; i < 16; ++i) {
        contents.push_back(site.add_pattern("f" + std::to_string(i), 300'000 + i, i));
    }
    const server_process server{site.path()};
    std::vector<http_client> clients;
    for (unsigned i = 0; i < 64; ++i) {
        clients.push_back(server.connect());
        clients.back().send(request_text("GET", "/f" + std::to_string(i % 16)));
    }
    for (unsigned i = 0; i < 64; ++i) {
        EXPECT_TRUE(clients[i].receive().body == contents[i % 16]) << i;
    }
}

TEST(serve_files, names_are_bytes) {
    const temporary_site site;
    const std::string names[] = {
        "with space", "caf\xc3\xa9",        "not utf-8 \xff", "a:b",    "50%",   "x?y",
        "x#y",        "back\\slash",        "semi;colon",     "'\"<>&", "~user", "...",
        "a..b",       std::string(255, 'n')};
    const std::string targets[] = {"/with%20space",
                                   "/caf%C3%A9",
                                   "/not%20utf-8%20%ff",
                                   "/a:b",
                                   "/50%25",
                                   "/x%3fy",
                                   "/x%23y",
                                   "/back%5Cslash",
                                   "/semi;colon",
                                   "/'%22%3C%3E&",
                                   "/~user",
                                   "/%2e..",
                                   "/a..b",
                                   "/" + std::string(255, 'n')};
    for (const std::string& name : names) {
        site.add(name, "this is " + name);
    }
    const server_process server{site.path(), {"--hidden", "allow"}};
    http_client client = server.connect();
    for (std::size_t i = 0; i < std::size(names); ++i) {
        EXPECT_EQ(client.get(targets[i]).body, "this is " + names[i]);
    }
}

TEST(serve_files, head_of_what_is_missing_has_no_body) {
    const temporary_site site;
    site.add("a", "after");
    const server_process server{site.path()};
    http_client client = server.connect();
    EXPECT_EQ(client.ask("HEAD", "/missing").status, 404);
    EXPECT_EQ(client.get("/a").body, "after");
}

TEST(serve_files, every_response_says_what_it_is) {
    const temporary_site site;
    site.add("a.html", "<p>");
    const server_process server{site.path()};
    for (int i = 0; i < 2; ++i) {
        const http_response got = server.get("/a.html");
        EXPECT_EQ(got.field("Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(got.field("Accept-Ranges"), "bytes");
        EXPECT_EQ(got.field("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(got.field("Server"), "ringway");
        EXPECT_EQ(got.field("Date").size(), 29U);
        EXPECT_TRUE(got.field("Date").ends_with(" GMT"));
        for (const char* const name : {"Date", "Server", "ETag", "Content-Length"}) {
            EXPECT_EQ(got.count(name), 1U) << name;
        }
        EXPECT_FALSE(got.has("Connection"));
    }
}

TEST(serve_files, types_by_extension_with_charset_for_text) {
    const temporary_site site;
    constexpr std::pair<const char*, const char*> cases[] = {
        {"a.css", "text/css; charset=utf-8"},
        {"a.js", "text/javascript; charset=utf-8"},
        {"a.txt", "text/plain; charset=utf-8"},
        {"a.json", "application/json"},
        {"a.png", "image/png"},
        {"A.PNG", "image/png"},
        {"a.wasm", "application/wasm"},
        {"a.woff2", "font/woff2"},
        {"a.svg", "image/svg+xml"},
        {"noextension", "application/octet-stream"},
    };
    for (const auto& [name, type] : cases) {
        site.add(name, "x");
    }
    const server_process server{site.path()};
    http_client client = server.connect();
    for (const auto& [name, type] : cases) {
        const std::string got = client.get(std::string{"/"} + name).field("Content-Type");
        EXPECT_TRUE(got.starts_with(type)) << name << " is " << got;
    }
}

TEST(serve_files, types_of_the_operators_own_table) {
    const temporary_site site;
    site.add("own.types", "application/x-own own\n");
    site.add("a.own", "x");
    const server_process server{site.path(), {"--mime-types", site.at("own.types")}};
    EXPECT_EQ(server.get("/a.own").field("Content-Type"), "application/x-own");
}

}  // namespace
}  // namespace ringway::test
