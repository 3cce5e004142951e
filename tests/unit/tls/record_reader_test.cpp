#include "tls/record_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/sockets.hpp"
#include "unit/tls/hex.hpp"
#include "unit/tls/record_support.hpp"

namespace ringway::tls {
namespace {

using namespace std::string_view_literals;
using status = record_reader::status;
using role = record_reader::role;

constexpr auto key_update_quiet = "\x18\0\0\1\0"sv;
constexpr auto key_update_asking = "\x18\0\0\1\1"sv;

struct reading {
    record_keys keys = test_keys();
    record_reader reader{test_keys(), role::server};

    read_result read(byte_view bytes) { return read_all(reader, bytes); }
    // Sends one record; it must be refused with `what`.
    void expect_refused(byte_view record, alert what) {
        const read_result got = read(record);
        EXPECT_EQ(got.last, status::failed);
        EXPECT_EQ(reader.failure(), what);
        EXPECT_EQ(read({}).last, status::failed);  // It stays so.
    }
};

TEST(record_reader, reads_the_client_of_rfc_8448) {
    record_reader reader{{cipher::aes_128_gcm, secret{from_hex(rfc8448::client_secret)}, 0},
                         role::server};
    const read_result data = read_all(reader, from_hex(rfc8448::client_data));
    ASSERT_EQ(data.data.size(), 50U);
    for (std::size_t i = 0; i < data.data.size(); ++i) {
        EXPECT_EQ(data.data[i], static_cast<char>(i));
    }
    EXPECT_EQ(read_all(reader, from_hex(rfc8448::client_alert)).last, status::ended);
}

TEST(record_reader, reads_the_server_of_rfc_8448) {
    record_reader reader{{cipher::aes_128_gcm, secret{from_hex(rfc8448::server_secret)}, 1},
                         role::client};
    EXPECT_EQ(read_all(reader, from_hex(rfc8448::server_data)).data.size(), 50U);
    EXPECT_EQ(read_all(reader, from_hex(rfc8448::server_alert)).last, status::ended);
}

// Goal: however the bytes are cut, the plaintext is the same, with key updates, padding, empty
// records and every size of record among them.
TEST(record_reader, any_cut_yields_the_same) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random{seed};
        const cipher which = static_cast<cipher>(seed % 3);
        record_keys keys = test_keys(which);
        record_reader reader{test_keys(which), role::server};
        std::vector<std::byte> wire;
        std::string sent;
        for (int i = 0; i < 12; ++i) {
            const std::size_t size = random() % 3 == 0 ? random() % 16385 : random() % 300;
            const std::string text = test::pattern(size, static_cast<unsigned>(random()));
            const auto record = record_of(keys, text, content::application_data,
                                          std::min<std::size_t>(random() % 50, 16384 - size));
            sent += text;
            wire.insert(wire.end(), record.begin(), record.end());
            if (random() % 4 == 0) {
                const auto update = record_of(keys, key_update_quiet, content::handshake);
                wire.insert(wire.end(), update.begin(), update.end());
                keys.update();
            }
        }
        std::string got;
        byte_view rest = wire;
        while (!rest.empty()) {
            const std::size_t most = random() % 2 == 0 ? 16384 : 40;
            const byte_view piece =
                rest.first(std::min<std::size_t>(rest.size(), 1 + random() % most));
            rest = rest.subspan(piece.size());
            const read_result part = read_all(reader, piece);
            ASSERT_EQ(part.last, status::needs_input) << "seed " << seed;
            got += part.data;
        }
        ASSERT_TRUE(got == sent) << "seed " << seed;
        EXPECT_FALSE(reader.is_midway());
        EXPECT_FALSE(reader.take_update_request());
    }
}

// Goal: several records in one buffer come back in that buffer, as one contiguous piece.
TEST(record_reader, decrypts_in_place_and_moves_together) {
    listed_buffer_pool pool{2, 4096};
    reading test;
    std::vector<std::byte> wire;
    for (const auto text : {"one "sv, "two "sv, "three"sv}) {
        const auto record = record_of(test.keys, text);
        wire.insert(wire.end(), record.begin(), record.end());
    }
    const auto id = pool.take();
    std::ranges::copy(wire, pool.data(id));
    test.reader.add(pool.lease(id, static_cast<std::uint32_t>(wire.size())));
    buffer_lease plain;
    ASSERT_EQ(test.reader.next(plain), status::data);
    EXPECT_EQ(as_text(plain.bytes()), "one two three");
    EXPECT_GE(plain.bytes().data(), pool.data(id));
    EXPECT_LT(plain.bytes().data(), pool.data(id) + 4096);
    EXPECT_EQ(pool.leased(), 1U);
    plain.reset();
    EXPECT_EQ(test.reader.next(plain), status::needs_input);
    EXPECT_EQ(pool.leased(), 0U);
}

