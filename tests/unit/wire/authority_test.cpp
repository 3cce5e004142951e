#include "wire/authority.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire::detail {
namespace {

TEST(authority, hosts_and_ports_of_the_grammar_are_accepted) {
    for (const std::string_view text :
         {"example.org", "EXAMPLE.org", "localhost:8080", "127.0.0.1", "127.0.0.1:80", "h:", "h:0",
          "h:65535", "h:00080", "[::1]", "[::1]:443", "[2001:db8::1]", "[::ffff:192.0.2.1]",
          "a-b.c_d~e", "xn--bcher-kva.example", "%41b", "a.", "256.256.256.256"}) {
        EXPECT_TRUE(is_authority(text)) << text;
    }
}

TEST(authority, everything_else_is_refused) {
    for (const std::string_view text : {"",
                                        ":80",
                                        "a b",
                                        "a\tb",
                                        "a/b",
                                        "a?b",
                                        "a#b",
                                        "user@host",
                                        "a@b:80",
                                        "h:65536",
                                        "h:99999",
                                        "h:4294967376",
                                        "h:80a",
                                        "h:-1",
                                        "h:+1",
                                        "h: 80",
                                        "h:80:80",
                                        "[::1",
                                        "::1",
                                        "[]",
                                        "[:::1]",
                                        "[::1]80",
                                        "[::1]x",
                                        "[fe80::1%25eth0]",
                                        "[fe80::1%eth0]",
                                        "[v1.a]",
                                        "[127.0.0.1]",
                                        "[12345::1]",
                                        "a\\b",
                                        "a\"b",
                                        "a<b",
                                        "a^b",
                                        "%4",
                                        "%",
                                        "%zz",
                                        "\xc3\xa9.org",
                                        "a|b",
                                        "http://h",
                                        "{h}"}) {
        EXPECT_FALSE(is_authority(text)) << text;
    }
    EXPECT_FALSE(is_authority(std::string_view{"a\0b", 3}));
    EXPECT_FALSE(is_authority(std::string_view{"[::1\0]", 6}));
    EXPECT_FALSE(is_authority("[" + std::string(100, ':') + "]"));
}

TEST(authority, connect_needs_a_port) {
    EXPECT_TRUE(is_authority_with_port("h:443"));
    EXPECT_TRUE(is_authority_with_port("[::1]:443"));
    EXPECT_FALSE(is_authority_with_port("h"));
    EXPECT_FALSE(is_authority_with_port("h:"));
    EXPECT_FALSE(is_authority_with_port("[::1]"));
    EXPECT_FALSE(is_authority_with_port(":443"));
    EXPECT_FALSE(is_authority_with_port("h:70000"));
}

}  // namespace
}  // namespace ringway::wire::detail
