#include <ringway/tls/self_certificate.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/made_certificate.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::tls {
namespace {

constexpr std::int64_t day = 86'400;
using texts = std::vector<std::string>;

unsigned mode_of(const std::string& path) {
    struct stat facts{};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
    return facts.st_mode & 0777U;
}

certificate_facts facts_of(const certificate_text& text, std::int64_t now) {
    const auto set = certificate_set::make({&text, 1}, now);
    EXPECT_TRUE(set) << set.error();
    return set ? (*set)->certificates().front() : certificate_facts{};
}

class self_certificate_test : public ::testing::Test {
protected:
    [[nodiscard]] self_certificate obtain(const texts& names, std::int64_t now) const {
        auto got = obtain_self_certificate(state_, names, now);
        EXPECT_TRUE(got) << got.error();
        return got.value_or(self_certificate{});
    }

    test::scratch_directory home_;
    std::string state_ = home_.at("deep/ringway");
    std::int64_t now_ = std::time(nullptr);
    texts names_{"127.0.0.1", "::1", "localhost"};
};

TEST_F(self_certificate_test, is_for_its_names_and_not_too_long) {
    const auto made = make_self_certificate(names_, now_);
    ASSERT_TRUE(made) << made.error();
    const auto facts = facts_of(*made, now_);

    EXPECT_EQ(facts.names, names_);
    EXPECT_EQ(facts.key, key_type::ecdsa);
    EXPECT_EQ(facts.key_bits, 256U);
    EXPECT_LE(facts.not_before_unix_s, now_);
    EXPECT_GT(facts.not_after_unix_s, now_ + 300 * day);
    EXPECT_LE(facts.not_after_unix_s - facts.not_before_unix_s, 825 * day);
}

TEST_F(self_certificate_test, is_kept_for_its_owner_alone) {
    const auto first = obtain(names_, now_);

    EXPECT_TRUE(first.kept);
    EXPECT_EQ(first.warning, "");
    EXPECT_EQ(first.text.file, state_ + "/self.pem");
    EXPECT_EQ(mode_of(state_), 0700U);
    EXPECT_EQ(mode_of(first.text.file), 0600U);
    EXPECT_FALSE(std::filesystem::exists(state_ + "/self.pem.new"));
    const auto again = obtain(names_, now_);
    EXPECT_EQ(facts_of(again.text, now_).fingerprint, facts_of(first.text, now_).fingerprint);
    EXPECT_TRUE(again.kept);
    EXPECT_EQ(again.text.file, first.text.file);
}

TEST_F(self_certificate_test, is_renewed_a_week_before_its_end) {
    const auto first = facts_of(obtain(names_, now_).text, now_);
    const auto end = first.not_after_unix_s;

    const auto before = end - 7 * day - 10;
    EXPECT_EQ(facts_of(obtain(names_, before).text, before).fingerprint, first.fingerprint);
    const auto after = end - 7 * day + 10;
    const auto renewed = facts_of(obtain(names_, after).text, after);
    EXPECT_NE(renewed.fingerprint, first.fingerprint);
    EXPECT_GT(renewed.not_after_unix_s, end + 300 * day);
}

// Goal: two servers with different addresses do not take the certificate away from each other.
TEST_F(self_certificate_test, is_renewed_for_more_names_and_keeps_the_old_ones) {
    const auto first = facts_of(obtain({"localhost"}, now_).text, now_);
    const auto second = facts_of(obtain({"192.0.2.1", "localhost"}, now_).text, now_);
    const auto third = facts_of(obtain({"192.0.2.2", "localhost"}, now_).text, now_);

    EXPECT_NE(first.fingerprint, second.fingerprint);
    EXPECT_EQ(third.names, (texts{"192.0.2.1", "192.0.2.2", "localhost"}));
    EXPECT_EQ(facts_of(obtain({"192.0.2.1"}, now_).text, now_).fingerprint, third.fingerprint);
}

TEST_F(self_certificate_test, damaged_and_foreign_ones_are_replaced) {
    const auto first = obtain(names_, now_);
    for (const std::string& content :
         {std::string{}, std::string{"junk"}, first.text.chain.substr(0, 300),
          test::make_certificate({.names = {"x"}}).certificate}) {
        home_.write("deep/ringway/self.pem", content);
        const auto next = obtain(names_, now_);
        EXPECT_TRUE(next.kept);
        EXPECT_EQ(facts_of(next.text, now_).names, names_);
        EXPECT_EQ(mode_of(next.text.file), 0600U);
    }
}

TEST_F(self_certificate_test, is_in_memory_where_nothing_can_be_kept) {
    home_.write("file", "x");
    for (const std::string& directory : {std::string{}, home_.at("file/below"), home_.at("file")}) {
        const auto got = obtain_self_certificate(directory, names_, now_);
        ASSERT_TRUE(got) << got.error();
        EXPECT_FALSE(got->kept);
        EXPECT_TRUE(got->warning.starts_with("the development certificate is new with each start"));
        EXPECT_TRUE(got->warning.contains(directory));
        EXPECT_EQ(facts_of(got->text, now_).names, names_);
    }
    std::filesystem::create_directories(state_ + "/self.pem/occupied");
    const auto got = obtain(names_, now_);
    EXPECT_FALSE(got.kept);
    EXPECT_TRUE(got.warning.contains("self.pem"));
}

// Goal: of servers that start at the same time all get the certificate that stays.
TEST_F(self_certificate_test, starts_at_the_same_time_agree) {
    std::vector<self_certificate> got(6);
    {
        std::vector<std::jthread> starts;
        for (auto& each : got) {
            starts.emplace_back([&] { each = obtain(names_, now_); });
        }
    }
    const auto stays = obtain(names_, now_);
    for (const auto& each : got) {
        EXPECT_EQ(facts_of(each.text, now_).fingerprint, facts_of(stays.text, now_).fingerprint);
    }
}

TEST_F(self_certificate_test, names_are_sorted_and_bounded) {
    const auto names = self_certificate_names(texts{"192.0.2.7", "127.0.0.1"});

    EXPECT_TRUE(std::ranges::is_sorted(names));
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
    for (const std::string_view name : {"localhost", "127.0.0.1", "::1", "192.0.2.7"}) {
        EXPECT_TRUE(std::ranges::count(names, name) == 1) << name;
    }
    texts many;
    for (int i = 0; i < 300; ++i) {
        many.push_back("192.0.2." + std::to_string(i));
    }
    EXPECT_LE(self_certificate_names(many).size(), self_certificate_names_max);
    EXPECT_TRUE(std::ranges::count(interface_addresses(), "127.0.0.1") == 1);
}

TEST_F(self_certificate_test, state_directory_is_that_of_xdg) {
    const auto saved = [](const char* name) {
        const char* const value = std::getenv(name);
        return std::string{value == nullptr ? "" : value};
    };
    const std::string home = saved("HOME");
    const std::string state = saved("XDG_STATE_HOME");
    ::setenv("HOME", "/somewhere", 1);
    ::setenv("XDG_STATE_HOME", "/state", 1);
    EXPECT_EQ(state_directory(), "/state/ringway");
    ::setenv("XDG_STATE_HOME", "relative", 1);
    EXPECT_EQ(state_directory(), "/somewhere/.local/state/ringway");
    ::unsetenv("XDG_STATE_HOME");
    ::unsetenv("HOME");
    EXPECT_EQ(state_directory(), "");
    ::setenv("HOME", home.c_str(), 1);
    if (!state.empty()) {
        ::setenv("XDG_STATE_HOME", state.c_str(), 1);
    }
}

}  // namespace
}  // namespace ringway::tls
