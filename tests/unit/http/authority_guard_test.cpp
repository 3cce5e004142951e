#include <ctime>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <ringway/http/authority_guard.hpp>

#include "support/made_certificate.hpp"

namespace ringway::http {
namespace {

tls::certificate_text text_of(std::vector<std::string> names) {
    const auto made = test::make_certificate({.names = std::move(names)});
    return {.file = "a.crt", .chain = made.certificate, .key_file = "a.key", .key = made.key};
}

TEST(authority_guard, without_tls_everything_is_admitted) {
    authority_guard guard;
    EXPECT_TRUE(guard.admits("anything.org"));
    EXPECT_TRUE(guard.admits(""));
}

TEST(authority_guard, names_of_another_certificate_are_not_admitted) {
    const std::vector<tls::certificate_text> texts{text_of({"a.org", "*.a.org", "10.0.0.1"}),
                                                   text_of({"b.org"})};
    const auto set = tls::certificate_set::make(texts, std::time(nullptr));
    ASSERT_TRUE(set.has_value()) << set.error();
    tls::certificate_holder holder;
    holder.replace(*set);
    authority_guard of_a{holder, (*set)->find("a.org")};
    for (const char* const name : {"a.org", "A.org:8443", "www.a.org", "a.org", "10.0.0.1:443",
                                   "unknown.net", "[::1]:8443", "", "unknown.net"}) {
        EXPECT_TRUE(of_a.admits(name)) << name;
    }
    for (const char* const name : {"b.org", "b.org:8443", "B.ORG"}) {
        EXPECT_FALSE(of_a.admits(name)) << name;
    }
    authority_guard of_b{holder, (*set)->find("b.org")};
    EXPECT_TRUE(of_b.admits("b.org"));
    EXPECT_FALSE(of_b.admits("a.org"));
    EXPECT_FALSE(of_b.admits("x.a.org"));
}

// Goal: certificates that were replaced meanwhile are still the same policy.
TEST(authority_guard, a_reload_changes_nothing) {
    const std::vector<tls::certificate_text> texts{text_of({"a.org"}), text_of({"b.org"})};
    const auto old = tls::certificate_set::make(texts, std::time(nullptr));
    const std::vector<tls::certificate_text> again{text_of({"a.org"}), text_of({"b.org"})};
    const auto fresh = tls::certificate_set::make(again, std::time(nullptr));
    ASSERT_TRUE(old.has_value() && fresh.has_value());
    tls::certificate_holder holder;
    holder.replace(*fresh);
    authority_guard guard{holder, (*old)->find("a.org")};
    EXPECT_TRUE(guard.admits("a.org"));
    EXPECT_FALSE(guard.admits("b.org"));
}

}  // namespace
}  // namespace ringway::http
