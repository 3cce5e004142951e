#include <gtest/gtest.h>
#include <string>

#include <ringway/tls/server_context.hpp>

#include "support/tls_world.hpp"

namespace ringway::tls {
namespace {

TEST(server_context, ticket_secrets_follow_the_key_and_the_names) {
    certificate_holder holder;
    const ticket_key key{std::byte{1}};
    const auto one = server_context::make(holder, {.key = key});
    const auto same = server_context::make(holder, {.key = key});
    const auto other = server_context::make(holder, {});
    ASSERT_TRUE(one && same && other);
    const digest names{std::byte{5}};
    EXPECT_EQ((*one)->ticket_secret(names), (*same)->ticket_secret(names));
    EXPECT_NE((*one)->ticket_secret(names), (*one)->ticket_secret(digest{}));
    EXPECT_NE((*one)->ticket_secret(names), (*other)->ticket_secret(names));
}

TEST(server_context, refuses_protocols_that_cannot_be_named) {
    certificate_holder holder;
    const auto made = server_context::make(holder, {.alpn = {"h2", std::string(256, 'x')}});
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, errc::invalid_argument);
}

TEST(server_context, counts_from_zero) {
    certificate_holder holder;
    const auto made = server_context::make(holder, {});
    ASSERT_TRUE(made.has_value());
    (*made)->count().resumed.fetch_add(2);
    EXPECT_EQ((*made)->counts().handshakes_resumed, 2U);
    EXPECT_EQ((*made)->counts().handshakes_failed, 0U);
}

}  // namespace
}  // namespace ringway::tls
