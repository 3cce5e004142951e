#include <array>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/un.h>

#include <ringway/net/endpoint.hpp>

namespace ringway {
namespace {

std::string reason_for(std::string_view text) {
    std::string_view reason;
    const auto parsed = parse_endpoint(text, &reason);
    EXPECT_FALSE(parsed.has_value()) << text;
    return std::string{reason};
}

// Goal: what is parsed is written back in the same form.
TEST(endpoint, text_survives_parsing) {
    for (const std::string_view text :
         {"127.0.0.1:80", "0.0.0.0:0", "[::1]:8080", "[::]:443", "[2001:db8::1]:65535", ":80",
          "unix:/run/ringway.sock", "unix:relative", "unix:@abstract"}) {
        const auto parsed = parse_endpoint(text);
        ASSERT_TRUE(parsed.has_value()) << text;
        EXPECT_EQ(parsed->to_text(), text);
    }
    EXPECT_EQ(parse_endpoint("localhost:1")->to_text(), "127.0.0.1:1");
    EXPECT_EQ(parse_endpoint("[fe80::1%lo]:1")->to_text(), "[fe80::1%lo]:1");
}

// Goal: what can't be meant is refused, and the reason says what to write instead.
TEST(endpoint, nonsense_is_refused_with_a_reason) {
    EXPECT_NE(reason_for("").find("port is missing"), std::string::npos);
    EXPECT_NE(reason_for("127.0.0.1").find("port is missing"), std::string::npos);
    EXPECT_NE(reason_for("[::1]").find("port is missing"), std::string::npos);
    EXPECT_NE(reason_for("127.0.0.1:").find("0 to 65535"), std::string::npos);
    EXPECT_NE(reason_for("127.0.0.1:65536").find("0 to 65535"), std::string::npos);
    EXPECT_NE(reason_for("127.0.0.1:-1").find("0 to 65535"), std::string::npos);
    EXPECT_NE(reason_for("127.0.0.1:+1").find("0 to 65535"), std::string::npos);
    EXPECT_NE(reason_for("127.0.0.1:80 ").find("0 to 65535"), std::string::npos);
    EXPECT_NE(reason_for("example.org:80").find("not looked up"), std::string::npos);
    EXPECT_NE(reason_for("127.1:80").find("no IP address"), std::string::npos);
    EXPECT_NE(reason_for("::1:80").find("brackets"), std::string::npos);
    EXPECT_NE(reason_for("[127.0.0.1]:80").find("no IPv6"), std::string::npos);
    EXPECT_NE(reason_for("[::1%no-such-if]:80").find("interface"), std::string::npos);
    EXPECT_NE(reason_for("unix:").find("no path"), std::string::npos);
    EXPECT_NE(reason_for("unix:" + std::string(108, 'x')).find("107"), std::string::npos);
    EXPECT_NE(reason_for(std::string_view{"unix:a\0b", 8}).find("NUL"), std::string::npos);
    EXPECT_NE(reason_for(std::string_view{"1.2.3.4\0:1", 10}).find("no IP"), std::string::npos);
}

TEST(endpoint, port_can_be_exchanged) {
    EXPECT_EQ(parse_endpoint("10.1.2.3:80")->with_port(81).to_text(), "10.1.2.3:81");
    EXPECT_EQ(parse_endpoint("[::1]:80")->with_port(81).to_text(), "[::1]:81");
    EXPECT_EQ(endpoint::every_address(80).with_port(81).to_text(), ":81");
    EXPECT_EQ(parse_endpoint("unix:x")->port(), 0);
}

// Goal: addresses as the kernel fills them in, of any size, are safe to read.
TEST(endpoint, kernel_addresses_are_checked) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    const auto* const raw = reinterpret_cast<const sockaddr*>(&v4);
    EXPECT_TRUE(endpoint::from(raw, sizeof(v4)).has_value());
    EXPECT_FALSE(endpoint::from(raw, sizeof(v4) - 1).has_value());
    EXPECT_FALSE(endpoint::from(raw, 0).has_value());
    EXPECT_FALSE(endpoint::from(nullptr, sizeof(v4)).has_value());
    v4.sin_family = AF_APPLETALK;
    EXPECT_EQ(endpoint::from(raw, sizeof(v4)).error().code, errc::unsupported);

    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    const auto* const unnamed = reinterpret_cast<const sockaddr*>(&local);
    EXPECT_EQ(endpoint::from(unnamed, sizeof(sa_family_t))->to_text(), "unix:");
    std::string_view{"abc"}.copy(local.sun_path, 3);  // The kernel may leave the NUL out.
    EXPECT_EQ(endpoint::from(unnamed, sizeof(sa_family_t) + 3)->path(), "abc");
}

TEST(endpoint, equality_looks_at_everything) {
    EXPECT_EQ(*parse_endpoint("127.0.0.1:80"), *parse_endpoint("127.0.0.1:80"));
    EXPECT_NE(*parse_endpoint("127.0.0.1:80"), *parse_endpoint("127.0.0.1:81"));
    EXPECT_NE(*parse_endpoint(":80"), *parse_endpoint("[::]:80"));
    EXPECT_NE(*parse_endpoint("unix:a"), *parse_endpoint("unix:b"));
    EXPECT_EQ(endpoint{}, endpoint{});
    EXPECT_EQ(endpoint{}.to_text(), "(no address)");
}

}  // namespace
}  // namespace ringway
