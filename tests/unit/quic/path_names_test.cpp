#include "quic/path_names.hpp"

#include <gtest/gtest.h>

namespace ringway::quic::detail {
namespace {

endpoint at(const char* text) { return *parse_endpoint(text); }

const endpoint first = at("192.0.2.1:1000");
const endpoint second = at("192.0.2.1:1001");
const endpoint third = at("192.0.2.1:1002");

TEST(path_names, without_a_name_an_address_is_its_own) {
    const path_names names;
    EXPECT_TRUE(names.empty());
    EXPECT_EQ(names.find(first), nullptr);
    ASSERT_NE(names.real_of(first), nullptr);
    EXPECT_EQ(*names.real_of(first), first);
}

TEST(path_names, a_name_leads_back_to_its_address) {
    path_names names;
    for (const char* text : {"192.0.2.1:1001", "[2001:db8::1]:1001"}) {
        const endpoint real = at(text);
        const endpoint name = names.make_apart(real, first);
        EXPECT_FALSE(name == real);
        EXPECT_EQ(name.port(), 1001);
        EXPECT_EQ(*names.find(real), name);
        EXPECT_EQ(*names.real_of(name), real);
    }
    EXPECT_FALSE(*names.find(at("192.0.2.1:1001")) == *names.find(at("[2001:db8::1]:1001")));
}

// Goal: to ngtcp2 it differs in the port alone.
TEST(path_names, like_another_one) {
    path_names names;
    EXPECT_EQ(names.make_like(second, first), nullptr);
    const endpoint name = names.make_apart(second, first);
    const endpoint* const like = names.make_like(third, second);
    ASSERT_NE(like, nullptr);
    EXPECT_EQ(*like, name.with_port(1002));
    EXPECT_EQ(*names.real_of(*like), third);
    EXPECT_EQ(*names.real_of(name), second);
}

TEST(path_names, the_oldest_goes_unless_it_is_in_use) {
    path_names names;
    const endpoint in_use = names.make_apart(first, first);
    const endpoint old = names.make_apart(second, first);
    for (std::uint16_t port = 2000; port < 2003; ++port) {
        names.make_apart(first.with_port(port), first);
    }
    EXPECT_EQ(*names.real_of(in_use), first);
    EXPECT_EQ(names.real_of(old), nullptr);
    EXPECT_EQ(names.find(second), nullptr);
    for (std::uint16_t port = 3000; port < 3100; ++port) {
        const endpoint name = names.make_apart(first.with_port(port), first);
        EXPECT_EQ(names.real_of(name)->port(), port);
    }
    EXPECT_EQ(*names.real_of(in_use), first);
}

}  // namespace
}  // namespace ringway::quic::detail
