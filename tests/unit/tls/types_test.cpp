#include <gtest/gtest.h>

#include <ringway/tls/types.hpp>

namespace ringway::tls {
namespace {

TEST(tls_types, have_the_names_that_others_use) {
    EXPECT_EQ(name_of(cipher::aes_128_gcm), "AES-128-GCM");
    EXPECT_EQ(name_of(cipher::aes_256_gcm), "AES-256-GCM");
    EXPECT_EQ(name_of(cipher::chacha20_poly1305), "CHACHA20-POLY1305");
    EXPECT_EQ(name_of(version::tls_1_3), "TLSv1.3");
    EXPECT_EQ(name_of(version::tls_1_2), "TLSv1.2");
    EXPECT_EQ(name_of(version::none), "");
}

}  // namespace
}  // namespace ringway::tls
