#include "quic/tokens.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <gtest/gtest.h>
#include <span>
#include <vector>

#include "quic/connection_id.hpp"

namespace ringway::quic::detail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr nanoseconds now = seconds{1'800'000'000};
constexpr master_secret master{std::byte{1}, std::byte{2}};

endpoint client_at(const char* text) { return *parse_endpoint(text); }

struct retry_case {
    token_keys keys{master};
    endpoint client = client_at("192.0.2.1:4433");
    ngtcp2_cid ours = make_connection_id({.shard = 1});
    ngtcp2_cid original = make_connection_id({.shard = 2});
    std::vector<std::byte> token =
        keys.make_retry(NGTCP2_PROTO_VER_V1, client, ours, original, now);

    bool opens(byte_view with, const endpoint& from, nanoseconds at) {
        return keys.open_retry(with, NGTCP2_PROTO_VER_V1, from, ours, at).has_value();
    }
};

TEST(quic_tokens, a_retry_token_brings_the_original_id_back) {
    retry_case at;
    const auto found =
        at.keys.open_retry(at.token, NGTCP2_PROTO_VER_V1, at.client, at.ours, now + seconds{9});
    ASSERT_TRUE(found.has_value());
    EXPECT_NE(ngtcp2_cid_eq(&*found, &at.original), 0);
    EXPECT_TRUE(token_keys::is_retry(at.token));
}

TEST(quic_tokens, a_retry_token_is_for_one_client_and_one_attempt) {
    retry_case at;
    EXPECT_TRUE(at.opens(at.token, at.client, now));
    EXPECT_FALSE(at.opens(at.token, client_at("192.0.2.2:4433"), now));
    EXPECT_FALSE(at.opens(at.token, client_at("192.0.2.1:4434"), now));
    EXPECT_FALSE(at.opens(at.token, client_at("[2001:db8::1]:4433"), now));
    EXPECT_FALSE(at.opens(at.token, at.client, now + seconds{10} + milliseconds{1}));
    EXPECT_FALSE(
        at.keys.open_retry(at.token, NGTCP2_PROTO_VER_V2, at.client, at.ours, now).has_value());
    at.ours = make_connection_id({.shard = 1});
    EXPECT_FALSE(at.opens(at.token, at.client, now));
}

TEST(quic_tokens, an_address_token_is_for_an_address_and_an_hour) {
    const token_keys keys{master};
    const endpoint client = client_at("[2001:db8::1]:4433");
    const auto token = keys.make_address(client, now);
    EXPECT_TRUE(keys.opens_address(token, client, now));
    EXPECT_TRUE(keys.opens_address(token, client_at("[2001:db8::1]:5"), now + seconds{3599}));
    EXPECT_FALSE(keys.opens_address(token, client, now + seconds{3601}));
    EXPECT_FALSE(keys.opens_address(token, client_at("[2001:db8::2]:4433"), now));
    EXPECT_FALSE(keys.opens_address(token, client_at("192.0.2.1:4433"), now));
    EXPECT_FALSE(token_keys::is_retry(token));
}

TEST(quic_tokens, one_kind_is_no_other_and_a_changed_byte_spoils_it) {
    retry_case at;
    const auto address = at.keys.make_address(at.client, now);
    EXPECT_FALSE(at.keys.opens_address(at.token, at.client, now));
    EXPECT_FALSE(at.opens(address, at.client, now));
    // Neither with the first byte of the other kind.
    auto posing = address;
    posing[0] = at.token[0];
    EXPECT_FALSE(at.opens(posing, at.client, now));
    for (std::size_t i = 0; i < at.token.size(); ++i) {
        auto changed = at.token;
        changed[i] ^= std::byte{0x10};
        EXPECT_FALSE(at.opens(changed, at.client, now)) << i;
        EXPECT_FALSE(at.opens(byte_view{at.token}.first(i), at.client, now)) << i;
    }
    for (std::size_t i = 0; i < address.size(); ++i) {
        auto changed = address;
        changed[i] ^= std::byte{0x10};
        EXPECT_FALSE(at.keys.opens_address(changed, at.client, now)) << i;
        EXPECT_FALSE(at.keys.opens_address(byte_view{address}.first(i), at.client, now)) << i;
    }
}

TEST(quic_tokens, garbage_of_every_length_is_refused) {
    retry_case at;
    for (std::size_t size = 0; size < 400; ++size) {
        std::vector<std::byte> garbage(size);
        fill_random(garbage);
        if (size > 0 && size % 2 == 0) {
            garbage[0] = at.token[0];
        }
        EXPECT_FALSE(at.opens(garbage, at.client, now));
        EXPECT_FALSE(at.keys.opens_address(garbage, at.client, now));
    }
}

TEST(quic_tokens, processes_with_one_secret_understand_each_other_and_others_do_not) {
    retry_case at;
    const token_keys same{master};
    const token_keys other{random_master_secret()};
    const auto open = [&](const token_keys& with) {
        return with.open_retry(at.token, NGTCP2_PROTO_VER_V1, at.client, at.ours, now).has_value();
    };
    EXPECT_TRUE(open(same));
    EXPECT_FALSE(open(other));
    EXPECT_EQ(same.make_reset(at.ours), at.keys.make_reset(at.ours));
    EXPECT_NE(other.make_reset(at.ours), at.keys.make_reset(at.ours));
    EXPECT_NE(same.make_reset(at.original), same.make_reset(at.ours));
}

}  // namespace
}  // namespace ringway::quic::detail
