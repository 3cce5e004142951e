#include <ringway/http/h1_session.hpp>

#include <cstring>
#include <gtest/gtest.h>
#include <string_view>

namespace ringway::http {
namespace {

struct h1_input_test : testing::Test {
    listed_buffer_pool pool{8, 64};

    buffer_lease received(std::string_view text) {
        const std::uint16_t id = pool.take();
        std::memcpy(pool.data(id), text.data(), text.size());
        return pool.lease(id, static_cast<std::uint32_t>(text.size()));
    }
};

TEST_F(h1_input_test, shows_a_received_buffer_as_it_is) {
    h1_input input;
    input.add(received("GET / "));

    EXPECT_EQ(input.view(), "GET / ");
    EXPECT_EQ(pool.leased(), 1U);

    input.consume(6);
    EXPECT_TRUE(input.view().empty());
    EXPECT_EQ(pool.leased(), 0U);
}

TEST_F(h1_input_test, joins_what_arrives_in_pieces) {
    h1_input input;
    input.add(received("first|sec"));
    input.consume(6);
    input.add(received("ond|th"));
    input.add(received("ird"));

    EXPECT_EQ(input.view(), "second|third");
    EXPECT_EQ(pool.leased(), 0U);
    input.consume(7);
    EXPECT_EQ(input.view(), "third");
}

// Goal: a peer that is slow holds memory of its own, not a buffer that others need.
TEST_F(h1_input_test, gives_the_buffer_back_and_keeps_the_bytes) {
    h1_input input;
    input.add(received("a|rest"));
    input.consume(2);

    input.release_buffer();

    EXPECT_EQ(pool.leased(), 0U);
    EXPECT_EQ(input.view(), "rest");
    input.release_buffer();
    EXPECT_EQ(input.view(), "rest");
    input.consume(4);
    input.add(received("new"));
    EXPECT_EQ(input.view(), "new");
}

}  // namespace
}  // namespace ringway::http
