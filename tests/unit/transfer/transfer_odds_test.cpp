// Every way to a socket against what it may meet: holes, offsets of more than 32 bits, signals,
// peers that vanish, files that change meanwhile.
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <sys/time.h>
#include <unistd.h>

#include <ringway/coro/scope.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/transfer/transfer.hpp>

#include "support/made_file.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::run_on_shard;

constexpr std::uint64_t gib = std::uint64_t{1} << 30U;

std::string bytes_of(std::size_t size) { return test::pattern(size, std::uint64_t{0}); }

// What arrives, compared at once with what the file holds by pread(2).
struct check {
    int file = -1;
    std::uint64_t next = 0;
    bool wrong = false;
    std::uint64_t pause_at = ~std::uint64_t{0};  // Reads no further until `goes_on`.
    bool goes_on = false;
};

void compare(check& with, byte_view bytes) {
    static std::string held;
    held.resize(bytes.size());
    const ssize_t got = ::pread(with.file, held.data(), held.size(), static_cast<off_t>(with.next));
    with.wrong |= got != static_cast<ssize_t>(bytes.size()) || as_text(bytes) != held;
    with.next += bytes.size();
}

task<void> receive_and_compare(stream& from, check& with) {
    for (;;) {
        if (with.next >= with.pause_at) {
            static_cast<void>(co_await test::comes_true([&with] { return with.goes_on; }));
        }
        const auto piece = co_await from.receive();
        if (!piece || !*piece) {
            co_return;
        }
        compare(with, piece->bytes());
    }
}

struct outcome {
    result<void> sent;
    std::uint64_t received = 0;
    bool wrong = false;
};

// A timer that interrupts whatever waits, without restarting it.
class signal_storm {
public:
    signal_storm() {
        struct sigaction action{};
        action.sa_handler = [](int) { count_ = count_ + 1; };
        ::sigaction(SIGALRM, &action, &before_);
        set(300);
    }
    signal_storm(const signal_storm&) = delete;
    signal_storm& operator=(const signal_storm&) = delete;
    ~signal_storm() {
        set(0);
        ::sigaction(SIGALRM, &before_, nullptr);
    }
    [[nodiscard]] static int count() { return count_; }

private:
    static void set(suseconds_t microseconds) {
        const itimerval timer{{0, microseconds}, {0, microseconds}};
        ::setitimer(ITIMER_REAL, &timer, nullptr);
    }
    static inline std::sig_atomic_t count_ = 0;
    struct sigaction before_{};
};

// The file is compared with `truth`, another descriptor that tests may keep from changing.
task<outcome> send_slice(transfer_method method, std::string path, std::string truth,
                         file_slice slice, bool storms = false) {
    auto pair = test::tcp_pair();
    std::optional<signal_storm> storm;
    if (storms) {  // The helpers of the test are not made for it.
        storm.emplace();
    }
    stream near{pair.near.release()};
    stream far{pair.far.release()};
    const unique_fd held{::open(truth.c_str(), O_RDONLY | O_CLOEXEC)};
    check with{.file = held.get(), .next = slice.offset};
    file_sender sender{method};
    transfer_progress progress;
    scope reading;
    reading.spawn(receive_and_compare(far, with));
    outcome done;
    done.sent = co_await sender.send(
        near, "", make_shared_here<shared_file>(unique_fd{::open(path.c_str(), O_RDONLY)}), slice,
        progress);
    near.shutdown_send();
    co_await reading.join();
    storm.reset();
    co_await near.close();
    co_await far.close();
    done.received = with.next - slice.offset;
    done.wrong = with.wrong;
    co_return done;
}

class every_way_out : public testing::TestWithParam<transfer_method> {
protected:
    // 5 GiB of holes with islands of data, some of them where 32 bits end.
    void make_huge(std::uint64_t size) {
        const unique_fd file{::open(directory_.at("huge").c_str(), O_RDWR | O_CREAT, 0644)};
        ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(size)), 0);
        for (const std::uint64_t at : {std::uint64_t{0}, 2 * gib - 70'000, 4 * gib - 100'000,
                                       4 * gib + 777'777, size - 150'001}) {
            const std::string bytes = test::pattern(150'001, at);
            ASSERT_EQ(::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)),
                      150'001);
        }
    }
    test::scratch_directory directory_;
};

