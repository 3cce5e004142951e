#include <ringway/tls/certificates.hpp>

#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/made_certificate.hpp"

namespace ringway::tls {
namespace {

using test::made_key;
using test::make_certificate;

certificate_text text_of(const test::made_certificate& from, const std::string& name = "a.pem") {
    return {name, from.certificate, name, from.key};
}

certificates_or_reason set_of(const std::vector<certificate_text>& texts) {
    return certificate_set::make(texts, std::time(nullptr));
}

TEST(certificates, name_matches_as_rfc_6125_says) {
    struct row {
        std::string_view pattern, host;
        bool matches;
    };
    const row rows[] = {
        {"example.org", "example.org", true},
        {"example.org", "EXAMPLE.org", true},
        {"example.org", "www.example.org", false},
        {"example.org", "example.orgx", false},
        {"*.example.org", "www.example.org", true},
        {"*.example.org", "WWW.Example.ORG", true},
        {"*.example.org", "example.org", false},
        {"*.example.org", ".example.org", false},
        {"*.example.org", "a.b.example.org", false},
        {"*.example.org", "wwwexample.org", false},
        {"w*.example.org", "www.example.org", false},
        {"www.*.org", "www.example.org", false},
        {"*", "localhost", false},
        {"127.0.0.1", "127.0.0.1", true},
        {"*.0.0.1", "127.0.0.1", true},  // No authority signs that, and no client believes it.
        {"", "", true},
    };
    for (const auto& [pattern, host, matches] : rows) {
        EXPECT_EQ(name_matches(pattern, host), matches) << pattern << " " << host;
    }
}

TEST(certificates, policy_covers_its_names) {
    const auto set = set_of({text_of(
        make_certificate({.names = {"Example.org", "*.example.org", "127.0.0.1", "::1"}}))});
    ASSERT_TRUE(set) << set.error();
    const policy& only = (*set)->policies().front();

    for (const std::string_view host : {"example.org", "EXAMPLE.ORG", "example.org.",
                                        "www.example.org", "127.0.0.1", "::1", "[::1]"}) {
        EXPECT_TRUE(only.covers(host)) << host;
    }
    for (const std::string_view host :
         {"", ".", "a.b.example.org", "127.0.0.2", "evil.org", "[]"}) {
        EXPECT_FALSE(only.covers(host)) << host;
    }
    EXPECT_EQ(std::vector(only.names().begin(), only.names().end()),
              (std::vector<std::string>{"*.example.org", "127.0.0.1", "::1", "example.org"}));
}

TEST(certificates, find_goes_from_exact_to_wildcard_to_the_first) {
    const auto set =
        set_of({text_of(make_certificate({.names = {"first.org"}})),
                text_of(make_certificate({.names = {"*.example.org"}}), "wild.pem"),
                text_of(make_certificate({.names = {"www.example.org"}}), "exact.pem")});
    ASSERT_TRUE(set) << set.error();
    const auto name = [&](std::string_view asked) { return (*set)->find(asked).names().front(); };

    EXPECT_EQ(name("www.example.org"), "www.example.org");
    EXPECT_EQ(name("WWW.example.ORG"), "www.example.org");
    EXPECT_EQ(name("other.example.org"), "*.example.org");
    EXPECT_EQ(name("OTHER.example.org."), "*.example.org");
    EXPECT_EQ(name("a.other.example.org"), "first.org");
    EXPECT_EQ(name("example.org"), "first.org");
    EXPECT_EQ(name(".example.org"), "first.org");
    EXPECT_EQ(name("nobody"), "first.org");
    EXPECT_EQ(name(""), "first.org");
    EXPECT_EQ(name(std::string(255, 'a')), "first.org");
    EXPECT_EQ(name(std::string(256, 'a')), "first.org");
    EXPECT_EQ(name(std::string(100'000, '.')), "first.org");
}

TEST(certificates, key_types_for_the_same_names_share_a_policy) {
    const auto elliptic = make_certificate({.names = {"a.org", "b.org"}});
    const auto rsa = make_certificate({.names = {"b.org", "A.org"}, .key = made_key::rsa_2048});
    const auto set = set_of({text_of(elliptic, "ec.pem"), text_of(rsa, "rsa.pem")});
    ASSERT_TRUE(set) << set.error();

    ASSERT_EQ((*set)->policies().size(), 1U);
    ASSERT_EQ((*set)->certificates().size(), 2U);
    EXPECT_EQ((*set)->certificates()[0].key, key_type::ecdsa);
    EXPECT_EQ((*set)->certificates()[1].key, key_type::rsa);
    EXPECT_EQ((*set)->certificates()[1].key_bits, 2048U);
    EXPECT_NE((*set)->policies()[0].credentials(), nullptr);

    const auto twice = set_of({text_of(elliptic, "ec.pem"), text_of(elliptic, "too.pem")});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error(),
              "too.pem: ec.pem has an ECDSA certificate for the same names; keep one of them");
}

TEST(certificates, identity_is_that_of_the_names) {
    const auto of = [](std::vector<std::string> names) {
        const auto set = set_of({text_of(make_certificate({.names = std::move(names)}))});
        return (*set)->policies().front().identity();
    };

    EXPECT_EQ(of({"a.org", "b.org"}), of({"b.org", "A.org"}));
    EXPECT_NE(of({"a.org", "b.org"}), of({"a.org"}));
    EXPECT_NE(of({"a.org"}), digest{});
}

TEST(certificates, facts_are_those_of_the_certificate) {
    const auto now = std::time(nullptr);
    const auto set = set_of(
        {text_of(make_certificate({.until_unix_s = now + 1000}), "one.pem"),
         text_of(make_certificate({.names = {}, .common_name = "CN.example.org"}), "two.pem"),
         text_of(make_certificate({.names = {}, .common_name = ""}), "three.pem")});
    ASSERT_TRUE(set) << set.error();
    const auto facts = (*set)->certificates();

    EXPECT_EQ(facts[0].file, "one.pem");
    EXPECT_EQ(facts[0].not_after_unix_s, now + 1000);
    EXPECT_EQ((*set)->earliest_expiry_unix_s(), now + 1000);
    EXPECT_LT(facts[0].not_before_unix_s, now);
    EXPECT_EQ(facts[0].warning, "");
    EXPECT_NE(facts[0].fingerprint, facts[1].fingerprint);
    EXPECT_NE(facts[0].key_pin, facts[1].key_pin);
    EXPECT_EQ(facts[1].names, std::vector<std::string>{"cn.example.org"});
    EXPECT_TRUE(facts[1].warning.contains("common name alone"));
    EXPECT_TRUE(facts[2].names.empty());
    EXPECT_TRUE(facts[2].warning.contains("names no host"));
}

TEST(certificates, digests_as_text) {
    digest bytes{};
    bytes[0] = std::byte{0xab};
    bytes[31] = std::byte{0x01};
    EXPECT_TRUE(hex_text(bytes).starts_with("AB:00:00:"));
    EXPECT_TRUE(hex_text(bytes).ends_with(":00:01"));
    EXPECT_EQ(hex_text(bytes).size(), 95U);
    EXPECT_EQ(base64_text(bytes), "qwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=");
}

TEST(certificates, none_is_refused) { EXPECT_FALSE(set_of({})); }

}  // namespace
}  // namespace ringway::tls
