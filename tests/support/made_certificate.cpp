#include "support/made_certificate.hpp"

#include <arpa/inet.h>
#include <ctime>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <gtest/gtest.h>
#include <memory>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>

namespace ringway::test {
namespace {

void must(int code) { ASSERT_GE(code, 0) << gnutls_strerror(code); }

struct free_certificate {
    void operator()(gnutls_x509_crt_int* held) const noexcept { gnutls_x509_crt_deinit(held); }
};
struct free_key {
    void operator()(gnutls_x509_privkey_int* held) const noexcept {
        gnutls_x509_privkey_deinit(held);
    }
};
using certificate_handle = std::unique_ptr<gnutls_x509_crt_int, free_certificate>;
using key_handle = std::unique_ptr<gnutls_x509_privkey_int, free_key>;

certificate_handle new_certificate() {
    gnutls_x509_crt_t raw = nullptr;
    must(gnutls_x509_crt_init(&raw));
    return certificate_handle{raw};
}

key_handle new_key() {
    gnutls_x509_privkey_t raw = nullptr;
    must(gnutls_x509_privkey_init(&raw));
    return key_handle{raw};
}

gnutls_datum_t datum_of(const std::string& text) {
    return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
            static_cast<unsigned>(text.size())};
}

std::string text_of(gnutls_datum_t data) {
    std::string text{reinterpret_cast<const char*>(data.data), data.size};
    gnutls_free(data.data);
    return text;
}

void generate(gnutls_x509_privkey_t key, made_key kind) {
    switch (kind) {
        case made_key::p256:
            return must(gnutls_x509_privkey_generate(
                key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
        case made_key::p192:
            return must(gnutls_x509_privkey_generate(
                key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP192R1), 0));
        case made_key::rsa_2048:
            return must(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 2048, 0));
        case made_key::rsa_1024:
            return must(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 1024, 0));
        case made_key::ed25519:
            return must(gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519, 256, 0));
    }
}

void add_name(gnutls_x509_crt_t to, const std::string& name) {
    in_addr four{};
    in6_addr six{};
    if (inet_pton(AF_INET, name.c_str(), &four) == 1) {
        must(gnutls_x509_crt_set_subject_alt_name(to, GNUTLS_SAN_IPADDRESS, &four, sizeof four,
                                                  GNUTLS_FSAN_APPEND));
    } else if (inet_pton(AF_INET6, name.c_str(), &six) == 1) {
        must(gnutls_x509_crt_set_subject_alt_name(to, GNUTLS_SAN_IPADDRESS, &six, sizeof six,
                                                  GNUTLS_FSAN_APPEND));
    } else {
        must(gnutls_x509_crt_set_subject_alt_name(to, GNUTLS_SAN_DNSNAME, name.data(),
                                                  static_cast<unsigned>(name.size()),
                                                  GNUTLS_FSAN_APPEND));
    }
}

void sign(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key,
          const made_certificate* issuer) {
    if (issuer == nullptr) {
        return must(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0));
    }
    const auto by = new_certificate();
    const auto by_key = new_key();
    const auto text = datum_of(issuer->certificate);
    const auto key_text = datum_of(issuer->key);
    must(gnutls_x509_crt_import(by.get(), &text, GNUTLS_X509_FMT_PEM));
    must(gnutls_x509_privkey_import(by_key.get(), &key_text, GNUTLS_X509_FMT_PEM));
    must(gnutls_x509_crt_sign2(certificate, by.get(), by_key.get(), GNUTLS_DIG_SHA256, 0));
}

}  // namespace

made_certificate make_certificate(const certificate_wish& wish) {
    const auto key = new_key();
    generate(key.get(), wish.key);
    const auto certificate = new_certificate();
    auto* const raw = certificate.get();
    const auto now = std::time(nullptr);
    unsigned char serial[12];
    must(gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial));
    serial[0] = 0x40;
    must(gnutls_x509_crt_set_version(raw, 3));
    must(gnutls_x509_crt_set_serial(raw, serial, sizeof serial));
    if (!wish.common_name.empty()) {
        must(gnutls_x509_crt_set_dn_by_oid(raw, GNUTLS_OID_X520_COMMON_NAME, 0,
                                           wish.common_name.data(),
                                           static_cast<unsigned>(wish.common_name.size())));
    }
    for (const auto& name : wish.names) {
        add_name(raw, name);
    }
    must(gnutls_x509_crt_set_basic_constraints(raw, wish.is_authority ? 1 : 0, -1));
    must(gnutls_x509_crt_set_activation_time(
        raw, wish.from_unix_s == 0 ? now - 3600 : wish.from_unix_s));
    must(gnutls_x509_crt_set_expiration_time(
        raw, wish.until_unix_s == 0 ? now + 90L * 86'400 : wish.until_unix_s));
    must(gnutls_x509_crt_set_key(raw, key.get()));
    if (wish.key == made_key::ed25519) {
        must(gnutls_x509_crt_sign2(raw, raw, key.get(), GNUTLS_DIG_UNKNOWN, 0));
    } else {
        sign(raw, key.get(), wish.issuer);
    }
    gnutls_datum_t text{};
    gnutls_datum_t key_text{};
    must(gnutls_x509_crt_export2(raw, GNUTLS_X509_FMT_PEM, &text));
    must(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, nullptr,
                                           GNUTLS_PKCS_PLAIN, &key_text));
    return {text_of(text), text_of(key_text)};
}

std::string encrypted_key(const made_certificate& from) {
    const auto key = new_key();
    const auto text = datum_of(from.key);
    gnutls_datum_t out{};
    must(gnutls_x509_privkey_import(key.get(), &text, GNUTLS_X509_FMT_PEM));
    must(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, "secret",
                                           GNUTLS_PKCS_PBES2_AES_256, &out));
    return text_of(out);
}

}  // namespace ringway::test
