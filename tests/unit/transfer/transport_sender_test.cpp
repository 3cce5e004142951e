#include <cstddef>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/net/plain_transport.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/transfer/transfer.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

constexpr std::size_t file_size = 3'000'000;

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

file_ref open_at(const std::string& path) {
    return make_shared_here<shared_file>(unique_fd{::open(path.c_str(), O_RDONLY)});
}

// Sends a part of `path`, or `path` itself as text, and reads what comes out at the other end.
task<exchange> move(std::string path, file_slice slice, bool as_text_body = false) {
    auto pair = test::tcp_pair();
    stream near{pair.near.release()};
    stream far{pair.far.release()};
    plain_transport out{near};
    exchange done;
    file_sender sender{transfer_method::automatic};
    scope reading;
    reading.spawn(receive_into(far, done.received));
    if (as_text_body) {
        done.outcome = co_await sender.send(out, "head|", path, done.progress);
    } else {
        done.outcome = co_await sender.send(out, "head|", open_at(path), slice, done.progress);
    }
    EXPECT_EQ(done.progress.in_hand, 0U);
    out.shutdown_send();
    co_await reading.join();
    co_await out.close();
    co_await far.close();
    co_return done;
}

class transport_sender : public testing::Test {
protected:
    test::scratch_directory directory_;
};

TEST_F(transport_sender, moves_head_and_slice_exactly) {
    const std::string content = test::pattern(file_size);
    directory_.write("file", content);
    for (const file_slice slice : {file_slice{0, 1}, file_slice{1, 65'537},
                                   file_slice{4095, 1'500'001}, file_slice{0, file_size}}) {
        const exchange done = test::run_on_shard(move(directory_.at("file"), slice));
        ASSERT_TRUE(done.outcome.has_value()) << describe(done.outcome.error());
        ASSERT_TRUE(done.received == "head|" + content.substr(slice.offset, slice.length));
        EXPECT_EQ(done.progress.bytes, done.received.size());
    }
}

TEST_F(transport_sender, moves_text_larger_than_its_memory) {
    const std::string content = test::pattern(file_size);
    const exchange done = test::run_on_shard(move(content, {}, true));
    ASSERT_TRUE(done.outcome.has_value());
    EXPECT_TRUE(done.received == "head|" + content);
    EXPECT_EQ(done.progress.bytes, content.size() + 5);
}

TEST_F(transport_sender, reads_what_is_not_in_the_page_cache) {
    const std::string content = test::pattern(file_size);
    directory_.write("file", content);
    const unique_fd file{::open(directory_.at("file").c_str(), O_RDWR)};
    ::fsync(file.get());
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    const exchange done = test::run_on_shard(move(directory_.at("file"), {0, file_size}));
    ASSERT_TRUE(done.outcome.has_value());
    EXPECT_TRUE(done.received == "head|" + content);
}

// Goal: a promise of more bytes than the file has is told, not filled up with something else.
TEST_F(transport_sender, a_file_that_shrank_is_told) {
    directory_.write("file", "short");
    const exchange done = test::run_on_shard(move(directory_.at("file"), {0, 100}));
    ASSERT_FALSE(done.outcome.has_value());
    EXPECT_EQ(done.outcome.error().code, errc::truncated);
}

}  // namespace
}  // namespace ringway
