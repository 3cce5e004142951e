#include "ring/nonblocking_calls.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <string>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using outcome = attempt::outcome;
using test::fd_pair;

attempt try_once(operation op, std::uint16_t buffers = 2) {
    listed_buffer_pool pool{buffers, 64};
    return try_now(op, pool);
}

TEST(nonblocking_calls, say_that_something_is_not_ready) {
    const fd_pair pair = test::unix_pair();
    const fd_pair pipe = test::pipe_pair();
    const unique_fd listener = test::tcp_listener();
    std::string target(10, '\0');
    EXPECT_EQ(try_once(test::recv_into(pair.near.get(), target)).how, outcome::waits);
    EXPECT_EQ(try_once(test::read_into(pipe.near.get(), target)).how, outcome::waits);
    EXPECT_EQ(try_once({.kind = op_kind::accept, .fd = listener.get()}).how, outcome::waits);
    EXPECT_EQ(try_once(test::poll_for(pair.near.get(), POLLIN)).how, outcome::waits);
}

TEST(nonblocking_calls, take_a_buffer_only_for_data) {
    fd_pair pair = test::unix_pair();
    listed_buffer_pool pool{1, 64};
    operation recv = test::recv_pooled(pair.near.get());
    EXPECT_EQ(try_now(recv, pool).how, outcome::waits);
    test::put(pair.far.get(), "data");
    const attempt got = try_now(recv, pool);
    EXPECT_EQ(got.result, 4);
    buffer_lease lease = pool.lease(got.buffer, 4);
    EXPECT_EQ(as_text(lease.bytes()), "data");

    // No buffer is left: that is an error only if one is needed.
    EXPECT_EQ(try_now(recv, pool).how, outcome::waits);
    test::put(pair.far.get(), "more");
    EXPECT_EQ(try_now(recv, pool).result, -ENOBUFS);
    lease.reset();
    recv.length = 3;
    const attempt part = try_now(recv, pool);
    EXPECT_EQ(part.result, 3);
    lease = pool.lease(part.buffer, 3);
    EXPECT_EQ(test::get(pair.near.get(), 1), "e");
    pair.far.reset();
    const attempt end = try_now(recv, pool);
    EXPECT_EQ(end.how, outcome::finished);
    EXPECT_EQ(end.result, 0);
    EXPECT_EQ(end.buffer, completion::no_buffer);
}

