#include "ring/simulated_files.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::detail {
namespace {

operation made(op_kind kind, int fd, void* address = nullptr, std::uint32_t length = 0,
               std::uint64_t offset = 0) {
    operation op;
    op.kind = kind;
    op.fd = fd;
    op.address = address;
    op.length = length;
    op.offset = offset;
    return op;
}

int perform(const operation& op) { return perform_on_file(op, op.length); }

class simulated_files : public ::testing::Test {
protected:
    simulated_files() {
        std::string name = ::testing::TempDir() + "ringway_simulated_files_XXXXXX";
        file_ = unique_fd{::mkstemp(name.data())};
        path_ = name;
    }
    ~simulated_files() override { ::unlink(path_.c_str()); }

    unique_fd file_;
    std::string path_;
};

TEST_F(simulated_files, write_read_and_sync) {
    std::string out = "0123456789";
    std::string in(4, ' ');
    EXPECT_EQ(perform(made(op_kind::write, file_.get(), out.data(), 10)), 10);
    EXPECT_EQ(perform(made(op_kind::read, file_.get(), in.data(), 4, 3)), 4);
    EXPECT_EQ(in, "3456");
    EXPECT_EQ(perform_on_file(made(op_kind::read, file_.get(), in.data(), 4, 8), 1), 1);
    EXPECT_EQ(perform(made(op_kind::read, file_.get(), in.data(), 4, 10)), 0);
    EXPECT_EQ(perform(made(op_kind::fsync, file_.get())), 0);
    EXPECT_EQ(perform(made(op_kind::read, -1, in.data(), 4)), -EBADF);
}

TEST_F(simulated_files, open_and_stat) {
    open_how how{.flags = O_RDONLY | O_CLOEXEC, .mode = 0, .resolve = 0};
    operation op = made(op_kind::openat2, AT_FDCWD, path_.data());
    op.extra = &how;
    const int opened = perform(op);
    ASSERT_GE(opened, 0);
    EXPECT_EQ(perform(made(op_kind::close, opened)), 0);

    struct statx facts{};
    op = made(op_kind::statx, AT_FDCWD, path_.data(), STATX_SIZE);
    op.extra = &facts;
    EXPECT_EQ(::ftruncate(file_.get(), 77), 0);
    EXPECT_EQ(perform(op), 0);
    EXPECT_EQ(facts.stx_size, 77U);

    std::string missing = path_ + "_missing";
    op = made(op_kind::openat2, AT_FDCWD, missing.data());
    op.extra = &how;
    EXPECT_EQ(perform(op), -ENOENT);
}

TEST_F(simulated_files, pipes_say_when_they_would_wait) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const unique_fd in{ends[0]};
    const unique_fd out{ends[1]};
    std::string text = "abc";
    std::string got(3, ' ');
    operation poll = made(op_kind::poll, in.get());
    poll.flags = POLLIN;
    operation read = made(op_kind::read, in.get(), got.data(), 3, operation::no_offset);
    EXPECT_EQ(perform(poll), -EAGAIN);
    EXPECT_EQ(perform(read), -EAGAIN);
    EXPECT_EQ(perform(made(op_kind::write, out.get(), text.data(), 3, operation::no_offset)), 3);
    EXPECT_EQ(perform(poll), POLLIN);
    EXPECT_EQ(perform(read), 3);
    EXPECT_EQ(got, text);
}

TEST_F(simulated_files, splices_from_a_file_to_a_pipe) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const unique_fd in{ends[0]};
    const unique_fd out{ends[1]};
    ASSERT_EQ(::pwrite(file_.get(), "0123456789", 10, 0), 10);
    operation op = made(op_kind::splice, file_.get(), nullptr, 5, 2);
    op.other_fd = out.get();
    EXPECT_EQ(perform(op), 5);
    char got[5];
    ASSERT_EQ(::read(in.get(), got, 5), 5);
    EXPECT_EQ((std::string_view{got, 5}), "23456");
    op = made(op_kind::splice, in.get(), nullptr, 5, operation::no_offset);
    op.other_fd = file_.get();
    EXPECT_EQ(perform(op), -EAGAIN);
}

TEST_F(simulated_files, short_direct_transfers_stay_aligned) {
    EXPECT_EQ(aligned_part(file_.get(), 5000, 16384), 5000U);
    const unique_fd direct{::open(path_.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC)};
    if (!direct) {
        GTEST_SKIP() << "the file system has no direct I/O";
    }
    EXPECT_EQ(aligned_part(direct.get(), 5000, 16384), 4096U);
    EXPECT_EQ(aligned_part(direct.get(), 100, 16384), 16384U);
}

}  // namespace
}  // namespace ringway::detail
