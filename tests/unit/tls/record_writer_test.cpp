#include "tls/record_writer.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "support/sockets.hpp"
#include "unit/tls/hex.hpp"
#include "unit/tls/record_support.hpp"

namespace ringway::tls {
namespace {

using namespace std::chrono_literals;

// The sizes of the records in `wire`, bodies only.
std::vector<std::size_t> sizes_in(byte_view wire) {
    std::vector<std::size_t> sizes;
    while (!wire.empty()) {
        const auto size =
            std::to_integer<std::size_t>(wire[3]) * 256 + std::to_integer<std::size_t>(wire[4]);
        sizes.push_back(size - record_overhead);
        wire = wire.subspan(record_header_bytes + size);
    }
    return sizes;
}

// Puts `text` and yields the records.
std::vector<std::byte> write(record_writer& writer, std::string_view text, nanoseconds now = 0s) {
    writer.begin(now);
    writer.put(as_bytes(text));
    const byte_view records = writer.finish();
    std::vector<std::byte> copy{records.begin(), records.end()};
    writer.release();
    return copy;
}

TEST(record_writer, writes_the_record_of_rfc_8448) {
    record_writer writer{{cipher::aes_128_gcm, secret{from_hex(rfc8448::server_secret)}, 1}};
    std::string text;
    for (int i = 0; i < 50; ++i) {
        text.push_back(static_cast<char>(i));
    }
    EXPECT_EQ(write(writer, text), from_hex(rfc8448::server_data));
    writer.begin(0s);
    writer.put_alert(alert::close_notify);
    EXPECT_TRUE(std::ranges::equal(writer.finish(), from_hex(rfc8448::server_alert)));
    writer.release();
}

// Goal: whatever mix of put and room fills it, a reader gets the same bytes, and the block holds.
TEST(record_writer, any_mix_of_pieces_arrives) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random{seed};
        const cipher which = static_cast<cipher>(seed % 3);
        record_writer writer{test_keys(which)};
        record_reader reader{test_keys(which), record_reader::role::client};
        std::string sent;
        std::string got;
        for (int turn = 0; turn < 6; ++turn) {
            writer.begin(std::chrono::seconds{random() % 5});
            while (writer.free_bytes() > 0 && random() % 16 != 0) {
                const std::size_t most = random() % 4 == 0 ? 40'000 : 900;
                const std::size_t size =
                    std::min<std::size_t>(writer.free_bytes(), 1 + random() % most);
                const std::string text = test::pattern(size, static_cast<unsigned>(random()));
                if (random() % 2 == 0) {
                    writer.put(as_bytes(text));
                    sent += text;
                } else {
                    const byte_span room = writer.room(size);
                    ASSERT_FALSE(room.empty());
                    const std::size_t used = random() % (room.size() + 1);
                    std::ranges::copy(as_bytes(text).first(used), room.begin());
                    writer.commit(used);
                    sent += text.substr(0, used);
                }
                if (random() % 8 == 0) {
                    writer.owe_key_update();
                }
            }
            got += read_all(reader, writer.finish()).data;
            writer.release();
            ASSERT_EQ(writer.pending(), 0U);
        }
        ASSERT_TRUE(got == sent) << "seed " << seed;
    }
}

TEST(record_writer, begins_small_and_grows) {
    record_writer writer{test_keys()};
    const std::string text = test::pattern(output_plain_bytes);
    const auto first = sizes_in(write(writer, text));
    EXPECT_EQ(first.front(), record_writer::small_record);
    EXPECT_GT(first.size(), 45U);
    EXPECT_EQ(sizes_in(write(writer, text)), (std::vector<std::size_t>(4, record_plain_max)));
    // The pause begins with the last output.
    EXPECT_EQ(sizes_in(write(writer, text, 900ms)).size(), 4U);
    EXPECT_EQ(sizes_in(write(writer, text, 1800ms)).size(), 4U);
    EXPECT_EQ(sizes_in(write(writer, text, 2800ms)).front(), record_writer::small_record);
}

// Goal: one answer, before the next data, for any number of requests; then the keys have changed.
TEST(record_writer, answers_key_updates_before_the_next_data) {
    record_writer writer{test_keys()};
    record_reader reader{test_keys(), record_reader::role::client};
    writer.owe_key_update();
    writer.owe_key_update();
    const auto wire = write(writer, "data");
    EXPECT_EQ(sizes_in(wire), (std::vector<std::size_t>{5, 4}));
    EXPECT_FALSE(writer.owes_key_update());
    EXPECT_EQ(read_all(reader, wire).data, "data");
    EXPECT_FALSE(reader.take_update_request());
    EXPECT_EQ(read_all(reader, write(writer, "more")).data, "more");
}

// Goal: keys are changed before they have protected too much (RFC 8446 5.5).
TEST(record_writer, changes_keys_when_they_are_used_up) {
    record_writer writer{test_keys(cipher::aes_128_gcm, record_writer::records_per_key - 1)};
    record_reader reader{{test_keys(cipher::aes_128_gcm, record_writer::records_per_key - 1)},
                         record_reader::role::client};
    EXPECT_EQ(sizes_in(write(writer, "last")), (std::vector<std::size_t>{4}));
    record_reader stale{test_keys(cipher::aes_128_gcm, record_writer::records_per_key),
                        record_reader::role::client};
    const auto wire = write(writer, "first");
    EXPECT_EQ(sizes_in(wire), (std::vector<std::size_t>{5, 5}));
    EXPECT_EQ(read_all(stale, wire).data, "first");
    EXPECT_LT(record_writer::records_per_key, 1U << 24U);
}

TEST(record_writer, nothing_in_nothing_out) {
    record_writer writer{test_keys()};
    EXPECT_FALSE(writer.has_begun());
    EXPECT_EQ(writer.free_bytes(), output_plain_bytes);
    writer.begin(0s);
    EXPECT_TRUE(writer.has_begun());
    EXPECT_FALSE(writer.room(10).empty());
    writer.commit(0);
    EXPECT_TRUE(writer.finish().empty());
    writer.release();
    EXPECT_FALSE(writer.has_begun());
}

}  // namespace
}  // namespace ringway::tls
