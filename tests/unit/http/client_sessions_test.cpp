#include "http/client_sessions.hpp"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "support/run_on_shard.hpp"

namespace ringway::http::detail {
namespace {

quic::resumption some() {
    return {.session = {std::byte{1}, std::byte{0xff}},
            .parameters = {std::byte{2}},
            .token = {std::byte{'\n'}, std::byte{0}},
            .application = {std::byte{7}}};
}

TEST(client_sessions, a_session_is_used_once) {
    const test::scratch_directory scratch;
    client_sessions sessions{scratch.at("deep/sessions")};
    EXPECT_TRUE(sessions.take("https://a").session.empty());
    sessions.keep("https://a", some());
    const auto first = sessions.take("https://a");
    EXPECT_EQ(first.session, some().session);
    EXPECT_EQ(first.parameters, some().parameters);
    EXPECT_EQ(first.token, some().token);
    EXPECT_EQ(first.application, some().application);
    EXPECT_TRUE(sessions.take("https://a").session.empty());
    EXPECT_TRUE(sessions.take("https://b").session.empty());
}

TEST(client_sessions, only_the_owner_can_read_them) {
    const test::scratch_directory scratch;
    client_sessions sessions{scratch.at("s")};
    sessions.keep("https://a", some());
    struct stat facts{};
    ASSERT_EQ(::stat(scratch.at("s").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0700U);
    ASSERT_EQ(::stat(scratch.at("s/https___a.session").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);
}

TEST(client_sessions, kinds_are_kept_apart) {
    const test::scratch_directory scratch;
    client_sessions sessions{scratch.at("s")};
    sessions.keep("https://a", some(), session_kind::tls);
    EXPECT_TRUE(sessions.take("https://a").session.empty());
    EXPECT_EQ(sessions.take("https://a", session_kind::tls).session, some().session);
    EXPECT_TRUE(sessions.take("https://a", session_kind::tls).session.empty());
    sessions.keep_alternative("https://a", {"other", 8443, 1000, 500});
    EXPECT_EQ(sessions.alternative("https://a", 1)->from_unix_s, 500);
}

TEST(client_sessions, damaged_text_is_nothing) {
    EXPECT_TRUE(read_resumption("").session.empty());
    EXPECT_TRUE(read_resumption("something else\n0102\n").session.empty());
    EXPECT_TRUE(read_resumption("ringway session 1\n0x\n").session.empty());
    EXPECT_EQ(read_resumption(to_text(some())).token, some().token);
}

TEST(client_sessions, alternatives_have_their_time) {
    const test::scratch_directory scratch;
    client_sessions sessions{scratch.at("s")};
    EXPECT_FALSE(sessions.alternative("https://a", 0));
    sessions.keep_alternative("https://a", {"other", 8443, 1000});
    const auto known = sessions.alternative("https://a", 999);
    ASSERT_TRUE(known);
    EXPECT_EQ(known->host, "other");
    EXPECT_EQ(known->port, 8443);
    EXPECT_FALSE(sessions.alternative("https://a", 1000));
    sessions.forget_alternative("https://a");
    EXPECT_FALSE(sessions.alternative("https://a", 0));
}

TEST(client_sessions, without_a_directory_nothing_is_kept) {
    client_sessions sessions{""};
    sessions.keep("https://a", some());
    EXPECT_TRUE(sessions.take("https://a").session.empty());
}

}  // namespace
}  // namespace ringway::http::detail