TEST_P(every_way_out, holes_and_offsets_beyond_4_gib) {
    constexpr std::uint64_t size = 5 * gib + 77;
    make_huge(size);
    for (const file_slice slice :
         {file_slice{0, 300'000}, file_slice{2 * gib - 100'001, 200'003},
          file_slice{4 * gib - 131'072, 1'500'000}, file_slice{4 * gib - 1, 2},
          file_slice{3 * gib + 5, 1'048'577}, file_slice{size - 400'000, 400'000}}) {
        SCOPED_TRACE(slice.offset);
        const outcome done = run_on_shard(
            send_slice(GetParam(), directory_.at("huge"), directory_.at("huge"), slice));
        ASSERT_TRUE(done.sent.has_value()) << describe(done.sent.error());
        EXPECT_EQ(done.received, slice.length);
        EXPECT_FALSE(done.wrong);
    }
}

TEST_P(every_way_out, signals_change_nothing) {
    directory_.write("file", bytes_of(6'000'000));
    const int before = signal_storm::count();
    for (int i = 0; i < 5 || (i < 500 && signal_storm::count() - before < 5); ++i) {
        const outcome done = run_on_shard(send_slice(GetParam(), directory_.at("file"),
                                                     directory_.at("file"), {1, 5'999'999}, true));
        ASSERT_TRUE(done.sent.has_value()) << describe(done.sent.error());
        ASSERT_EQ(done.received, 5'999'999U);
        ASSERT_FALSE(done.wrong);
    }
    EXPECT_GE(signal_storm::count() - before, 5);
}

task<error> send_to_one_that_leaves(transfer_method method, std::string path, bool resets) {
    auto pair = test::tcp_pair();
    test::shrink_buffers(pair);
    stream near{pair.near.release()};
    file_sender sender{method};
    transfer_progress progress;
    result<void> sent;
    scope sending;
    const auto send = [](file_sender& by, stream& to, std::string from, transfer_progress& far,
                         result<void>& into) -> task<void> {
        into = co_await by.send(
            to, "head|", make_shared_here<shared_file>(unique_fd{::open(from.c_str(), O_RDONLY)}),
            {0, 4'000'000}, far);
    };
    sending.spawn(send(sender, near, path, progress, sent));
    static_cast<void>(co_await test::comes_true(
        [&progress] { return progress.bytes > 0 || progress.in_hand > 0; }));
    if (resets) {
        test::reset_connection(pair.far);
    } else {
        pair.far.reset();  // With bytes unread that is a reset too.
    }
    co_await sending.join();
    EXPECT_LT(progress.bytes, 4'000'005U);
    co_await near.close();
    co_return sent ? error{} : sent.error();
}

TEST_P(every_way_out, a_peer_that_vanishes_is_an_error_and_no_signal) {
    directory_.write("file", bytes_of(4'000'000));
    for (const bool resets : {true, false}) {
        const error told =
            run_on_shard(send_to_one_that_leaves(GetParam(), directory_.at("file"), resets));
        EXPECT_EQ(told.code, errc::closed) << describe(told);
    }
}

// Sends all of a file to one who pauses; `change` happens meanwhile.
task<outcome> send_while(transfer_method method, std::string path, std::string truth,
                         std::uint64_t size, std::uint64_t new_size) {
    auto pair = test::tcp_pair();
    test::shrink_buffers(pair);
    stream near{pair.near.release()};
    stream far{pair.far.release()};
    const unique_fd held{::open(truth.c_str(), O_RDONLY | O_CLOEXEC)};
    check with{.file = held.get(), .pause_at = 1};
    file_sender sender{method};
    transfer_progress progress;
    outcome done;
    scope work;
    const auto send = [](file_sender& by, stream& to, std::string from, std::uint64_t length,
                         transfer_progress& how_far, result<void>& into) -> task<void> {
        into = co_await by.send(
            to, "", make_shared_here<shared_file>(unique_fd{::open(from.c_str(), O_RDONLY)}),
            {0, length}, how_far);
        to.shutdown_send();
    };
    work.spawn(receive_and_compare(far, with));
    work.spawn(send(sender, near, path, size, progress, done.sent));
    static_cast<void>(co_await test::comes_true([&with] { return with.next > 0; }));
    RW_ASSERT(::truncate(path.c_str(), static_cast<off_t>(new_size)) == 0);
    with.goes_on = true;
    co_await work.join();
    co_await near.close();
    co_await far.close();
    done.received = with.next;
    done.wrong = with.wrong;
    co_return done;
}

TEST_P(every_way_out, a_file_that_grows_is_sent_as_it_was_promised) {
    directory_.write("file", bytes_of(1'500'001));
    directory_.write("truth", bytes_of(1'500'001));
    const outcome done = run_on_shard(send_while(GetParam(), directory_.at("file"),
                                                 directory_.at("truth"), 1'500'001, 3'000'000));
    ASSERT_TRUE(done.sent.has_value()) << describe(done.sent.error());
    EXPECT_EQ(done.received, 1'500'001U);
    EXPECT_FALSE(done.wrong);
}

// Goal: never a success, and nothing but what the file held. A mapping is the exception within the
// last page, of which the kernel sends zeros before it is known: the connection ends after them.
TEST_P(every_way_out, a_file_that_shrinks_is_truncated) {
    directory_.write("file", bytes_of(1'500'001));
    directory_.write("truth", bytes_of(1'500'001));
    const outcome done =
        run_on_shard(send_while(GetParam(), directory_.at("file"), directory_.at("truth"),
                                1'500'001, std::uint64_t{4096} * 200));
    ASSERT_FALSE(done.sent.has_value());
    EXPECT_EQ(done.sent.error().code, errc::truncated) << describe(done.sent.error());
    EXPECT_LT(done.received, 1'500'001U);
    EXPECT_FALSE(done.wrong);
}

INSTANTIATE_TEST_SUITE_P(transfer, every_way_out,
                         testing::Values(transfer_method::automatic, transfer_method::copy,
                                         transfer_method::sendfile, transfer_method::splice,
                                         transfer_method::fixed, transfer_method::zero_copy,
                                         transfer_method::gathered, transfer_method::mapped));

}  // namespace
}  // namespace ringway
