// Goal: symbolic links lead where the policy lets them, and only files have bytes to serve.
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

class serve_links : public ::testing::Test {
protected:
    serve_links() {
        outside_.add("secret", "outside");
        outside_.add("dir/x", "outside x");
        site_.add("real/file", "inside");
        site_.add_link("inside", "real/file");
        site_.add_link("chain", "inside");
        site_.add_link("inside-dir", "real");
        site_.add_link("up-and-back", "real/../real/file");
        site_.add_link("absolute", site_.at("real/file"));
        site_.add_link("absolute-dir", site_.at("real"));
        site_.add_link("outside", outside_.at("secret"));
        site_.add_link("outside-dir", outside_.path());
        site_.add_link("relative-outside", "../" + base_of(outside_.path()) + "/secret");
        site_.add_link("to-proc", "/proc/self/environ");
        site_.add_link("magic", "/proc/self/fd/0");
        site_.add_link("loop", "loop");
        site_.add_link("broken", "nowhere");
        site_.add_link("real/up", "..");
    }

    static std::string base_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

    temporary_site outside_;
    temporary_site site_;
};

struct link_case {
    const char* target;
    int status;
    const char* body = nullptr;
};

// Twice: read, and from the cache.
void expect_links(const server_process& server, std::span<const link_case> cases) {
    http_client client = server.connect();
    for (int i = 0; i < 2; ++i) {
        for (const link_case& each : cases) {
            const http_response got = client.get(each.target);
            EXPECT_EQ(got.status, each.status) << each.target;
            if (each.body != nullptr) {
                EXPECT_EQ(got.body, each.body) << each.target;
            }
        }
    }
}

TEST_F(serve_links, inside_only) {
    const server_process server{site_.path()};
    constexpr link_case cases[] = {
        {"/inside", 200, "inside"},
        {"/chain", 200, "inside"},
        {"/inside-dir/file", 200, "inside"},
        {"/up-and-back", 200, "inside"},
        {"/absolute", 200, "inside"},
        {"/absolute-dir/file", 200, "inside"},
        {"/real/up/real/file", 200, "inside"},
        {"/outside", 403},
        {"/outside-dir/secret", 403},
        {"/outside-dir/", 403},
        {"/outside-dir", 403},
        {"/relative-outside", 403},
        {"/to-proc", 403},
        {"/magic", 403},
        {"/loop", 403},
        {"/broken", 404},
        {"/inside-dir", 301},
    };
    expect_links(server, cases);
}

TEST_F(serve_links, denied) {
    const server_process server{site_.path(), {"--symlinks", "deny"}};
    constexpr link_case cases[] = {
        {"/real/file", 200, "inside"}, {"/inside", 403},   {"/chain", 403},
        {"/inside-dir/file", 403},     {"/absolute", 403}, {"/outside", 403},
        {"/outside-dir/secret", 403},  {"/loop", 403},     {"/broken", 403},
    };
    expect_links(server, cases);
}

TEST_F(serve_links, followed_anywhere) {
    const server_process server{site_.path(), {"--symlinks", "follow"}};
    constexpr link_case cases[] = {
        {"/inside", 200, "inside"},
        {"/absolute", 200, "inside"},
        {"/outside", 200, "outside"},
        {"/outside-dir/secret", 200, "outside"},
        {"/relative-outside", 200, "outside"},
        {"/outside-dir/dir/x", 200, "outside x"},
        {"/magic", 403},
        {"/broken", 404},
    };
    expect_links(server, cases);
}

// Goal: links that are refused aren't shown either.
TEST_F(serve_links, listing_leaves_out_what_is_refused) {
    const server_process server{site_.path()};
    const std::string listing = server.get("/?format=json").body;
    EXPECT_NE(listing.find("\"inside\""), std::string::npos);
    EXPECT_NE(listing.find("\"absolute\""), std::string::npos);
    for (const char* const name : {"\"outside\"", "\"outside-dir\"", "\"broken\"", "\"loop\""}) {
        EXPECT_EQ(listing.find(name), std::string::npos) << name;
    }
}

class serve_odd_files : public ::testing::Test {
protected:
    temporary_site site_;
};

// Goal: what has no bytes, or waits for a writer, is refused at once.
TEST_F(serve_odd_files, fifo_socket_and_device_are_refused) {
    site_.add_fifo("fifo");
    site_.add_socket("socket");
    site_.add("a", "x");
    const bool has_device = ::mknod(site_.at("null").c_str(), S_IFCHR | 0666, 0x0103) == 0;
    const server_process server{site_.path()};
    http_client client = server.connect();
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(client.get("/fifo").status, 403);
        EXPECT_EQ(client.get("/socket").status, 403);
        if (has_device) {
            EXPECT_EQ(client.get("/null").status, 403);
        }
        EXPECT_EQ(client.get("/a").status, 200);
    }
}

// Root may read everything, so the server runs as somebody else.
TEST_F(serve_odd_files, what_may_not_be_read_is_refused) {
    constexpr uid_t nobody = 65534;
    const uid_t user = ::geteuid() == 0 ? nobody : 0;
    if (run_program({.program = RINGWAY_BINARY, .arguments = {"--version"}, .user = user})
            .exit_status != 0) {
        GTEST_SKIP() << "the user nobody can't run " << RINGWAY_BINARY;
    }
    site_.add("dir/x", "x");
    site_.add("file", "x");
    site_.add("open", "x");
    site_.add("index/index.html", "x");
    ::chmod(site_.path().c_str(), 0755);
    ::chmod(site_.at("dir").c_str(), 0);
    ::chmod(site_.at("file").c_str(), 0);
    ::chmod(site_.at("index/index.html").c_str(), 0);
    const server_process server{site_.path(), {}, {.user = user}};
    EXPECT_EQ(server.get("/open").status, 200);
    EXPECT_EQ(server.get("/dir/x").status, 403);
    EXPECT_EQ(server.get("/dir/").status, 403);
    EXPECT_EQ(server.get("/file").status, 403);
    EXPECT_EQ(server.get("/index/").status, 403);
    ::chmod(site_.at("dir").c_str(), 0755);
}

}  // namespace
}  // namespace ringway::test
