// The contract of drivers for buffers and files that are enrolled beforehand, and for changes of
// directories and sizes.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <ringway/ring/driver.hpp>
#include <ringway/ring/enrolled.hpp>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::read_into;
using test::write_of;

struct driver_fixed : test::driver_contract {
    void SetUp() override {
        test::driver_contract::SetUp();
        if (!IsSkipped()) {
            driver::set_current(&ring());
        }
    }
    void TearDown() override {
        driver::set_current(nullptr);
        test::driver_contract::TearDown();
    }
};
RW_TEST_EACH_DRIVER(driver_fixed);

TEST_P(driver_fixed, enrolled_ones_read_and_write_the_same) {
    const std::string text = test::pattern(100'000);
    const unique_fd file = test::file_with(text);
    std::string memory(100'000, '?');
    const enrolled_buffer buffer{{reinterpret_cast<std::byte*>(memory.data()), memory.size()}};
    const enrolled_file enrolled{file.get()};
    if (is_epoll()) {
        EXPECT_EQ(buffer.why_not().code, errc::unsupported);
        EXPECT_EQ(buffer.slot(), operation::no_slot);
        EXPECT_EQ(enrolled.why_not().code, errc::unsupported);
    } else {
        EXPECT_EQ(buffer.why_not(), error{});
        EXPECT_EQ(enrolled.why_not(), error{});
    }
    operation read = read_into(file.get(), memory, 0);
    read.buffer_slot = buffer.slot();
    read.file_slot = enrolled.slot();
    EXPECT_EQ(run(read), 100'000);
    EXPECT_TRUE(memory == text);
    std::memset(memory.data(), 'w', 1000);
    operation write = write_of(file.get(), memory, 50'000);
    write.length = 1000;
    write.buffer_slot = buffer.slot();
    write.file_slot = enrolled.slot();
    EXPECT_EQ(run(write), 1000);
    std::string back(1000, '?');
    EXPECT_EQ(::pread(file.get(), back.data(), 1000, 50'000), 1000);
    EXPECT_EQ(back, std::string(1000, 'w'));
}

TEST_P(driver_fixed, numbers_are_used_again_and_are_bounded) {
    std::vector<std::byte> memory(4096);
    const auto first = ring().enroll_buffer(memory);
    if (!first) {
        GTEST_SKIP() << describe(first.error());
    }
    ring().dismiss_buffer(*first);
    std::vector<std::uint16_t> slots;
    for (;;) {
        const auto slot = ring().enroll_buffer(memory);
        if (!slot) {
            EXPECT_EQ(slot.error().code, errc::limit);
            break;
        }
        slots.push_back(*slot);
    }
    EXPECT_EQ(slots.size(), driver::slots_max);
    for (const std::uint16_t slot : slots) {
        ring().dismiss_buffer(slot);
    }
    EXPECT_FALSE(ring().enroll_file(-1).has_value());
}

// Goal: without the right to lock memory everything goes on, and the reason is told.
TEST_P(driver_fixed, too_little_lockable_memory_is_a_reason_to_go_without) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &before), 0);
    if (::geteuid() != 0 || is_epoll()) {
        GTEST_SKIP() << "needs to give up being root, on io_uring";
    }
    const rlimit little{1 << 20, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &little), 0);
    ASSERT_EQ(::seteuid(65534), 0);
    use({.submission_entries = 8, .completion_entries = 64, .buffer_count = 2, .buffer_bytes = 64});
    error why;
    if (!IsSkipped()) {
        driver::set_current(&ring());
        std::vector<std::byte> memory(8 << 20);
        why = enrolled_buffer{memory}.why_not();
    }
    ASSERT_EQ(::seteuid(0), 0);
    ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &before), 0);
    if (!IsSkipped()) {
        EXPECT_EQ(why.sys, ENOMEM) << describe(why);
    }
}

