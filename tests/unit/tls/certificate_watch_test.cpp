#include <ringway/tls/certificate_watch.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/runtime/sleep.hpp>

#include "support/patience.hpp"
#include "support/temporary_site.hpp"

namespace ringway::tls {
namespace {

using test::run_on_shard;

TEST(certificate_watch, hears_of_every_way_to_replace_a_file) {
    const auto run = []() -> task<void> {
        const test::temporary_site in;
        in.add("d/a.pem", "x");
        in.add("elsewhere/new", "x");
        in.add_link("d/link.pem", "../elsewhere/old");
        const std::vector<std::function<void()>> acts{
            [&] { in.add("d/a.pem", "other"); },
            [&] { in.add("d/new.pem", "x"); },
            [&] { in.replace("d/a.pem", "again"); },
            [&] { in.switch_link("d/link.pem", "../elsewhere/new"); },
            [&] { in.remove("d/new.pem"); },
            [&] { std::filesystem::permissions(in.at("d/a.pem"), std::filesystem::perms{0600}); },
        };
        certificate_watch watch;
        const std::vector directories{in.at("d"), in.at("missing")};
        for (const auto& act : acts) {
            RW_CO_ASSERT(watch.watch(directories));
            act();
            const auto heard = co_await with_timeout(test::patience(), watch.changed());
            EXPECT_TRUE(heard);
        }
    };
    run_on_shard(run());
}

// Goal: directories come and go, also under the same name, and watching them anew is no change.
TEST(certificate_watch, follows_its_directories) {
    const auto run = []() -> task<void> {
        const test::temporary_site in;
        in.add("one/a", "x");
        in.add("two/a", "x");
        certificate_watch watch;
        const std::vector one{in.at("one")};
        const std::vector two{in.at("two")};
        RW_CO_ASSERT(watch.watch(one));
        RW_CO_ASSERT(watch.watch(two));
        in.add("one/a", "nobody looks");
        const auto nothing = co_await with_timeout(std::chrono::milliseconds{20}, watch.changed());
        EXPECT_FALSE(nothing);
        in.rename("two", "gone");
        EXPECT_TRUE(co_await with_timeout(test::patience(), watch.changed()));
        in.add("two/a", "x");
        RW_CO_ASSERT(watch.watch(two));
        in.add("gone/a", "nobody looks");
        const auto still = co_await with_timeout(std::chrono::milliseconds{20}, watch.changed());
        EXPECT_FALSE(still);
        in.add("two/a", "y");
        EXPECT_TRUE(co_await with_timeout(test::patience(), watch.changed()));
    };
    run_on_shard(run());
}

TEST(certificate_watch, one_burst_is_one_change) {
    const auto run = []() -> task<void> {
        const test::temporary_site in;
        in.add("a", "x");
        certificate_watch watch;
        const std::vector directories{in.path()};
        RW_CO_ASSERT(watch.watch(directories));
        for (int i = 0; i < 100; ++i) {
            in.add("a", "y");
        }
        EXPECT_TRUE(co_await with_timeout(test::patience(), watch.changed()));
        const auto quiet = co_await with_timeout(std::chrono::milliseconds{20}, watch.changed());
        RW_CO_ASSERT(!quiet);
        EXPECT_EQ(quiet.error().code, errc::timed_out);
    };
    run_on_shard(run());
}

// Goal: without inotify the wait fails instead of spinning or hanging.
TEST(certificate_watch, fails_when_nothing_is_watched) {
    const auto run = []() -> task<void> {
        certificate_watch watch;
        const auto heard = co_await with_timeout(test::patience(), watch.changed());
        RW_CO_ASSERT(!heard);
        EXPECT_NE(heard.error().code, errc::timed_out);
    };
    run_on_shard(run());
}

}  // namespace
}  // namespace ringway::tls
