#include "cli/serve_http3_setters.hpp"

#include <gtest/gtest.h>

#include <ringway/quic/options.hpp>

namespace ringway::cli {
namespace {

TEST(serve_http3_setters_test, a_preferred_address_is_a_single_one) {
    serve_options to;
    EXPECT_TRUE(set_preferred_address(to, "192.0.2.1:443").has_value());
    EXPECT_EQ(to.http3.preferred_address, "192.0.2.1:443");
    EXPECT_TRUE(set_preferred_address(to, "[2001:db8::1]:443").has_value());
    for (const char* const wrong : {":443", "0.0.0.0:443", "[::]:443", "unix:/x", "nonsense", ""}) {
        EXPECT_FALSE(set_preferred_address(to, wrong).has_value()) << wrong;
    }
    EXPECT_TRUE(set_preferred_address(to, "off").has_value());
    EXPECT_EQ(to.http3.preferred_address, "");
}

TEST(serve_http3_setters_test, qlog_is_refused_where_it_is_dangerous) {
    serve_options to;
    quic::transport_options wanted;
    wanted.qlog_directory = "/tmp";
    EXPECT_EQ(set_qlog(to, "/tmp").has_value(), quic::problem_of(wanted).empty());
    EXPECT_FALSE(set_qlog(to, "").has_value());
    EXPECT_TRUE(set_qlog(to, "off").has_value());
    EXPECT_EQ(to.http3.qlog_directory, "");
}

}  // namespace
}  // namespace ringway::cli
