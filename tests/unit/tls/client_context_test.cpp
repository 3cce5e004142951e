#include <gtest/gtest.h>

#include <ringway/tls/client_context.hpp>

#include "support/run_on_shard.hpp"

namespace ringway::tls {
namespace {

TEST(client_context, needs_something_to_trust) {
    const test::scratch_directory folder;
    EXPECT_EQ(client_context::make({.trust_file = folder.at("none.pem")}).error().code,
              errc::not_found);
    folder.write("empty.pem", "");
    EXPECT_EQ(client_context::make({.trust_file = folder.at("empty.pem")}).error().code,
              errc::not_found);
    EXPECT_TRUE(client_context::make({.verify = false}).has_value());
}

TEST(client_context, refuses_protocols_that_cannot_be_named) {
    EXPECT_EQ(client_context::make({.verify = false, .alpn = {""}}).error().code,
              errc::invalid_argument);
}

}  // namespace
}  // namespace ringway::tls
