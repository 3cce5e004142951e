#include "tls/pem.hpp"

#include <string>

#include <gtest/gtest.h>

namespace ringway::tls {
namespace {

std::string block(const std::string& label, const std::string& body = "AAAA") {
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
}

TEST(pem, finds_certificates_among_other_blocks) {
    const std::string text = "words\n" + block("CERTIFICATE", "one") + block("PRIVATE KEY") +
                             block("CERTIFICATE", "two") + block("X509 CERTIFICATE");
    const auto found = certificate_blocks(text);

    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], "-----BEGIN CERTIFICATE-----\none\n-----END CERTIFICATE-----");
    EXPECT_TRUE(found[1].contains("two"));
}

TEST(pem, finds_the_first_key_of_any_kind) {
    for (const std::string label :
         {"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"}) {
        const std::string text = block("EC PARAMETERS") + block(label);
        const auto found = find_key_block(text);
        ASSERT_TRUE(found) << label;
        EXPECT_TRUE(found->starts_with("-----BEGIN " + label));
        EXPECT_TRUE(found->ends_with("-----END " + label + "-----"));
    }
    EXPECT_FALSE(find_key_block(block("PUBLIC KEY") + block("CERTIFICATE")));
}

// Goal: what is cut off or odd is left out, and does not hide what follows.
TEST(pem, leaves_out_what_does_not_end) {
    const std::string whole = block("CERTIFICATE", "whole");
    for (const std::string before :
         {"-----BEGIN ", "-----BEGIN X", "-----BEGIN PRIVATE KEY-----\nAAAA\n",
          "-----BEGIN -----\n", "-----BEGIN CERTIFICATE----\n", "-----END CERTIFICATE-----\n"}) {
        const std::string text = before + "\n" + whole;
        const auto found = certificate_blocks(text);
        EXPECT_LE(found.size(), 1U) << before;
    }
    const std::string cut = "-----BEGIN PRIVATE KEY-----\nAAAA\n";
    EXPECT_EQ(certificate_blocks(cut + whole).size(), 1U);
    EXPECT_TRUE(certificate_blocks(cut).empty());
    EXPECT_TRUE(certificate_blocks("").empty());
}

TEST(pem, knows_encrypted_keys) {
    EXPECT_TRUE(is_encrypted(block("ENCRYPTED PRIVATE KEY")));
    EXPECT_TRUE(is_encrypted(block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAAAA")));
    EXPECT_FALSE(is_encrypted(block("PRIVATE KEY")));
}

TEST(pem, tells_pem_from_der) {
    EXPECT_TRUE(looks_like_pem("x\n-----BEGIN CERTIFICATE-----"));
    EXPECT_FALSE(looks_like_pem("hello"));
    EXPECT_TRUE(looks_like_der(std::string_view("\x30\x82\x01\x00\x30", 5)));
    EXPECT_FALSE(looks_like_der("0"));
    EXPECT_FALSE(looks_like_der("hello"));
}

}  // namespace
}  // namespace ringway::tls
