#include <ringway/files/file_watch.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/patience.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::files {
namespace {

using namespace std::chrono_literals;
using test::run_on_shard;

class recorder final : public file_watch::listener {
public:
    void changed(std::string_view directory, std::string_view name) override {
        names.push_back(std::string{directory} + ":" + std::string{name});
    }
    void everything_changed() override { ++everything; }

    [[nodiscard]] bool has(std::string_view name) const {
        return std::ranges::find(names, name) != names.end();
    }

    std::vector<std::string> names;
    int everything = 0;
};

// A watch below a new directory, running on its shard.
class watched {
public:
    explicit watched(const test::scratch_directory& directory)
        : root_{*root::open(directory.path())} {
        EXPECT_TRUE(watch.open().has_value());
        running_.spawn(watch.run());
    }
    task<void> stop() {
        running_.request_stop();
        co_await running_.join();
    }
    // Waits until `is_true`.
    task<void> until(std::function<bool()> is_true) {
        const nanoseconds end = shard::current().io().now() + test::patience();
        while (!is_true() && shard::current().io().now() < end) {
            static_cast<void>(co_await sleep_for(1ms));
        }
        EXPECT_TRUE(is_true());
    }
    task<void> until_told(std::string name) {
        co_await until([&] { return told.has(name); });
    }

private:
    root root_;

public:
    recorder told;
    file_watch watch{root_, told};

private:
    scope running_;
};

TEST(file_watch, tells_what_happens_to_names) {
    const auto run = []() -> task<void> {
        const test::scratch_directory directory;
        directory.write("old", "x");
        watched with{directory};
        with.watch.add_file("old");
        EXPECT_EQ(with.watch.directories(), 1U);
        struct change {
            std::string told;
            std::function<void()> act;
        };
        const std::string old = directory.at("old");
        const change changes[] = {
            {":new", [&] { directory.write("new", "x"); }},
            {":old", [&] { directory.write("old", "other"); }},
            {":old", [&] { std::filesystem::rename(directory.at("new"), old); }},
            {":old", [&] { std::filesystem::permissions(old, std::filesystem::perms::none); }},
            {":old", [&] { std::filesystem::remove(old); }},
        };
        for (const change& each : changes) {
            with.told.names.clear();
            each.act();
            co_await with.until_told(each.told);
        }
        EXPECT_EQ(with.told.everything, 0);
        co_await with.stop();
    };
    run_on_shard(run());
}

TEST(file_watch, names_the_directory) {
    const auto run = []() -> task<void> {
        const test::scratch_directory directory;
        directory.make_directory("a/b");
        directory.make_directory("c");
        watched with{directory};
        with.watch.add_file("a/b/f");
        with.watch.add_file("a/b/g");
        EXPECT_EQ(with.watch.directories(), 3U);  // a/b, a and the root.
        directory.write("c/f", "not watched");
        directory.write("a/b/f", "x");
        co_await with.until_told("a/b:f");
        EXPECT_FALSE(with.told.has("c:f"));
        directory.write("a/x", "x");
        co_await with.until_told("a:x");
        co_await with.stop();
    };
    run_on_shard(run());
}

// Goal: a directory that moves takes all below it along, also those that are not watched.
TEST(file_watch, moved_directory_changes_everything) {
    const auto run = []() -> task<void> {
        for (const auto& act : std::vector<std::function<void(const test::scratch_directory&)>>{
                 [](const auto& in) { std::filesystem::rename(in.at("a"), in.at("b")); },
                 [](const auto& in) { std::filesystem::remove_all(in.at("a")); },
                 [](const auto& in) {
                     std::filesystem::remove(in.at("link"));
                     in.make_link("link", "other");
                 },
                 [](const auto& in) {
                     in.make_link("link.new", "other");
                     std::filesystem::rename(in.at("link.new"), in.at("link"));
                 }}) {
            const test::scratch_directory directory;
            directory.make_directory("a/deep");
            directory.make_directory("target");
            directory.make_directory("other");
            directory.make_link("link", "target");
            watched with{directory};
            with.watch.add_file("a/deep/f");
            with.watch.add_file("link/f");
            act(directory);
            co_await with.until([&] { return with.told.everything > 0; });
            co_await with.stop();
        }
    };
    run_on_shard(run());
}

// Goal: after everything changed the same directories can be watched anew.
TEST(file_watch, goes_on_after_everything_changed) {
    const auto run = []() -> task<void> {
        const test::scratch_directory directory;
        directory.make_directory("a");
        directory.make_directory("b");
        watched with{directory};
        with.watch.add_file("a/f");
        std::filesystem::rename(directory.at("a"), directory.at("gone"));
        std::filesystem::rename(directory.at("b"), directory.at("a"));
        co_await with.until([&] { return with.watch.directories() == 0; });
        with.told.names.clear();
        with.watch.add_file("a/f");
        directory.write("gone/f", "x");
        directory.write("a/f", "x");
        co_await with.until_told("a:f");
        co_await with.stop();
    };
    run_on_shard(run());
}

TEST(file_watch, tells_all_paths_that_links_give_a_directory) {
    const auto run = []() -> task<void> {
        const test::scratch_directory directory;
        directory.make_directory("real");
        directory.make_link("link", "real");
        watched with{directory};
        with.watch.add_file("real/f");
        with.watch.add_file("link/f");
        directory.write("real/f", "x");
        co_await with.until_told("real:f");
        co_await with.until_told("link:f");
        co_await with.stop();
    };
    run_on_shard(run());
}

TEST(file_watch, is_bounded_and_harmless_when_it_was_not_opened) {
    const auto run = []() -> task<void> {
        const test::scratch_directory directory;
        const root beneath = *root::open(directory.path());
        recorder told;
        file_watch never_opened{beneath, told};
        never_opened.add_file("a/f");
        EXPECT_EQ(never_opened.directories(), 0U);
        co_await never_opened.run();

        watched with{directory};
        with.watch.add_file("missing/f");  // No such directory: the root alone.
        EXPECT_EQ(with.watch.directories(), 1U);
        for (std::size_t i = 0; i < file_watch::directories_max + 10; ++i) {
            const std::string name = "d" + std::to_string(i);
            directory.make_directory(name);
            with.watch.add_file(name + "/f");
        }
        EXPECT_LE(with.watch.directories(), file_watch::directories_max);
        co_await with.stop();
    };
    run_on_shard(run());
}

}  // namespace
}  // namespace ringway::files
