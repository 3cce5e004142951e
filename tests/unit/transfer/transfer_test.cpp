#include <ringway/transfer/transfer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include <ringway/coro/scope.hpp>
#include <ringway/net/stream.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::run_on_shard;

// Bytes that tell where in the file they are from.
std::string content_of(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    }
    return text;
}

struct exchange {
    std::string received;
    result<void> outcome;
    transfer_progress progress;
};

task<void> receive_into(stream& from, std::string& all) {
    for (;;) {
        const auto piece = co_await from.receive();
        if (!piece || !*piece) {
            co_return;
        }
        all += as_text(piece->bytes());
    }
}

// Sends a part of `path` from one end of a connection and reads it at the other.
task<exchange> move(transfer_method method, std::string path, file_slice slice) {
    auto pair = test::tcp_pair();
    stream near{pair.near.release()};
    stream far{pair.far.release()};
    exchange done;
    file_sender sender{method};
    scope reading;
    reading.spawn(receive_into(far, done.received));
    done.outcome = co_await sender.send(
        near, "head|", make_shared_here<shared_file>(unique_fd{::open(path.c_str(), O_RDONLY)}),
        slice, done.progress);
    near.shutdown_send();
    co_await reading.join();
    co_await near.close();
    co_await far.close();
    co_return done;
}

class every_method : public testing::TestWithParam<transfer_method> {
protected:
    test::scratch_directory directory_;
};

TEST_P(every_method, moves_head_and_slice_exactly) {
    const std::string content = content_of(3'000'000);
    directory_.write("file", content);
    for (const file_slice slice : {file_slice{0, 1}, file_slice{0, 65'536}, file_slice{1, 65'537},
                                   file_slice{4095, 1'500'001}, file_slice{0, 3'000'000}}) {
        const exchange done = run_on_shard(move(GetParam(), directory_.at("file"), slice));

        ASSERT_TRUE(done.outcome.has_value()) << describe(done.outcome.error());
        ASSERT_EQ(done.received, "head|" + content.substr(slice.offset, slice.length));
        EXPECT_EQ(done.progress.bytes, slice.length + 5);
    }
}

// Goal: a file that shrinks is an error, never a short success.
TEST_P(every_method, a_file_that_is_too_short_is_truncated) {
    const std::string content = content_of(100'000);
    directory_.write("file", content);
    for (const std::uint64_t promised : {100'001U, 400'000U}) {
        const exchange done = run_on_shard(move(GetParam(), directory_.at("file"), {0, promised}));

        ASSERT_FALSE(done.outcome.has_value());
        EXPECT_EQ(done.outcome.error().code, errc::truncated);
        EXPECT_TRUE(("head|" + content).starts_with(done.received));
    }
}

INSTANTIATE_TEST_SUITE_P(transfer, every_method,
                         testing::Values(transfer_method::automatic, transfer_method::copy,
                                         transfer_method::sendfile, transfer_method::splice,
                                         transfer_method::fixed, transfer_method::zero_copy,
                                         transfer_method::gathered, transfer_method::mapped));

TEST(transfer, small_parts_travel_with_their_head_and_large_ones_by_sendfile) {
    test::scratch_directory directory;
    directory.write("file", content_of(2'000'000));

    const exchange small = run_on_shard(
        move(transfer_method::automatic, directory.at("file"), {0, file_sender::small_bytes_max}));
    const exchange large =
        run_on_shard(move(transfer_method::automatic, directory.at("file"), {0, 2'000'000}));

    EXPECT_FALSE(small.progress.used_sendfile);
    EXPECT_TRUE(large.progress.used_sendfile || large.progress.read_cold);
}

task<error> send_to_nobody(std::string path) {
    auto pair = test::tcp_pair();
    stream near{pair.near.release()};
    pair.far.reset();
    file_sender sender{transfer_method::automatic};
    transfer_progress progress;
    result<void> outcome;
    // The first send may still succeed: the reset has yet to come back.
    for (int i = 0; i < 100 && outcome; ++i) {
        outcome = co_await sender.send(
            near, "head|", make_shared_here<shared_file>(unique_fd{::open(path.c_str(), O_RDONLY)}),
            {0, 1'000'000}, progress);
    }
    co_await near.close();
    co_return outcome ? error{} : outcome.error();
}

TEST(transfer, a_peer_that_left_is_an_error_and_no_signal) {
    test::scratch_directory directory;
    directory.write("file", content_of(1'000'000));

    EXPECT_EQ(run_on_shard(send_to_nobody(directory.at("file"))).code, errc::closed);
}

}  // namespace
}  // namespace ringway