TEST(nonblocking_calls, keep_the_progress_of_a_send) {
    const fd_pair pair = test::unix_pair();
    test::shrink_buffers(pair);
    const std::string text = test::pattern(100'000);
    operation send = test::send_of(pair.near.get(), text);
    listed_buffer_pool pool{1, 64};
    std::string got;
    attempt tried = try_now(send, pool);
    while (tried.how != outcome::finished) {
        EXPECT_EQ(result_when_canceled(send),
                  send.driver_done > 0 ? static_cast<int>(send.driver_done) : -ECANCELED);
        got += tried.how == outcome::waits ? test::get_now(pair.far.get()) : "";
        tried = try_now(send, pool);
    }
    EXPECT_EQ(tried.result, 100'000);
    got += test::get_now(pair.far.get());
    EXPECT_TRUE(got == text);
}

// More parts than are prepared at once, empty ones among them, from every place within a part.
TEST(nonblocking_calls, continue_a_message_in_the_middle_of_a_part) {
    const std::string text = test::pattern(1000);
    std::vector<iovec> parts;
    for (std::size_t at = 0; at < text.size(); at += 5) {
        parts.push_back({const_cast<char*>(text.data()) + at, 5});
        parts.push_back({nullptr, 0});
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    listed_buffer_pool pool{1, 64};
    for (std::uint32_t done = 1; done < text.size(); done += 83) {
        const fd_pair pair = test::unix_pair();
        operation send{.kind = op_kind::sendmsg, .fd = pair.near.get(), .address = &message};
        send.driver_done = done;
        attempt tried = try_now(send, pool);
        while (tried.how == outcome::progressed) {
            tried = try_now(send, pool);
        }
        EXPECT_EQ(tried.result, 1000);
        EXPECT_TRUE(test::get_now(pair.far.get()) == text.substr(done));
    }
}

TEST(nonblocking_calls, read_a_cached_file_at_once) {
    const unique_fd file{::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
    std::string target(100, '\0');
    const iovec part{target.data(), target.size()};
    ASSERT_EQ(::pread(file.get(), target.data(), target.size(), 0), 100);
    if (::preadv2(file.get(), &part, 1, 0, RWF_NOWAIT) != 100) {
        GTEST_SKIP() << "this file system has no RWF_NOWAIT";
    }
    const attempt read = try_once(test::read_into(file.get(), target, 0));
    EXPECT_EQ(read.how, outcome::finished);
    EXPECT_EQ(read.result, 100);
    EXPECT_EQ(target.substr(1, 3), "ELF");
}

TEST(nonblocking_calls, send_what_may_wait_for_storage_to_a_worker) {
    const unique_fd file = test::file_with("text");  // In tmpfs, which has no RWF_NOWAIT.
    std::string target(10, '\0');
    const attempt read = try_once(test::read_into(file.get(), target, 0));
    EXPECT_TRUE(read.how == outcome::blocks || read.result == 4);
    const fd_pair pipe = test::pipe_pair();
    const attempt positioned = try_once(test::read_into(pipe.near.get(), target, 7));
    EXPECT_EQ(positioned.result, -ESPIPE);
    const unique_fd direct{::open("/proc/self/exe", O_RDONLY | O_DIRECT | O_CLOEXEC)};
    if (direct) {
        EXPECT_EQ(try_once(test::read_into(direct.get(), target, 0)).how, outcome::blocks);
    }
}

TEST(nonblocking_calls, call_what_knows_no_flags_only_when_it_is_ready) {
    const unique_fd watch{::inotify_init1(IN_CLOEXEC)};
    std::string target(1000, '\0');
    EXPECT_EQ(try_once(test::read_into(watch.get(), target)).how, outcome::waits);
    ASSERT_GE(::inotify_add_watch(watch.get(), "/", IN_ONESHOT | IN_ACCESS | IN_OPEN), 0);
    const unique_fd root{::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const attempt read = try_once(test::read_into(watch.get(), target));
    EXPECT_EQ(read.how, outcome::finished);
    EXPECT_GT(read.result, 0);
}

TEST(nonblocking_calls, open_what_the_directory_cache_knows) {
    open_how how{.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC};
    operation open{
        .kind = op_kind::openat2, .fd = AT_FDCWD, .address = const_cast<char*>("/"), .extra = &how};
    const attempt opened = try_once(open);
    if (opened.how == outcome::finished) {
        const unique_fd folder{opened.result};
        EXPECT_TRUE(folder);
        EXPECT_EQ(::fcntl(folder.get(), F_GETFL) & O_NONBLOCK, 0);
    }
    how.flags = O_RDWR | O_CREAT | O_EXCL;
    how.mode = 0600;
    EXPECT_EQ(try_once(open).how, outcome::blocks);
    EXPECT_EQ(how.resolve, 0U);  // The caller's request is as it was.
}

TEST(nonblocking_calls, connect_finds_out_how_it_ended) {
    const fd_pair pair = test::tcp_pair();
    operation connect{.kind = op_kind::connect, .fd = pair.near.get()};
    connect.driver_done = 1;  // It is under way.
    listed_buffer_pool pool{1, 64};
    EXPECT_EQ(try_now(connect, pool).result, 0);
    connect.fd = -1;
    EXPECT_EQ(try_now(connect, pool).result, -EBADF);
}

TEST(nonblocking_calls, a_splice_waits_for_the_end_that_is_not_ready) {
    const fd_pair pipe = test::pipe_pair();
    const fd_pair pair = test::unix_pair();
    operation splice = test::splice_of(pipe.near.get(), pair.near.get(), 4);
    listed_buffer_pool pool{1, 64};
    note_splice_not_ready(splice);
    EXPECT_FALSE(splice_waits_for_output(splice));
    EXPECT_EQ(try_now(splice, pool).how, outcome::waits);
    test::put(pipe.far.get(), "data");
    EXPECT_EQ(try_now(splice, pool).how, outcome::blocks);
    test::fill(pair.near.get());
    note_splice_not_ready(splice);
    EXPECT_TRUE(splice_waits_for_output(splice));
    EXPECT_EQ(try_now(splice, pool).how, outcome::waits);
}

TEST(nonblocking_calls, poll_now_says_what_is_ready) {
    const fd_pair pair = test::unix_pair();
    EXPECT_EQ(poll_now(pair.near.get(), POLLIN), 0);
    EXPECT_EQ(poll_now(pair.near.get(), POLLIN | POLLOUT), POLLOUT);
    EXPECT_EQ(poll_now(1 << 20, POLLIN), -EBADF);
    EXPECT_EQ(poll_now(-1, POLLIN), -EBADF);
}

}  // namespace
}  // namespace ringway
