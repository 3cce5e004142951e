#include "http/client_h3_words.hpp"

#include <gtest/gtest.h>

namespace ringway::http::detail {
namespace {

quic::closing closed_with(std::uint64_t code, bool by_peer) {
    quic::closing how;
    how.by_peer = by_peer;
    how.code = code;
    return how;
}

TEST(client_h3_words, say_who_closed_and_why) {
    EXPECT_EQ(words_of(closed_with(0, true)), "the server closed the connection");
    EXPECT_EQ(words_of(closed_with(2, true)), "the server closed: QUIC's CONNECTION_REFUSED");
    EXPECT_EQ(words_of(closed_with(0x128, true)), "the server closed: QUIC's TLS alert 40");
    EXPECT_EQ(words_of(closed_with(0x200, false)), "the server broke QUIC's rules: error 512");
    quic::closing ours = closed_with(3, true);
    ours.by_application = true;
    EXPECT_EQ(words_of(ours), "the server closed with error 3");
    ours.text = "bye";
    EXPECT_EQ(words_of(ours), "bye");
    ours.reason.code = errc::timed_out;
    EXPECT_EQ(words_of(ours), "no answer in time");
}

TEST(client_h3_words, know_alerts_that_are_about_certificates) {
    EXPECT_TRUE(is_about_certificate(closed_with(0x100 + 42, false)));
    EXPECT_TRUE(is_about_certificate(closed_with(0x100 + 48, false)));
    EXPECT_FALSE(is_about_certificate(closed_with(0x100 + 47, false)));
    EXPECT_FALSE(is_about_certificate(closed_with(0x100 + 42, true)));
}

}  // namespace
}  // namespace ringway::http::detail