TEST_P(driver_fixed, a_file_outlives_its_descriptor_while_enrolled) {
    unique_fd file = test::file_with("content");
    const int number = file.get();
    const auto slot = ring().enroll_file(number);
    if (!slot) {
        GTEST_SKIP() << describe(slot.error());
    }
    file.reset();
    std::string target(7, '?');
    operation read = read_into(number, target, 0);
    read.file_slot = *slot;
    EXPECT_EQ(run(read), 7);
    EXPECT_EQ(target, "content");
    ring().dismiss_file(*slot);
    EXPECT_EQ(run(read_into(number, target, 0)), -EBADF);
}

TEST_P(driver_fixed, polled_reads_end_one_way_or_the_other) {
    const auto enabled = ring().enable_polling();
    if (!enabled) {
        GTEST_SKIP() << describe(enabled.error());
    }
    EXPECT_TRUE(ring().enable_polling().has_value());  // Twice is as once.
    const unique_fd file = test::file_with(test::pattern(10'000));
    std::string target(4096, '?');
    operation read = read_into(file.get(), target, 0);
    read.polled = true;
    EXPECT_EQ(run(read), -EOPNOTSUPP);  // tmpfs has no device.
    EXPECT_EQ(run({.kind = op_kind::nop}), 0);
}

TEST_P(driver_fixed, sizes_and_storage_change) {
    const unique_fd file = test::file_with("0123456789");
    EXPECT_EQ(run({.kind = op_kind::ftruncate, .fd = file.get(), .size = 4}), 0);
    struct stat facts{};
    ASSERT_EQ(::fstat(file.get(), &facts), 0);
    EXPECT_EQ(facts.st_size, 4);
    EXPECT_EQ(run({.kind = op_kind::fallocate, .fd = file.get(), .offset = 0, .size = 100'000}), 0);
    ASSERT_EQ(::fstat(file.get(), &facts), 0);
    EXPECT_EQ(facts.st_size, 100'000);
    EXPECT_EQ(run({.kind = op_kind::fadvise, .fd = file.get(), .flags = POSIX_FADV_DONTNEED}), 0);
    EXPECT_EQ(run({.kind = op_kind::ftruncate, .fd = -1, .size = 4}), -EBADF);
    const unique_fd read_only{::open("/etc/passwd", O_RDONLY | O_CLOEXEC)};
    EXPECT_EQ(run({.kind = op_kind::fallocate, .fd = read_only.get(), .size = 1}), -EBADF);
}

TEST_P(driver_fixed, names_change) {
    const test::scratch_directory scratch;
    scratch.write("a", "1");
    const unique_fd folder{::open(scratch.path().c_str(), O_DIRECTORY | O_PATH | O_CLOEXEC)};
    const auto change = [&](op_kind kind, const char* name, const char* other = nullptr,
                            std::uint32_t flags = 0) {
        return run({.kind = kind,
                    .fd = folder.get(),
                    .other_fd = folder.get(),
                    .flags = flags,
                    .address = const_cast<char*>(name),
                    .extra = const_cast<char*>(other)});
    };
    EXPECT_EQ(change(op_kind::link, "a", "b"), 0);
    EXPECT_EQ(change(op_kind::link, "a", "b"), -EEXIST);
    EXPECT_EQ(change(op_kind::rename, "a", "c"), 0);
    EXPECT_EQ(change(op_kind::rename, "a", "c"), -ENOENT);
    EXPECT_EQ(change(op_kind::mkdir, "d", nullptr, 0700), 0);
    EXPECT_EQ(change(op_kind::unlink, "d"), -EISDIR);
    EXPECT_EQ(change(op_kind::unlink, "d", nullptr, AT_REMOVEDIR), 0);
    EXPECT_EQ(change(op_kind::unlink, "b"), 0);
    EXPECT_EQ(change(op_kind::unlink, "c"), 0);
}

}  // namespace
}  // namespace ringway
