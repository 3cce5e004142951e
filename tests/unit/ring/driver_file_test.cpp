// The contract of drivers for files, pipes and what moves bytes between them and sockets.
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <filesystem>
#include <linux/openat2.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <ringway/ring/driver.hpp>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::fd_pair;
using test::read_into;
using test::sendfile_of;
using test::splice_of;
using test::tracked_operation;
using test::write_of;

// A folder that is gone after the test.
class temporary_folder {
public:
    temporary_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "ringway-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        path_ = name;
        fd_ = unique_fd{::open(name.c_str(), O_DIRECTORY | O_PATH | O_CLOEXEC)};
    }
    ~temporary_folder() { std::filesystem::remove_all(path_); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
    unique_fd fd_;
};

struct driver_files : test::driver_contract {
    /// Opens `path` in `folder`; the descriptor or -errno.
    int open_in(int folder, const char* path, open_how how) {
        return run({.kind = op_kind::openat2,
                    .fd = folder,
                    .address = const_cast<char*>(path),
                    .extra = &how});
    }
};
RW_TEST_EACH_DRIVER(driver_files);

TEST_P(driver_files, write_and_read_at_a_place) {
    const temporary_folder folder;
    const unique_fd file{open_in(folder.fd(), "file", {.flags = O_RDWR | O_CREAT, .mode = 0600})};
    ASSERT_TRUE(file);
    const std::string text = test::pattern(300'000);
    EXPECT_EQ(run(write_of(file.get(), text, 1000)), 300'000);
    std::string target(300'000, '\0');
    EXPECT_EQ(run(read_into(file.get(), target, 1000)), 300'000);
    EXPECT_TRUE(target == text);
    EXPECT_EQ(run(read_into(file.get(), target, 300'000)), 1000);
    EXPECT_EQ(run(read_into(file.get(), target, 301'000)), 0);
    EXPECT_EQ(run({.kind = op_kind::fsync, .fd = file.get()}), 0);
    EXPECT_EQ(run({.kind = op_kind::fsync, .fd = file.get(), .flags = 1}), 0);
}

TEST_P(driver_files, without_a_place_the_file_position_is_used) {
    const unique_fd file = test::file_with("0123456789");
    ::lseek(file.get(), 2, SEEK_SET);
    std::string target(3, '\0');
    EXPECT_EQ(run(read_into(file.get(), target)), 3);
    EXPECT_EQ(run(write_of(file.get(), "ABC")), 3);
    EXPECT_EQ(target, "234");
    target.resize(100);
    EXPECT_EQ(run(read_into(file.get(), target, 0)), 10);
    EXPECT_EQ(target.substr(0, 10), "01234ABC89");
}

TEST_P(driver_files, many_operations_on_one_file_at_a_time) {
    const temporary_folder folder;
    const unique_fd file{open_in(folder.fd(), "file", {.flags = O_RDWR | O_CREAT, .mode = 0600})};
    const std::string text = test::pattern(64 * 1000);
    std::deque<std::string> parts;
    std::deque<tracked_operation> writes;
    for (std::size_t i = 0; i < 64; ++i) {
        const std::string& part = parts.emplace_back(text.substr(i * 1000, 1000));
        submit(writes.emplace_back(write_of(file.get(), part, i * 1000)));
    }
    run_until([&] { return ring().counters().in_flight() == 0; });
    for (const tracked_operation& write : writes) {
        EXPECT_EQ(write.result(), 1000);
    }
    std::string target(64 * 1000, '\0');
    EXPECT_EQ(run(read_into(file.get(), target, 0)), 64 * 1000);
    EXPECT_TRUE(target == text);
}

TEST_P(driver_files, read_says_what_it_cannot_read) {
    std::string target(10, '\0');
    const unique_fd folder{::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    EXPECT_EQ(run(read_into(folder.get(), target, 0)), -EISDIR);
    EXPECT_EQ(run(read_into(-1, target, 0)), -EBADF);
    const fd_pair pipe = test::pipe_pair();
    EXPECT_EQ(run(read_into(pipe.far.get(), target)), -EBADF);
}

TEST_P(driver_files, a_pipe_is_waited_for_in_both_directions) {
    fd_pair pipe = test::pipe_pair();
    std::string target(100, '\0');
    tracked_operation read{read_into(pipe.near.get(), target)};
    submit(read);
    settle();
    EXPECT_FALSE(read.done());
    EXPECT_EQ(run(write_of(pipe.far.get(), "through")), 7);
    run_until([&] { return read.done(); });
    EXPECT_EQ(target.substr(0, 7), "through");

    const std::size_t filled = test::fill(pipe.far.get());
    const std::string more = "more";
    tracked_operation write{write_of(pipe.far.get(), more)};
    submit(write);
    settle();
    EXPECT_FALSE(write.done());
    EXPECT_EQ(test::get(pipe.near.get(), filled).size(), filled);
    run_until([&] { return write.done(); });
    EXPECT_EQ(write.result(), 4);
    EXPECT_EQ(test::get(pipe.near.get(), 4), "more");

    submit(read);
    settle();
    pipe.far.reset();
    run_until([&] { return read.done(); });
    EXPECT_EQ(read.result(), 0);
}

TEST_P(driver_files, descriptors_that_signal_can_be_read) {
    const unique_fd event{::eventfd(0, EFD_CLOEXEC)};
    std::string target(8, '\0');
    tracked_operation read{read_into(event.get(), target)};
    submit(read);
    settle();
    EXPECT_FALSE(read.done());
    ::eventfd_write(event.get(), 1);
    run_until([&] { return read.done(); });
    EXPECT_EQ(read.result(), 8);

    const temporary_folder folder;
    const unique_fd watch{::inotify_init1(IN_CLOEXEC)};
    ASSERT_GE(::inotify_add_watch(watch.get(), folder.path().c_str(), IN_CREATE), 0);
    std::string change(4096, '\0');
    tracked_operation changes{read_into(watch.get(), change)};
    submit(changes);
    settle();
    EXPECT_FALSE(changes.done());
    const unique_fd made{open_in(folder.fd(), "new", {.flags = O_RDWR | O_CREAT, .mode = 0600})};
    run_until([&] { return changes.done(); });
    EXPECT_GT(changes.result(), static_cast<int>(sizeof(inotify_event)));
}

TEST_P(driver_files, sockets_can_be_read_and_written) {
    const fd_pair pair = test::unix_pair();
    std::string target(100, '\0');
    tracked_operation read{read_into(pair.near.get(), target)};
    submit(read);
    settle();
    EXPECT_EQ(run(write_of(pair.far.get(), "plain")), 5);
    run_until([&] { return read.done(); });
    EXPECT_EQ(read.result(), 5);
}

TEST_P(driver_files, openat2_opens_within_a_folder_and_says_why_not) {
    const temporary_folder folder;
    const open_how create{.flags = O_RDWR | O_CREAT | O_CLOEXEC, .mode = 0600};
    const open_how beneath{.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
    const int made = open_in(folder.fd(), "file", create);
    ASSERT_GE(made, 0);
    EXPECT_EQ(run({.kind = op_kind::close, .fd = made}), 0);
    const int opened = open_in(folder.fd(), "file", beneath);
    ASSERT_GE(opened, 0);
    EXPECT_EQ(::fcntl(opened, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(run({.kind = op_kind::close, .fd = opened}), 0);
    EXPECT_EQ(run({.kind = op_kind::close, .fd = opened}), -EBADF);
    EXPECT_EQ(open_in(folder.fd(), "nothing", beneath), -ENOENT);
    EXPECT_EQ(open_in(folder.fd(), "../etc", beneath), -EXDEV);
    EXPECT_EQ(open_in(folder.fd(), "file/below", beneath), -ENOTDIR);
    EXPECT_EQ(open_in(-1, "file", beneath), -EBADF);
    EXPECT_EQ(open_in(folder.fd(), "file", {.flags = O_RDONLY, .resolve = 1 << 30}), -EINVAL);
}

TEST_P(driver_files, statx_fills_in_what_was_asked_for) {
    const temporary_folder folder;
    const unique_fd file{open_in(folder.fd(), "file", {.flags = O_RDWR | O_CREAT, .mode = 0600})};
    test::put(file.get(), "twelve bytes");
    struct statx facts{};
    operation ask{.kind = op_kind::statx,
                  .fd = folder.fd(),
                  .flags = AT_SYMLINK_NOFOLLOW,
                  .length = STATX_SIZE,
                  .address = const_cast<char*>("file"),
                  .extra = &facts};
    EXPECT_EQ(run(ask), 0);
    EXPECT_EQ(facts.stx_size, 12U);
    ask.address = const_cast<char*>("nothing");
    EXPECT_EQ(run(ask), -ENOENT);
}

TEST_P(driver_files, splice_moves_from_a_file_through_a_pipe) {
    const std::string text = test::pattern(10'000);
    const unique_fd file = test::file_with(text);
    const fd_pair pipe = test::pipe_pair();
    const fd_pair pair = test::unix_pair();
    EXPECT_EQ(run(splice_of(file.get(), pipe.far.get(), 5000, 1000)), 5000);
    EXPECT_EQ(run(splice_of(pipe.near.get(), pair.near.get(), 5000)), 5000);
    EXPECT_TRUE(test::get(pair.far.get(), 5000) == text.substr(1000, 5000));
    EXPECT_EQ(run(splice_of(file.get(), pipe.far.get(), 5000, 10'000)), 0);
    EXPECT_EQ(run(splice_of(file.get(), pair.near.get(), 5000, 0)), -EINVAL);
}

TEST_P(driver_files, splice_waits_for_either_end) {
    const fd_pair pipe = test::pipe_pair();
    const fd_pair pair = test::tcp_pair();  // Full Unix sockets take more before Linux 6.5.
    test::shrink_buffers(pair);
    tracked_operation splice{splice_of(pipe.near.get(), pair.near.get(), 4)};
    submit(splice);
    settle();
    EXPECT_FALSE(splice.done());
    test::put(pipe.far.get(), "data");
    run_until([&] { return splice.done(); });
    EXPECT_EQ(splice.result(), 4);
    EXPECT_EQ(test::get(pair.far.get(), 4), "data");

    const std::size_t filled = test::fill(pair.near.get());
    test::put(pipe.far.get(), "more");
    submit(splice);
    settle();
    EXPECT_FALSE(splice.done());
    EXPECT_EQ(test::get(pair.far.get(), filled).size(), filled);
    run_until([&] { return splice.done(); });
    EXPECT_EQ(splice.result(), 4);
    EXPECT_EQ(test::get(pair.far.get(), 4), "more");
}

// More splices that wait than there are workers: they must not keep others from being served.
TEST_P(driver_files, a_full_socket_does_not_keep_a_worker) {
    use({.buffer_count = 2, .worker_threads = 1});
    const unique_fd file = test::file_with("some text");
    const fd_pair pipe = test::pipe_pair();
    const fd_pair pair = test::tcp_pair();
    test::shrink_buffers(pair);
    test::fill(pair.near.get());
    test::put(pipe.far.get(), "data");
    tracked_operation splice{splice_of(pipe.near.get(), pair.near.get(), 4)};
    submit(splice);
    EXPECT_EQ(run({.kind = op_kind::fsync, .fd = file.get()}), 0);
    EXPECT_FALSE(splice.done());
    while (!splice.done()) {
        static_cast<void>(test::get_now(pair.far.get()));
        ring().turn(nanoseconds::zero());
    }
    EXPECT_EQ(splice.result(), 4);
}

TEST_P(driver_files, waiting_splices_do_not_block_other_work) {
    const unique_fd file = test::file_with("some text");
    std::deque<fd_pair> pipes;
    std::deque<fd_pair> pairs;
    std::deque<tracked_operation> splices;
    for (int i = 0; i < 8; ++i) {
        const fd_pair& pipe = pipes.emplace_back(test::pipe_pair());
        const fd_pair& pair = pairs.emplace_back(test::unix_pair());
        submit(splices.emplace_back(splice_of(pipe.near.get(), pair.near.get(), 4)));
    }
    EXPECT_EQ(run({.kind = op_kind::fsync, .fd = file.get()}), 0);
    for (std::size_t i = 0; i < splices.size(); ++i) {
        EXPECT_FALSE(splices[i].done());
        test::put(pipes[i].far.get(), "data");
        run_until([&] { return splices[i].done(); });
        EXPECT_EQ(splices[i].result(), 4);
    }
}

TEST_P(driver_files, sendfile_sends_a_part_of_a_file) {
    const std::string text = test::pattern(10'000);
    const unique_fd file = test::file_with(text);
    const fd_pair pair = test::tcp_pair();
    EXPECT_EQ(run(sendfile_of(pair.near.get(), file.get(), 2000, 3000)), 3000);
    EXPECT_TRUE(test::get(pair.far.get(), 3000) == text.substr(2000, 3000));
    EXPECT_EQ(run(sendfile_of(pair.near.get(), file.get(), 9000, 3000)), 1000);
    EXPECT_EQ(run(sendfile_of(pair.near.get(), file.get(), 10'000, 3000)), 0);
    EXPECT_EQ(run(sendfile_of(pair.near.get(), -1, 0, 3000)), -EBADF);
}

TEST_P(driver_files, sendfile_waits_for_a_slow_reader) {
    const std::string text = test::pattern(2'000'000);
    const unique_fd file = test::file_with(text);
    const fd_pair pair = test::tcp_pair();
    test::shrink_buffers(pair);
    std::string got;
    std::thread reader;
    std::size_t sent = 0;
    while (sent < text.size()) {
        tracked_operation part{sendfile_of(pair.near.get(), file.get(), sent, text.size() - sent)};
        submit(part);
        settle();
        if (!part.done() && !reader.joinable()) {  // Full: from here on somebody reads.
            reader = std::thread{[&] { got = test::get(pair.far.get(), text.size()); }};
        }
        run_until([&] { return part.done(); });
        ASSERT_GT(part.result(), 0);
        sent += static_cast<std::size_t>(part.result());
    }
    ASSERT_TRUE(reader.joinable());
    reader.join();
    EXPECT_TRUE(got == text);
}

TEST_P(driver_files, sendfile_to_a_peer_that_is_gone_is_an_error_and_no_signal) {
    const unique_fd file = test::file_with("text");
    fd_pair pair = test::unix_pair();
    pair.far.reset();
    EXPECT_EQ(run(sendfile_of(pair.near.get(), file.get(), 0, 4)), -EPIPE);
}

}  // namespace
}  // namespace ringway
