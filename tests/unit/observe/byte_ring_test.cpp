#include "observe/byte_ring.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

namespace ringway::observe::detail {
namespace {

constexpr std::size_t piece_max = 16;

bool write(byte_ring& ring, std::string_view text) {
    char* const place = ring.begin_write();
    if (place == nullptr) {
        return false;
    }
    std::memcpy(place, text.data(), text.size());
    ring.end_write(text.size());
    return true;
}

std::string read(byte_ring& ring) {
    const auto parts = ring.readable();
    std::string all{parts[0]};
    all += parts[1];
    ring.consume(all.size());
    return all;
}

TEST(byte_ring, yields_what_was_written) {
    byte_ring ring{64, piece_max};
    EXPECT_EQ(read(ring), "");
    ASSERT_TRUE(write(ring, "one "));
    ASSERT_TRUE(write(ring, "two"));
    EXPECT_EQ(read(ring), "one two");
    EXPECT_EQ(read(ring), "");
}

// Goal: pieces that cross the end come out in order, at every offset.
TEST(byte_ring, pieces_wrap_around) {
    byte_ring ring{64, piece_max};
    std::string sent;
    std::string received;
    for (int i = 0; i < 500; ++i) {
        std::string piece(static_cast<std::size_t>(i % 17), static_cast<char>('a' + i % 26));
        ASSERT_TRUE(write(ring, piece));
        sent += piece;
        if (i % 3 == 2) {
            received += read(ring);
        }
    }
    received += read(ring);
    EXPECT_EQ(received, sent);
}

TEST(byte_ring, refuses_when_the_longest_piece_would_not_fit) {
    byte_ring ring{64, piece_max};
    const std::string piece(piece_max, 'x');
    EXPECT_FALSE(ring.over_half());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(write(ring, piece));
    }
    EXPECT_TRUE(ring.over_half());
    ASSERT_TRUE(write(ring, "y"));
    EXPECT_FALSE(write(ring, "z"));
    EXPECT_EQ(read(ring).size(), 3 * piece_max + 1);
    EXPECT_FALSE(ring.over_half());
    EXPECT_TRUE(write(ring, "z"));
    EXPECT_EQ(read(ring), "z");
}

TEST(byte_ring, two_threads_agree) {
    byte_ring ring{256, piece_max};
    constexpr int pieces = 4000;
    std::string received;
    std::thread reader{[&] {
        while (received.size() < std::size_t{pieces} * 8) {
            received += read(ring);
        }
    }};
    for (int i = 0; i < pieces;) {
        const auto number = std::to_string(10'000'000 + i);
        if (write(ring, number)) {
            ++i;
        } else {
            std::this_thread::yield();
        }
    }
    reader.join();
    for (int i = 0; i < pieces; ++i) {
        ASSERT_EQ(received.substr(static_cast<std::size_t>(i) * 8, 8),
                  std::to_string(10'000'000 + i));
    }
}

}  // namespace
}  // namespace ringway::observe::detail
