#include "tls/client_hello.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace ringway::tls {
namespace {

using namespace std::string_view_literals;

TEST(client_hello, finds_the_host_name) {
    EXPECT_EQ(host_name_in(as_bytes("\0\x0c\0\0\x09localhost"sv)), "localhost");
}

TEST(client_hello, finds_nothing_in_damaged_extensions) {
    for (const auto damaged :
         {""sv, "\0"sv, "\0\x03\0\0"sv, "\0\x0d\0\0\x09localhost"sv, "\0\x0c\1\0\x09localhost"sv,
          "\0\x0c\0\0\x0alocalhost"sv, "\0\x0c\0\xff\xfflocalhost"sv}) {
        EXPECT_EQ(host_name_in(as_bytes(damaged)), "") << damaged.size();
    }
}

TEST(client_hello, is_searched_for_extensions) {
    const auto hello = [](std::string_view extensions) {
        std::string text{"\3\3"};
        text += std::string(32, 'r');
        text += std::string{"\0\0\2\x13\1\1\0\0", 8};
        text += static_cast<char>(extensions.size());
        return text.append(extensions);
    };
    const std::string named = hello("\0\x0b\0\2\1\0\0\0\0\6\0\4\0\0\1x"sv);
    EXPECT_EQ(read_client_hello(as_bytes(named)).server_name, "x");
    EXPECT_FALSE(read_client_hello(as_bytes(named)).offers_tls_1_3);
    const std::string modern = hello("\0\x2b\0\5\4\3\4\3\3"sv);
    EXPECT_TRUE(read_client_hello(as_bytes(modern)).offers_tls_1_3);
    EXPECT_EQ(read_client_hello(as_bytes(modern)).server_name, "");
    const std::string_view cut = std::string_view{named}.substr(0, named.size() - 1);
    EXPECT_EQ(read_client_hello(as_bytes(cut)).server_name, "");
    EXPECT_EQ(read_client_hello({}).server_name, "");
}

TEST(client_hello, finds_the_version) {
    EXPECT_TRUE(has_tls_1_3_in(as_bytes("\2\3\4"sv)));
    EXPECT_TRUE(has_tls_1_3_in(as_bytes("\6\x7a\x7a\3\3\3\4"sv)));
    for (const auto other : {""sv, "\2\3\3"sv, "\3\3\3\4"sv, "\4\3\4"sv, "\1\3"sv}) {
        EXPECT_FALSE(has_tls_1_3_in(as_bytes(other)));
    }
}

}  // namespace
}  // namespace ringway::tls