TEST(record_reader, refuses_records_that_are_too_long) {
    reading test;
    test.expect_refused(from_hex("1703034101"), alert::record_overflow);
    reading longest;  // 2^14 bytes, the type, and padding up to 2^14 + 256 is too much plaintext.
    longest.expect_refused(
        record_of(longest.keys, test::pattern(16384), content::application_data, 1),
        alert::record_overflow);
    reading fits;
    EXPECT_EQ(fits.read(record_of(fits.keys, test::pattern(16384))).data.size(), 16384U);
}

TEST(record_reader, refuses_records_without_a_type) {
    reading test;
    const std::vector<std::byte> zeros(40);
    test.expect_refused(record_of_inner(test.keys, zeros), alert::unexpected_message);
}

TEST(record_reader, refuses_what_is_not_authentic) {
    reading test;
    auto record = record_of(test.keys, "text");
    record.back() ^= std::byte{1};
    test.expect_refused(record, alert::bad_record_mac);
    reading replayed;
    const auto twice = record_of(replayed.keys, "text");
    EXPECT_EQ(replayed.read(twice).data, "text");
    replayed.expect_refused(twice, alert::bad_record_mac);
    reading tiny;
    tiny.expect_refused(from_hex("1703030003000000"), alert::bad_record_mac);
    reading empty;
    empty.expect_refused(from_hex("1703030000"), alert::bad_record_mac);
}

// Goal: what comes before a bad record is still handed over.
TEST(record_reader, yields_what_came_before_a_failure) {
    reading test;
    auto wire = record_of(test.keys, "good");
    const auto bad = from_hex("1603030001aa");
    wire.insert(wire.end(), bad.begin(), bad.end());
    const read_result got = test.read(wire);
    EXPECT_EQ(got.data, "good");
    EXPECT_EQ(got.last, status::failed);
    EXPECT_EQ(test.reader.failure(), alert::unexpected_message);
}

TEST(record_reader, refuses_unprotected_records) {
    for (const auto record : {"140303000101"sv, "1503030002010a"sv, "16030300010e"sv}) {
        reading test;
        test.expect_refused(from_hex(record), alert::unexpected_message);
    }
}

TEST(record_reader, refuses_unknown_types) {
    for (const int type : {1, 20, 24, 255}) {
        reading test;
        test.expect_refused(record_of(test.keys, "x", static_cast<content>(type)),
                            alert::unexpected_message);
    }
}

TEST(record_reader, refuses_empty_handshake_and_alert_records) {
    reading handshake;
    handshake.expect_refused(record_of(handshake.keys, "", content::handshake),
                             alert::unexpected_message);
    reading alerting;
    alerting.expect_refused(record_of(alerting.keys, "", content::alert),
                            alert::unexpected_message);
    reading odd;
    odd.expect_refused(record_of(odd.keys, "\1"sv, content::alert), alert::decode_error);
}

TEST(record_reader, refuses_handshake_messages_that_make_no_sense_here) {
    for (const int type : {0, 1, 2, 4, 8, 11, 13, 20, 99}) {  // 4: only servers send tickets.
        reading test;
        const std::string message{static_cast<char>(type), 0, 0, 1, 0};
        test.expect_refused(record_of(test.keys, message, content::handshake),
                            alert::unexpected_message);
    }
}

TEST(record_reader, refuses_malformed_key_updates) {
    reading value;
    value.expect_refused(record_of(value.keys, "\x18\0\0\1\2"sv, content::handshake),
                         alert::illegal_parameter);
    reading size;
    size.expect_refused(record_of(size.keys, "\x18\0\0\2\0\0"sv, content::handshake),
                        alert::decode_error);
    reading trailing;  // Keys change where a record ends.
    trailing.expect_refused(
        record_of(trailing.keys, "\x18\0\0\1\0\x18\0\0\1\0"sv, content::handshake),
        alert::unexpected_message);
}

