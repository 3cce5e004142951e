#include "tls/priorities.hpp"

#include <array>
#include <gnutls/gnutls.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ringway::tls {
namespace {

TEST(priorities, prefer_what_is_fast_here) {
    const std::string text = priority_text({}, false);
    EXPECT_NE(text.find("+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"), std::string::npos);
    EXPECT_NE(text.find("+GROUP-X25519:+GROUP-SECP256R1"), std::string::npos);
    EXPECT_EQ(text.find("TLS1.2"), std::string::npos);
}

TEST(priorities, follow_what_was_asked_for) {
    constexpr std::array one{cipher::chacha20_poly1305};
    const std::string text = priority_text(one, true);
    EXPECT_NE(text.find("+VERS-TLS1.2"), std::string::npos);
    EXPECT_EQ(text.find("AES"), std::string::npos);
}

// TLS 1.3 knows no renegotiation, so its clients may leave renegotiation_info out, as browsers do.
TEST(priorities, ask_nobody_for_renegotiation_info) {
    EXPECT_EQ(priority_text({}, true).find("SAFE_RENEGOTIATION"), std::string::npos);
    EXPECT_EQ(quic_priority_text({}).find("SAFE_RENEGOTIATION"), std::string::npos);
}

TEST(priorities, are_understood_by_gnutls) {
    for (const bool old : {false, true}) {
        gnutls_priority_st* const parsed = parse_priorities(priority_text({}, old));
        EXPECT_NE(parsed, nullptr);
        gnutls_priority_deinit(parsed);
    }
    EXPECT_EQ(parse_priorities("NORMAL:+NO-SUCH-CIPHER"), nullptr);
}

TEST(priorities, of_quic_have_no_older_version_and_no_compatibility_mode) {
    const std::string text = quic_priority_text({});
    EXPECT_EQ(text.find("TLS1.2"), std::string::npos);
    EXPECT_NE(text.find("%DISABLE_TLS13_COMPAT_MODE"), std::string::npos);
    gnutls_priority_st* const parsed = parse_priorities(text);
    EXPECT_NE(parsed, nullptr);
    gnutls_priority_deinit(parsed);
}

TEST(priorities, alpn_names_have_limits) {
    EXPECT_TRUE(are_alpn_names({}));
    EXPECT_TRUE(are_alpn_names(std::vector<std::string>{"h2", std::string(255, 'x')}));
    EXPECT_FALSE(are_alpn_names(std::vector<std::string>{""}));
    EXPECT_FALSE(are_alpn_names(std::vector<std::string>{std::string(256, 'x')}));
    EXPECT_FALSE(are_alpn_names(std::vector<std::string>(alpn_names_max + 1, "x")));
}

}  // namespace
}  // namespace ringway::tls
