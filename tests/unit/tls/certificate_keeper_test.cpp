#include <ringway/tls/certificate_keeper.hpp>

#include <chrono>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/made_certificate.hpp"
#include "support/temporary_site.hpp"

namespace ringway::tls {
namespace {

using namespace std::chrono_literals;
using test::comes_true;
using test::make_certificate;
using test::run_on_shard;

// A pair of files in a directory, followed with little patience.
class kept {
public:
    explicit kept(std::chrono::milliseconds grace = 20ms, std::chrono::milliseconds poll = 60s)
        : keeper_{
              {.sources = {.files = {{files.at("a.crt"), files.at("a.key")}}, .directories = {}},
               .self_names = {},
               .state_directory = {},
               .quiet = 20ms,
               .grace = grace,
               .poll = poll}} {
        write(make_certificate({.names = {"first.org"}}));
        const auto loaded = keeper_.load();
        EXPECT_TRUE(loaded) << loaded.error();
    }

    void write(const test::made_certificate& pair) const {
        files.replace("a.crt", pair.certificate);
        files.replace("a.key", pair.key);
    }
    void follow() { following_.spawn(keeper_.follow()); }
    task<void> stop() {
        following_.request_stop();
        co_await following_.join();
    }
    [[nodiscard]] std::string name() const {
        return keeper_.certificates().current()->policies().front().names().front();
    }
    [[nodiscard]] task<bool> becomes(std::string name_wanted) const {
        return comes_true([this, name_wanted] { return name() == name_wanted; });
    }
    [[nodiscard]] bool succeeded() const { return keeper_.status().successful; }
    void reload() { keeper_.reload(); }

    test::temporary_site files;

private:
    certificate_keeper keeper_;
    scope following_;
};

TEST(certificate_keeper, takes_over_what_changes) {
    const auto run = []() -> task<void> {
        kept with;
        with.follow();
        EXPECT_EQ(with.name(), "first.org");
        for (const std::string name : {"second.org", "third.org"}) {
            with.write(make_certificate({.names = {name}}));
            EXPECT_TRUE(co_await with.becomes(name));
        }
        EXPECT_TRUE(with.succeeded());
        co_await with.stop();
    };
    run_on_shard(run());
}

TEST(certificate_keeper, keeps_the_last_good_set) {
    const auto run = []() -> task<void> {
        kept with;
        with.follow();
        const auto expired = make_certificate(
            {.names = {"x.org"}, .from_unix_s = 1'000'000'000, .until_unix_s = 1'100'000'000});
        const std::vector<std::function<void()>> breaks{
            [&] { with.files.add("a.crt", "junk"); },
            [&] { with.files.remove("a.crt"); },
            [&] { with.files.add("a.key", ""); },
            [&] { with.write(expired); },
            [&] { with.files.replace("a.crt", make_certificate().certificate); },
        };
        for (const auto& act : breaks) {
            act();
            EXPECT_TRUE(co_await comes_true([&] { return !with.succeeded(); }));
            EXPECT_NE(with.name(), "x.org");
            with.write(make_certificate({.names = {"good.org"}}));
            EXPECT_TRUE(co_await comes_true([&] { return with.succeeded(); }));
            EXPECT_TRUE(co_await with.becomes("good.org"));
        }
        co_await with.stop();
    };
    run_on_shard(run());
}

// Goal: a pair that is replaced file by file, more slowly than files come to rest, is no failure.
TEST(certificate_keeper, half_a_pair_is_no_failure_when_the_other_half_follows) {
    const auto run = []() -> task<void> {
        kept with{1s};
        with.follow();
        const auto next = make_certificate({.names = {"next.org"}});
        with.files.replace("a.crt", next.certificate);
        static_cast<void>(co_await sleep_for(200ms));  // Ten times what counts as rest.
        EXPECT_EQ(with.name(), "first.org");
        with.files.replace("a.key", next.key);
        bool failed = false;
        EXPECT_TRUE(co_await comes_true([&] {
            failed = failed || !with.succeeded();
            return with.name() == "next.org";
        }));
        EXPECT_FALSE(failed);
        co_await with.stop();
    };
    run_on_shard(run());
}

// Goal: what inotify does not see is found by looking.
TEST(certificate_keeper, looks_from_time_to_time) {
    const auto run = []() -> task<void> {
        kept with{20ms, 20ms};
        with.files.add("elsewhere/crt", "");
        with.files.add("elsewhere/key", "");
        with.files.add_link("link.crt", "elsewhere/crt");
        with.files.add_link("link.key", "elsewhere/key");
        with.files.rename("link.crt", "a.crt");
        with.files.rename("link.key", "a.key");
        const auto next = make_certificate({.names = {"next.org"}});
        with.follow();
        with.files.add("elsewhere/crt", next.certificate);
        with.files.add("elsewhere/key", next.key);
        EXPECT_TRUE(co_await with.becomes("next.org"));
        co_await with.stop();
    };
    run_on_shard(run());
}

TEST(certificate_keeper, loads_when_asked) {
    const auto run = []() -> task<void> {
        kept with;
        with.follow();
        with.files.add("a.crt", "junk");
        with.reload();
        EXPECT_TRUE(co_await comes_true([&] { return !with.succeeded(); }));
        with.write(make_certificate({.names = {"asked.org"}}));
        with.reload();
        EXPECT_TRUE(co_await with.becomes("asked.org"));
        co_await with.stop();
    };
    run_on_shard(run());
}

TEST(certificate_keeper, development_certificate_stays_over_reloads) {
    for (const bool can_be_kept : {true, false}) {
        const test::scratch_directory home;
        const auto run = [](std::string state) -> task<void> {
            certificate_keeper keeper{{.sources = {},
                                       .self = true,
                                       .self_names = {"localhost"},
                                       .state_directory = std::move(state),
                                       .poll = 5ms}};
            RW_CO_ASSERT(keeper.load());
            const auto before = keeper.certificates().current();
            scope following;
            following.spawn(keeper.follow());
            static_cast<void>(co_await sleep_for(50ms));
            EXPECT_EQ(keeper.certificates().current(), before);
            RW_CO_ASSERT(keeper.self());
            EXPECT_TRUE(keeper.status().successful);
            following.request_stop();
            co_await following.join();
        };
        run_on_shard(run(can_be_kept ? home.at("state") : std::string{}));
    }
}

TEST(certificate_keeper, first_load_says_what_is_wrong) {
    certificate_keeper keeper{
        {.sources = {.files = {{"/nonexistent.pem", ""}}, .directories = {}}}};
    const auto loaded = keeper.load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error(), "/nonexistent.pem: no such file; name one that exists");
}

TEST(certificate_keeper, short_name_prefers_plain_dns_names) {
    using texts = std::vector<std::string>;
    const auto of = [](texts names) {
        return short_name({.file = "f.pem", .names = std::move(names), .warning = {}});
    };
    EXPECT_EQ(of({"*.example.org", "127.0.0.1", "example.org"}), "example.org");
    EXPECT_EQ(of({"*.example.org", "127.0.0.1"}), "*.example.org");
    EXPECT_EQ(of({"::1"}), "::1");
    EXPECT_EQ(of({}), "f.pem");
    EXPECT_EQ(day_text(0), "1970-01-01");
    EXPECT_EQ(day_text(4'070'908'800), "2099-01-01");
}

}  // namespace
}  // namespace ringway::tls