TEST(record_reader, follows_a_key_update_that_is_spread_over_records) {
    reading test;
    for (const char byte : key_update_asking) {
        EXPECT_EQ(test.read(record_of(test.keys, {&byte, 1}, content::handshake)).last,
                  status::needs_input);
    }
    test.keys.update();
    EXPECT_TRUE(test.reader.take_update_request());
    EXPECT_FALSE(test.reader.take_update_request());
    EXPECT_EQ(test.read(record_of(test.keys, "after")).data, "after");
}

TEST(record_reader, refuses_data_between_the_parts_of_a_message) {
    reading test;
    EXPECT_EQ(test.read(record_of(test.keys, "\x18\0"sv, content::handshake)).last,
              status::needs_input);
    test.expect_refused(record_of(test.keys, "data"), alert::unexpected_message);
}

TEST(record_reader, limits_key_updates_without_data) {
    reading test;
    for (unsigned round = 0; round < 3; ++round) {
        for (unsigned i = 0; i < record_reader::idle_records_max; ++i) {
            ASSERT_EQ(test.read(record_of(test.keys, key_update_asking, content::handshake)).last,
                      status::needs_input);
            test.keys.update();
        }
        ASSERT_EQ(test.read(record_of(test.keys, "data")).data, "data");
    }
    for (unsigned i = 0; i < record_reader::idle_records_max; ++i) {
        ASSERT_EQ(test.read(record_of(test.keys, key_update_quiet, content::handshake)).last,
                  status::needs_input);
        test.keys.update();
    }
    test.expect_refused(record_of(test.keys, key_update_quiet, content::handshake),
                        alert::unexpected_message);
}

TEST(record_reader, limits_empty_records) {
    reading test;
    for (unsigned i = 0; i < record_reader::idle_records_max; ++i) {
        ASSERT_EQ(test.read(record_of(test.keys, "")).last, status::needs_input);
    }
    test.expect_refused(record_of(test.keys, ""), alert::unexpected_message);
}

TEST(record_reader, ends_at_close_notify_and_ignores_what_follows) {
    reading test;
    auto wire = record_of(test.keys, "last");
    const auto end = record_of(test.keys, "\1\0"sv, content::alert);
    wire.insert(wire.end(), end.begin(), end.end());
    wire.insert(wire.end(), 30, std::byte{0xff});
    const read_result got = test.read(wire);
    EXPECT_EQ(got.data, "last");
    EXPECT_EQ(got.last, status::ended);
    EXPECT_EQ(test.read(from_hex("ffff")).last, status::ended);
}

TEST(record_reader, tells_alerts_of_the_peer_from_its_own) {
    reading test;
    EXPECT_EQ(test.read(record_of(test.keys, "\2\x28"sv, content::alert)).last, status::failed);
    EXPECT_TRUE(test.reader.alerted());
    EXPECT_EQ(static_cast<int>(test.reader.failure()), 40);
    reading canceled;
    EXPECT_EQ(canceled.read(record_of(canceled.keys, "\1\x5a"sv, content::alert)).last,
              status::needs_input);
    EXPECT_EQ(canceled.read(record_of(canceled.keys, "\1\0"sv, content::alert)).last,
              status::ended);
}

TEST(record_reader, collects_tickets_for_a_client) {
    record_keys keys = test_keys();
    record_reader reader{test_keys(), role::client};
    const std::string ticket = std::string{"\4\0\1\x2c"sv} + test::pattern(300);
    EXPECT_EQ(read_all(reader, record_of(keys, ticket.substr(0, 100), content::handshake)).last,
              status::needs_input);
    EXPECT_EQ(read_all(reader, record_of(keys, ticket.substr(100), content::handshake)).last,
              status::needs_input);
    EXPECT_TRUE(std::ranges::equal(reader.take_tickets(), as_bytes(ticket)));
    EXPECT_TRUE(reader.take_tickets().empty());
}

TEST(record_reader, refuses_messages_without_end) {
    record_keys keys = test_keys();
    record_reader reader{test_keys(), role::client};
    const auto got = read_all(reader, record_of(keys, "\4\xff\xff\xff"sv, content::handshake));
    EXPECT_EQ(got.last, status::failed);
    EXPECT_EQ(reader.failure(), alert::unexpected_message);
}

}  // namespace
}  // namespace ringway::tls
