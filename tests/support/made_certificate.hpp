// Certificates of every kind, made in the test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ringway::test {

/// What kind of key to make. Small and odd ones are what servers must refuse.
enum class made_key : unsigned char { p256, p192, rsa_2048, rsa_1024, ed25519 };

/// A certificate with its key, as PEM.
struct made_certificate {
    std::string certificate;
    std::string key;

    [[nodiscard]] std::string both() const { return certificate + key; }
};

struct certificate_wish {
    std::vector<std::string> names{"example.org"};  ///< DNS names and IP addresses.
    made_key key = made_key::p256;
    std::int64_t from_unix_s = 0;              ///< 0: an hour ago.
    std::int64_t until_unix_s = 0;             ///< 0: in 90 days.
    std::string common_name = "a test";        ///< Of the subject; "" for none.
    const made_certificate* issuer = nullptr;  ///< Null: signed by itself.
    bool is_authority = false;
};

/// Makes it. RSA takes long: tens of milliseconds.
[[nodiscard]] made_certificate make_certificate(const certificate_wish& wish = {});

/// The same key, encrypted with a password (PKCS #8).
[[nodiscard]] std::string encrypted_key(const made_certificate& from);

}  // namespace ringway::test
