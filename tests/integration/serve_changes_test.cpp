// Goal: what is served is what is on the disk, at the latest after --cache-ttl.
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/file_systems.hpp"
#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;

// Changes are heard of (inotify) long before they would be looked for, or only looked for, because
// there is no inotify.
enum class freshness : bool { heard_of, looked_for };

class serve_changes : public ::testing::TestWithParam<freshness> {
protected:
    [[nodiscard]] static server_process::options options() {
        return {"--cache-ttl", GetParam() == freshness::heard_of ? "1h" : "20ms"};
    }
    [[nodiscard]] static launch how() {
        return {.refused_call = GetParam() == freshness::heard_of ? -1 : SYS_inotify_init1};
    }

    // Small files are kept in memory, large ones as descriptors.
    static constexpr std::size_t sizes[] = {100, 200'000};

    // Whether `target` comes to have this body, and keeps it.
    static bool becomes(http_client& client, const std::string& target, const std::string& body) {
        return eventually([&] { return client.get(target).body == body; }) &&
               client.get(target).body == body;
    }
    static bool becomes_status(http_client& client, const std::string& target, int status) {
        return eventually([&] { return client.get(target).status == status; });
    }

    temporary_site site_;
};

TEST_P(serve_changes, file_replaced_by_rename) {
    const server_process server{site_.path(), options(), how()};
    http_client client = server.connect();
    for (const std::size_t size : sizes) {
        site_.add_pattern("f", size, 1);
        ASSERT_TRUE(becomes(client, "/f", pattern(size, 1)));
        site_.replace("f", pattern(size, 2));
        EXPECT_TRUE(becomes(client, "/f", pattern(size, 2)));
        const std::string tag = client.get("/f").field("ETag");
        site_.replace("f", pattern(size / 2, 3));
        EXPECT_TRUE(becomes(client, "/f", pattern(size / 2, 3)));
        EXPECT_NE(client.get("/f").field("ETag"), tag);
    }
}

// The time is set because two writes may get the same one: clocks of files tick every few ms.
TEST_P(serve_changes, file_rewritten_in_place) {
    const server_process server{site_.path(), options(), how()};
    http_client client = server.connect();
    for (const std::size_t size : sizes) {
        site_.add_pattern("f", size, 1);
        ASSERT_TRUE(becomes(client, "/f", pattern(size, 1)));
        const std::string tag = client.get("/f").field("ETag");
        site_.add_pattern("f", size, 2);
        site_.set_mtime("f", 1'600'000'000);
        EXPECT_TRUE(becomes(client, "/f", pattern(size, 2)));
        EXPECT_TRUE(eventually([&] { return client.get("/f").field("ETag") != tag; }));
        site_.add_pattern("f", size * 3, 3);
        EXPECT_TRUE(becomes(client, "/f", pattern(size * 3, 3)));
    }
}

// A response that had been promised longer is cut off with its connection, hence a new one each.
TEST_P(serve_changes, file_truncated) {
    const server_process server{site_.path(), options(), how()};
    for (const std::size_t size : sizes) {
        site_.add_pattern("f", size, 1);
        ASSERT_TRUE(eventually([&] { return server.get("/f").body == pattern(size, 1); }));
        site_.truncate("f", size / 2);
        EXPECT_TRUE(eventually([&] {
            const http_response got = server.get("/f");
            return got.complete && got.body == pattern(size, 1).substr(0, size / 2);
        }));
        site_.truncate("f", 0);
        EXPECT_TRUE(eventually([&] {
            const http_response got = server.get("/f");
            return got.status == 200 && got.complete && got.body.empty();
        }));
    }
}

TEST_P(serve_changes, file_deleted_and_back) {
    const server_process server{site_.path(), options(), how()};
    http_client client = server.connect();
    for (const std::size_t size : sizes) {
        site_.add_pattern("f", size, 1);
        ASSERT_TRUE(becomes(client, "/f", pattern(size, 1)));
        site_.remove("f");
        EXPECT_TRUE(becomes_status(client, "/f", 404));
        site_.add_pattern("f", size, 2);
        EXPECT_TRUE(becomes(client, "/f", pattern(size, 2)));
        site_.remove("f");
        ASSERT_TRUE(becomes_status(client, "/f", 404));
    }
}

TEST_P(serve_changes, file_becomes_a_directory_and_back) {
    const server_process server{site_.path(), options(), how()};
    http_client client = server.connect();
    site_.add("f", "a file");
    ASSERT_TRUE(becomes(client, "/f", "a file"));
    site_.remove("f");
    site_.add("f/index.html", "a directory");
    EXPECT_TRUE(becomes_status(client, "/f", 301));
    EXPECT_TRUE(becomes(client, "/f/", "a directory"));
    site_.remove("f");
    site_.add("f", "a file again");
    EXPECT_TRUE(becomes(client, "/f", "a file again"));
    EXPECT_TRUE(becomes_status(client, "/f/", 404));
}

TEST_P(serve_changes, directory_renamed) {
    const server_process server{site_.path(), options(), how()};
    http_client client = server.connect();
    site_.add("a/b/f", "old");
    site_.add("new/b/f", "new");
    ASSERT_TRUE(becomes(client, "/a/b/f", "old"));
    site_.rename("a", "gone");
    EXPECT_TRUE(becomes_status(client, "/a/b/f", 404));
    site_.rename("new", "a");
    EXPECT_TRUE(becomes(client, "/a/b/f", "new"));
    EXPECT_EQ(client.get("/gone/b/f").body, "old");
    site_.add("a/b/f", "newer");
    EXPECT_TRUE(becomes(client, "/a/b/f", "newer"));
}

TEST_P(serve_changes, link_switched) {
    const server_process server{site_.path(), options(), how()};
    http_client client = server.connect();
    site_.add("v1/f", "one");
    site_.add("v2/f", "two");
    site_.add_link("now", "v1");
    site_.add_link("file", "v1/f");
    ASSERT_TRUE(becomes(client, "/now/f", "one"));
    ASSERT_TRUE(becomes(client, "/file", "one"));
    site_.switch_link("now", "v2");
    site_.switch_link("file", "v2/f");
    EXPECT_TRUE(becomes(client, "/now/f", "two"));
    EXPECT_TRUE(becomes(client, "/file", "two"));
}

TEST_P(serve_changes, index_comes_and_goes) {
    server_process::options more = options();
    more.insert(more.end(), {"--index", "a.html", "--index", "b.html"});
    const server_process server{site_.path(), more, how()};
    http_client client = server.connect();
    site_.add("d/b.html", "b");
    ASSERT_TRUE(becomes(client, "/d/", "b"));
    site_.add("d/a.html", "a");
    EXPECT_TRUE(becomes(client, "/d/", "a"));
    site_.remove("d/a.html");
    EXPECT_TRUE(becomes(client, "/d/", "b"));
    site_.remove("d/b.html");
    EXPECT_TRUE(eventually([&] {
        return client.get("/d/").body.find("total") != 0 && client.get("/d/").body != "b";
    }));
}

TEST_P(serve_changes, rights_taken_away_are_noticed) {
    const server_process server{site_.path(), options(), how()};
    const temporary_site outside;
    outside.add("f", "outside");
    http_client client = server.connect();
    site_.add("f", "inside");
    ASSERT_TRUE(becomes(client, "/f", "inside"));
    site_.switch_link("f", outside.at("f"));
    EXPECT_TRUE(becomes_status(client, "/f", 403));
}

INSTANTIATE_TEST_SUITE_P(changes, serve_changes,
                         ::testing::Values(freshness::heard_of, freshness::looked_for),
                         [](const auto& tested) {
                             return std::string{tested.param == freshness::heard_of ? "heard_of"
                                                                                    : "looked_for"};
                         });

// Goal: what inotify can't tell (changes behind a link) is noticed after the time to live.
TEST(serve_changes_unheard, target_of_a_link_is_looked_at_after_its_time) {
    const temporary_site site;
    site.add("deep/real", "one");
    site.add_link("link", "deep/real");
    const server_process server{site.path(), {"--cache-ttl", "100ms"}};
    http_client client = server.connect();
    ASSERT_EQ(client.get("/link").body, "one");
    site.add("deep/real", "two");
    EXPECT_TRUE(eventually([&] { return client.get("/link").body == "two"; }));
}

// Goal: with inotify a change is there within tens of milliseconds, not after seconds.
TEST(serve_changes_heard, are_seen_soon) {
    const temporary_site site;
    const server_process server{site.path()};
    http_client client = server.connect();
    int soon = 0;
    for (int i = 0; i < 10; ++i) {
        site.replace("f", std::to_string(i));
        soon += eventually([&] { return client.get("/f").body == std::to_string(i); }, 100ms);
        ASSERT_TRUE(eventually([&] { return client.get("/f").body == std::to_string(i); }));
    }
    EXPECT_GE(soon, 8);
}

// Goal: a file that shrinks while it is sent ends the connection short; what came before is right.
TEST(serve_truncation, cuts_the_response_off) {
    for (const char* const way :
         {"auto", "sendfile", "copy", "splice", "fixed", "zero-copy", "mmap"}) {
        const temporary_site site;
        const std::string content = site.add_pattern("large", 32 << 20);
        const server_process server{site.path(), {"--transfer", way}};
        http_client client = server.connect(4096);
        client.send(request_text("GET", "/large"));
        const std::string begin = client.receive_bytes(10'000);
        site.truncate("large", 0);
        http_client other = server.connect();  // Nobody else is harmed.
        EXPECT_TRUE(eventually([&] { return other.get("/large").body.empty(); }));
        const std::string all = begin + client.receive_to_the_end();
        const std::string body =
            without_page_of_zeros(all.substr(all.find("\r\n\r\n") + 4), site.path());
        EXPECT_LT(body.size(), content.size()) << way;
        EXPECT_TRUE(content.starts_with(body)) << way;
    }
}

// Goal: as long as nothing was said, a file that holds less than it claims is no broken answer.
TEST(serve_truncation, is_told_before_the_head) {
    const std::string folder = "/sys/kernel";  // Files there claim to hold a page.
    if (::access((folder + "/uevent_seqnum").c_str(), R_OK) != 0) {
        GTEST_SKIP() << "no sysfs here";
    }
    const server_process server{folder};
    http_client client = server.connect();
    const auto got = client.get("/uevent_seqnum");
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(got.field("Connection"), "close");
    EXPECT_TRUE(client.ends());
}

// Goal: a download of a file that is replaced goes on with the file that it began with.
TEST(serve_replacement, finishes_what_it_began) {
    const temporary_site site;
    const std::string content = site.add_pattern("large", 16 << 20);
    const server_process server{site.path()};
    http_client client = server.connect(4096);
    client.send(request_text("GET", "/large"));
    const std::string begin = client.receive_bytes(10'000);
    site.replace("large", "small");
    EXPECT_TRUE(eventually([&] { return server.get("/large").body == "small"; }));
    const std::size_t head = begin.find("\r\n\r\n") + 4;
    const std::string rest = client.receive_bytes(content.size() + head - begin.size());
    EXPECT_TRUE(begin.substr(head) + rest == content);
}

}  // namespace
}  // namespace ringway::test
