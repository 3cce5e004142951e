#include <ringway/net/plain_transport.hpp>

#include <chrono>
#include <cstring>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::run_on_shard;

task<void> collects_and_sends(int fd, int far) {
    stream connection{::dup(fd)};
    plain_transport output{connection, buffer_lease::copy_of(as_bytes("early"))};
    auto early = co_await output.receive();
    RW_CO_ASSERT(early && *early);
    EXPECT_EQ(as_text(early->bytes()), "early");

    output.put(as_bytes("head "));
    const byte_span room = output.room(100);
    std::memcpy(room.data(), "body", 4);
    output.commit(4);
    output.put({});
    EXPECT_EQ(output.pending(), 9U);
    EXPECT_EQ(output.free_bytes(), plain_transport::output_bytes_max - 9);
    const auto flushed = co_await output.flush();
    EXPECT_TRUE(flushed.has_value());
    EXPECT_EQ(output.pending(), 0U);
    EXPECT_EQ(test::get(far, 9), "head body");

    test::put(far, "late");
    auto late = co_await output.receive();
    RW_CO_ASSERT(late && *late);
    EXPECT_EQ(as_text(late->bytes()), "late");
    late->reset();
    output.put(as_bytes("unsent"));
    co_await output.close();
}

TEST(plain_transport, collects_output_and_hands_received_bytes_on) {
    test::fd_pair pair = test::tcp_pair();
    run_on_shard(collects_and_sends(pair.near.get(), pair.far.get()));
    EXPECT_EQ(test::get_now(pair.far.get()), "");
}

task<void> fills_up(int fd) {
    stream connection{::dup(fd)};
    plain_transport output{connection};
    output.put(as_bytes(std::string(plain_transport::output_bytes_max - 3, 'x')));
    EXPECT_EQ(output.room(100).size(), 3U);
    output.commit(3);
    EXPECT_EQ(output.free_bytes(), 0U);
    const auto nothing = co_await output.flush();
    EXPECT_TRUE(nothing.has_value());
    const auto again = co_await output.flush();
    EXPECT_TRUE(again.has_value()) << "nothing to send is sent at once";
    output.shutdown_send();
    co_await output.close();
}

TEST(plain_transport, has_room_for_so_much_and_no_more) {
    test::fd_pair pair = test::unix_pair();
    run_on_shard(fills_up(pair.near.get()));
    EXPECT_EQ(test::get(pair.far.get(), 200'000).size() > 0, true);
}

task<result<void>> flush_to_nobody(int fd, unique_fd& far) {
    stream connection{fd};
    plain_transport output{connection};
    test::reset_connection(far);
    result<void> last;
    // It may take the kernel a while to hand the reset over.
    const auto limit = std::chrono::steady_clock::now() + test::patience();
    while (last && std::chrono::steady_clock::now() < limit) {
        output.put(as_bytes("x"));
        last = co_await output.flush();
    }
    co_await output.close();
    co_return last;
}

TEST(plain_transport, says_when_the_peer_is_gone) {
    test::fd_pair pair = test::tcp_pair();
    const auto last = run_on_shard(flush_to_nobody(pair.near.release(), pair.far));
    ASSERT_FALSE(last.has_value());
    EXPECT_EQ(last.error().code, errc::closed);
}

}  // namespace
}  // namespace ringway
