#include <ringway/files/file_cache.hpp>

#include <algorithm>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace ringway::files {
namespace {

cached_ref small_file(const std::string& key, std::size_t body_size) {
    auto entry = make_shared_here<cached_file>();
    entry->key = key;
    entry->path = key;
    entry->identity.ready = http::ready_response::make("HTTP/1.1 200 OK\r\n\r\n", body_size, 0, 0,
                                                       wire::coding::identity);
    std::ranges::fill_n(entry->identity.ready->body_memory(),
                        static_cast<std::ptrdiff_t>(body_size), 'x');
    return entry;
}

cached_ref large_file(const std::string& key, nanoseconds checked) {
    auto entry = make_shared_here<cached_file>();
    entry->key = key;
    entry->path = key;
    entry->checked = checked;
    entry->identity.file =
        make_shared_here<shared_file>(unique_fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)});
    return entry;
}

struct file_cache_test : testing::Test {
    observe::http_metrics metrics;
};

TEST_F(file_cache_test, finds_what_was_put_until_it_is_forgotten) {
    file_cache cache{{}, metrics};
    cache.put(small_file("a", 10));

    ASSERT_NE(cache.find("a"), nullptr);
    EXPECT_EQ(cache.find("b"), nullptr);
    EXPECT_EQ(metrics.cache_entries.get(), 1);

    cache.forget("a");
    EXPECT_EQ(cache.find("a"), nullptr);
    EXPECT_EQ(cache.bytes(), 0U);
    EXPECT_EQ(metrics.cache_entries.get(), 0);
}

TEST_F(file_cache_test, a_second_entry_takes_the_place_of_the_first) {
    file_cache cache{{}, metrics};
    cache.put(small_file("a", 10));
    const cached_ref second = small_file("a", 20);

    cache.put(second);

    EXPECT_EQ(cache.find("a"), second.get());
    EXPECT_EQ(cache.size(), 1U);
}

// Goal: a response that is being sent keeps what it needs, whatever happens to the cache.
TEST_F(file_cache_test, what_is_in_use_lives_on_when_it_is_forgotten) {
    file_cache cache{{}, metrics};
    cache.put(small_file("a", 10));
    const http::ready_ref sending = cache.find("a")->identity.ready;

    cache.clear();

    EXPECT_EQ(sending->body(), "xxxxxxxxxx");
    EXPECT_EQ(sending->references(), 1U);
}

TEST_F(file_cache_test, is_bounded_in_entries_bytes_and_descriptors) {
    file_cache cache{{.bytes_max = 200'000, .entries_max = 8, .open_files_max = 3}, metrics};
    for (int i = 0; i < 100; ++i) {
        cache.put(small_file("small" + std::to_string(i), 40'000));
        EXPECT_LE(cache.bytes(), 200'000U);
        EXPECT_LE(cache.size(), 8U);
    }
    for (int i = 0; i < 100; ++i) {
        cache.put(large_file("large" + std::to_string(i), {}));
        EXPECT_LE(cache.open_files(), 3U);
    }
    EXPECT_GT(metrics.cache_evictions.get(), 0U);
}

TEST_F(file_cache_test, what_was_used_is_spared_once) {
    file_cache cache{{.entries_max = 2}, metrics};
    cache.put(small_file("old", 1));
    cache.put(small_file("idle", 1));
    ASSERT_NE(cache.find("old"), nullptr);

    cache.put(small_file("new", 1));

    EXPECT_NE(cache.find("old"), nullptr);
    EXPECT_EQ(cache.find("idle"), nullptr);
}

TEST_F(file_cache_test, files_nobody_asked_for_are_closed) {
    file_cache cache{{}, metrics};
    cache.put(large_file("stale", std::chrono::seconds{10}));
    cache.put(large_file("recent", std::chrono::seconds{50}));
    cache.put(small_file("small", 1));

    cache.close_unchecked_since(std::chrono::seconds{30});

    EXPECT_EQ(cache.find("stale"), nullptr);
    EXPECT_NE(cache.find("recent"), nullptr);
    EXPECT_NE(cache.find("small"), nullptr);
    EXPECT_EQ(cache.open_files(), 1U);
}

TEST_F(file_cache_test, is_fresh_for_its_time_to_live) {
    file_cache cache{{.time_to_live = std::chrono::seconds{2}}, metrics};
    cached_file entry;
    entry.checked = std::chrono::seconds{100};

    EXPECT_TRUE(cache.is_fresh(entry, std::chrono::milliseconds{101'999}));
    EXPECT_FALSE(cache.is_fresh(entry, std::chrono::seconds{102}));
}

}  // namespace
}  // namespace ringway::files
