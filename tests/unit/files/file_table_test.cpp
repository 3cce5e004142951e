#include <ringway/files/file_table.hpp>

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <random>
#include <string>

namespace ringway::files {
namespace {

TEST(file_table, finds_what_was_inserted_and_nothing_else) {
    file_table table;
    cached_file entry;
    entry.key = "a/b.html";
    EXPECT_EQ(table.find("a/b.html"), nullptr);

    table.insert(entry);

    EXPECT_EQ(table.find("a/b.html"), &entry);
    EXPECT_EQ(table.find("a/b.htm"), nullptr);
    EXPECT_EQ(table.find(""), nullptr);
    table.erase("a/b.html");
    EXPECT_EQ(table.find("a/b.html"), nullptr);
    EXPECT_EQ(table.size(), 0U);
}

// Goal: erasing from the middle of a probe sequence hides nobody, whatever the order.
TEST(file_table, agrees_with_a_map_over_random_inserts_and_erases) {
    std::mt19937 random{20};
    file_table table;
    std::map<std::string, std::unique_ptr<cached_file>> model;
    for (int step = 0; step < 20'000; ++step) {
        const std::string key = "file-" + std::to_string(random() % 700);
        const auto known = model.find(key);
        ASSERT_EQ(table.find(key), known == model.end() ? nullptr : known->second.get());
        if (known == model.end()) {
            auto entry = std::make_unique<cached_file>();
            entry->key = key;
            table.insert(*entry);
            model.emplace(key, std::move(entry));
        } else {
            table.erase(key);
            model.erase(known);
        }
        ASSERT_EQ(table.size(), model.size());
    }
    for (const auto& [key, entry] : model) {
        EXPECT_EQ(table.find(key), entry.get());
    }
}

}  // namespace
}  // namespace ringway::files
