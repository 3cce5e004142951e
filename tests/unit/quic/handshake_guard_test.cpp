#include "quic/handshake_guard.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <vector>

namespace ringway::quic::detail {
namespace {

using guard = handshake_guard;
using verdict = guard::verdict;
constexpr auto initial = NGTCP2_ENCRYPTION_LEVEL_INITIAL;
constexpr auto handshake = NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE;
constexpr auto application = NGTCP2_ENCRYPTION_LEVEL_1RTT;

std::vector<std::byte> message(unsigned type, std::size_t size) {
    std::vector<std::byte> made{static_cast<std::byte>(type), static_cast<std::byte>(size >> 16U),
                                static_cast<std::byte>(size >> 8U), static_cast<std::byte>(size)};
    made.resize(4 + size, std::byte{24});  // In bodies anything may stand.
    return made;
}

verdict first(guard::side ours, ngtcp2_encryption_level level, unsigned type) {
    return guard{ours}.judge(level, message(type, 5));
}

TEST(quic_handshake_guard, a_server_hears_hellos_and_finished) {
    constexpr auto server = guard::side::server;
    for (unsigned type = 0; type < 256; ++type) {
        EXPECT_EQ(first(server, initial, type) == verdict::fine, type == 1) << type;
        EXPECT_EQ(first(server, handshake, type) == verdict::fine, type == 20) << type;
        EXPECT_EQ(first(server, application, type), verdict::unexpected_message) << type;
    }
}

TEST(quic_handshake_guard, a_client_hears_what_servers_say) {
    constexpr auto client = guard::side::client;
    for (const unsigned type : {8U, 11U, 13U, 15U, 20U, 25U}) {
        EXPECT_EQ(first(client, handshake, type), verdict::fine) << type;
        EXPECT_EQ(first(client, initial, type), verdict::unexpected_message) << type;
    }
    EXPECT_EQ(first(client, initial, 2), verdict::fine);
    EXPECT_EQ(first(client, application, 4), verdict::fine);
    EXPECT_EQ(first(client, application, 13), verdict::protocol_violation);
    EXPECT_EQ(first(client, application, 24), verdict::unexpected_message);
    EXPECT_EQ(first(client, handshake, 5), verdict::unexpected_message);
}

TEST(quic_handshake_guard, finds_messages_wherever_they_are_cut) {
    std::vector<std::byte> bytes = message(4, 300);
    for (const auto& next : {message(4, 0), message(4, 1), message(4, 49'152), message(24, 1)}) {
        bytes.insert(bytes.end(), next.begin(), next.end());
    }
    const std::size_t bad_at = bytes.size() - 5;
    for (const std::size_t piece : {1U, 2U, 3U, 4U, 5U, 7U, 303U, 304U, 1000U, 100'000U}) {
        guard at{guard::side::client};
        std::size_t read = 0;
        verdict said = verdict::fine;
        while (read < bytes.size() && said == verdict::fine) {
            const auto next = byte_view{bytes}.subspan(read, std::min(piece, bytes.size() - read));
            said = at.judge(application, next);
            read += next.size();
        }
        EXPECT_EQ(said, verdict::unexpected_message) << piece;
        EXPECT_GT(read, bad_at);
        EXPECT_LE(read, bad_at + piece);
    }
}

TEST(quic_handshake_guard, says_at_once_what_is_too_long) {
    for (const std::size_t size : {49'153U, 0xffffffU}) {
        guard at{guard::side::client};
        const auto whole = message(4, size);
        const auto header = byte_view{whole}.first(4);
        EXPECT_EQ(at.judge(application, header), verdict::too_long);
    }
}

TEST(quic_handshake_guard, a_message_ends_before_keys_change) {
    for (const std::size_t kept : {1U, 3U, 4U, 8U}) {
        guard at{guard::side::client};
        const auto hello = message(2, 5);
        ASSERT_EQ(at.judge(initial, byte_view{hello}.first(kept)), verdict::fine);
        EXPECT_EQ(at.judge(handshake, message(8, 1)), verdict::protocol_violation) << kept;
    }
    guard at{guard::side::client};
    ASSERT_EQ(at.judge(initial, message(2, 5)), verdict::fine);
    EXPECT_EQ(at.judge(handshake, message(8, 1)), verdict::fine);
}

}  // namespace
}  // namespace ringway::quic::detail
