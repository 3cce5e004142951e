#include "quic/connection_id.hpp"

#include <array>
#include <cstddef>
#include <gtest/gtest.h>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace ringway::quic::detail {
namespace {

byte_view bytes_of(const ngtcp2_cid& id) {
    return std::as_bytes(std::span{id.data}.first(id.datalen));
}

TEST(quic_connection_id, tells_its_owner) {
    for (const unsigned shard : {0U, 1U, 7U, 128U, 254U}) {
        for (unsigned generation = 0; generation < generations_max; ++generation) {
            const connection_owner owner{static_cast<std::uint8_t>(generation),
                                         static_cast<std::uint8_t>(shard), 0xbeef};
            const ngtcp2_cid id = make_connection_id(owner);
            EXPECT_EQ(id.datalen, 18U);
            EXPECT_EQ(owner_of(bytes_of(id)), owner);
        }
    }
}

TEST(quic_connection_id, foreign_ones_are_told_apart) {
    const ngtcp2_cid id = make_connection_id({.shard = 3});
    const byte_view good = bytes_of(id);
    EXPECT_FALSE(owner_of({}).has_value());
    EXPECT_FALSE(owner_of(good.first(17)).has_value());
    std::vector<std::byte> longer(good.begin(), good.end());
    longer.push_back(std::byte{0});
    EXPECT_FALSE(owner_of(longer).has_value());

    const auto changed = [&](std::size_t at, unsigned value) {
        std::vector<std::byte> copy(good.begin(), good.end());
        copy[at] = static_cast<std::byte>(value);
        return owner_of(copy).has_value();
    };
    EXPECT_TRUE(changed(0, 17));
    EXPECT_FALSE(changed(0, 16));
    EXPECT_FALSE(changed(0, 0));
    EXPECT_FALSE(changed(0, (7U << 5U) | 17U));  // That generation is nobody's.
    EXPECT_TRUE(changed(1, 254));
    EXPECT_FALSE(changed(1, 255));
    EXPECT_TRUE(changed(17, 0));
}

std::string random_text(std::size_t size) {
    std::string made(size, '\0');
    fill_random(std::as_writable_bytes(std::span{made}));
    return made;
}

TEST(quic_connection_id, none_comes_twice_on_any_thread) {
    constexpr std::size_t each = 5000;
    std::array<std::vector<std::string>, 4> made;
    std::vector<std::thread> threads;
    for (auto& mine : made) {
        threads.emplace_back([&mine] {
            for (std::size_t i = 0; i < each; ++i) {
                const ngtcp2_cid id = make_connection_id({.shard = 1});
                mine.emplace_back(as_text(bytes_of(id)));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::set<std::string> all;
    for (const auto& mine : made) {
        all.insert(mine.begin(), mine.end());
    }
    EXPECT_EQ(all.size(), made.size() * each);
}

// Sizes around those of the store: each byte position must be drawn anew.
TEST(quic_connection_id, random_bytes_of_every_size_differ) {
    for (const std::size_t size : {8U, 14U, 255U, 256U, 257U, 1023U, 1024U, 1025U, 5000U}) {
        std::set<std::string> seen;
        for (int i = 0; i < 50; ++i) {
            const std::string made = random_text(size);
            seen.insert(made.substr(0, 8));
            seen.insert(made.substr(size - 8));
        }
        EXPECT_EQ(seen.size(), size == 8 ? 50U : 100U) << size;
    }
}

}  // namespace
}  // namespace ringway::quic::detail
