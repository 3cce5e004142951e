#include "tls/certificate_pair.hpp"

#include <ctime>
#include <string>

#include <gtest/gtest.h>

#include "support/made_certificate.hpp"

namespace ringway::tls {
namespace {

using test::made_key;
using test::make_certificate;

// Everything that can be wrong, each with the line for the operator.
class certificate_pair_failures : public ::testing::Test {
protected:
    static std::string error_of(const std::string& chain, const std::string& key,
                                const std::string& key_file = "a.key") {
        const auto pair = read_pair({"a.crt", chain, key_file, key}, std::time(nullptr));
        return pair ? "no failure" : pair.error();
    }

    test::made_certificate good_ = make_certificate();
    test::made_certificate other_ = make_certificate();
};

TEST_F(certificate_pair_failures, none) {
    EXPECT_EQ(error_of(good_.certificate, good_.key), "no failure");
    EXPECT_EQ(error_of(good_.both(), good_.both(), "a.crt"), "no failure");
    EXPECT_EQ(error_of(good_.key + good_.certificate, good_.key), "no failure");
    EXPECT_EQ(error_of("Bag Attributes\n  x: y\n" + good_.certificate, "\n# key\n" + good_.key),
              "no failure");
}

TEST_F(certificate_pair_failures, text_that_is_something_else) {
    EXPECT_EQ(
        error_of("", good_.key),
        "a.crt: not PEM (no line begins with \"-----BEGIN\"); name a certificate chain in PEM");
    EXPECT_EQ(error_of(std::string("\x30\x82\x01\x02\x30\x03", 6), good_.key),
              "a.crt: not PEM (no line begins with \"-----BEGIN\"); it looks like DER: convert it "
              "with openssl x509 -inform der");
    EXPECT_EQ(error_of("-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n", good_.key),
              "a.crt: no certificate in it; name the PEM file of the certificate chain");
    EXPECT_EQ(error_of(good_.key, good_.certificate),
              "a.crt: a private key and no certificate; write the certificate chain first: --tls "
              "CERT,KEY");
    EXPECT_EQ(error_of(good_.certificate.substr(0, good_.certificate.size() / 2), good_.key),
              "a.crt: no certificate in it; name the PEM file of the certificate chain");
    auto damaged = good_.certificate;
    damaged.replace(damaged.size() / 2, 4, "AAAA");
    damaged.replace(40, 4, "AAAA");
    EXPECT_TRUE(
        error_of(damaged, good_.key).starts_with("a.crt: certificate 1 in it is damaged ("));
}

TEST_F(certificate_pair_failures, key_that_is_none) {
    EXPECT_EQ(error_of(good_.certificate, good_.certificate, "a.crt"),
              "a.crt: no private key in it; add it to the file, or name its file too: --tls "
              "CERT,KEY (in a directory: NAME.key)");
    EXPECT_EQ(error_of(good_.certificate, good_.certificate),
              "a.key: no private key in it; name the PEM file of the key of a.crt");
    EXPECT_EQ(error_of(good_.certificate, "secret"),
              "a.key: not PEM (no line begins with \"-----BEGIN\"); name a private key in PEM");
    EXPECT_TRUE(error_of(good_.certificate,
                         "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
                    .starts_with("a.key: the private key can't be read ("));
    constexpr std::string_view encrypted =
        "a.key: the private key is encrypted; nobody can type the password at a start: decrypt it "
        "with openssl pkey -in KEY -out NEW";
    EXPECT_EQ(error_of(good_.certificate, encrypted_key(good_)), encrypted);
    EXPECT_EQ(error_of(good_.certificate,
                       "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                       "AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"),
              encrypted);
}

TEST_F(certificate_pair_failures, pair_that_is_none) {
    EXPECT_EQ(error_of(good_.certificate, other_.key),
              "a.key: the private key is not that of the certificate in a.crt; name two files that "
              "belong together");
}

TEST_F(certificate_pair_failures, chain_out_of_order) {
    const auto root = make_certificate({.common_name = "root", .is_authority = true});
    const auto between =
        make_certificate({.common_name = "between", .issuer = &root, .is_authority = true});
    const auto leaf = make_certificate({.issuer = &between});

    EXPECT_EQ(error_of(leaf.certificate + between.certificate, leaf.key), "no failure");
    EXPECT_EQ(error_of(leaf.certificate + between.certificate + root.certificate, leaf.key),
              "no failure");
    EXPECT_EQ(error_of(leaf.certificate + root.certificate + between.certificate, leaf.key),
              "a.crt: the chain is out of order: certificate 2 is not the issuer of certificate 1; "
              "put the server's own first, then its issuer, and so on");
    EXPECT_EQ(error_of(between.certificate + leaf.certificate, leaf.key),
              "a.crt: the chain is out of order: the key is that of a certificate further down; "
              "put the server's own first, then its issuer, and so on");
    std::string many;
    for (std::size_t i = 0; i <= chain_length_max; ++i) {
        many += root.certificate;
    }
    EXPECT_EQ(error_of(many, root.key), "a.crt: 17 certificates; a chain has at most 16");
}

TEST_F(certificate_pair_failures, key_type) {
    const auto small = make_certificate({.key = made_key::rsa_1024});
    EXPECT_EQ(
        error_of(small.certificate, small.key),
        "a.crt: an RSA key of 1024 bits is too small to be safe; make one of 2048 or an ECDSA "
        "key");
    const auto edwards = make_certificate({.key = made_key::ed25519});
    EXPECT_EQ(error_of(edwards.certificate, edwards.key),
              "a.crt: browsers take no EdDSA (Ed25519) certificate; use ECDSA (P-256) or RSA");
    const auto short_curve = make_certificate({.key = made_key::p192});
    EXPECT_EQ(error_of(short_curve.certificate, short_curve.key),
              "a.crt: browsers take no EC/ECDSA certificate of so few bits; use ECDSA (P-256) or "
              "RSA");
}

TEST_F(certificate_pair_failures, times) {
    const auto expired =
        make_certificate({.from_unix_s = 1'000'000'000, .until_unix_s = 1'577'836'800});
    EXPECT_EQ(error_of(expired.certificate, expired.key), "a.crt: expired on 2020-01-01; renew it");
    const auto future =
        make_certificate({.from_unix_s = 4'070'908'800, .until_unix_s = 4'080'908'800});
    EXPECT_EQ(error_of(future.certificate, future.key),
              "a.crt: not valid before 2099-01-01; wait, or check the clock of this machine");
}

}  // namespace
}  // namespace ringway::tls
