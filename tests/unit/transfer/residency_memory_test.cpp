#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/uio.h>
#include <unistd.h>

#include <ringway/transfer/residency_memory.hpp>
#include <ringway/transfer/transfer.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

// Larger than any folio, which is dropped as a whole only.
constexpr std::uint64_t part = 4 * 1024 * 1024;

// A file of four parts whose pages can be dropped; not on file systems that keep them.
class residency_memory_test : public testing::Test {
protected:
    void SetUp() override {
        directory_.write("file", std::string(4 * part, 'x'));
        file_ = open_again();
        ::fsync(file_->fd());
        drop(0, 4 * part);
        if (is_resident(file_->fd(), {0, part})) {
            GTEST_SKIP() << "skipped: this file system keeps its files in memory";
        }
        read_all_of_it();
        char byte = 0;
        const iovec first{&byte, 1};
        if (::preadv2(file_->fd(), &first, 1, 0, RWF_NOWAIT) < 0) {  // tmpfs before Linux 6.5.
            GTEST_SKIP() << "skipped: this file system has no RWF_NOWAIT";
        }
        ASSERT_TRUE(is_resident(file_->fd(), {0, 4 * part}));
    }

    file_ref open_again() {
        return make_shared_here<shared_file>(
            unique_fd{::open(directory_.at("file").c_str(), O_RDWR)});
    }
    void drop(std::uint64_t offset, std::uint64_t length) const {
        ::posix_fadvise(file_->fd(), static_cast<off_t>(offset), static_cast<off_t>(length),
                        POSIX_FADV_DONTNEED);
    }
    void read_all_of_it() const {
        std::string memory(4 * part, '\0');
        ASSERT_EQ(::pread(file_->fd(), memory.data(), memory.size(), 0), ssize_t{4 * part});
    }

    test::scratch_directory directory_;
    file_ref file_;
    residency_memory memory_;
    nanoseconds now_{1'000'000'000};
};

TEST_F(residency_memory_test, what_was_there_is_trusted_for_a_while) {
    EXPECT_TRUE(memory_.is_resident(*file_, {0, part}, now_));
    drop(0, 4 * part);
    const auto last = now_ + residency_memory::trusted_for - nanoseconds{1};
    EXPECT_TRUE(memory_.is_resident(*file_, {0, part}, last));
    EXPECT_TRUE(memory_.is_resident(*file_, {part / 2, 1}, last));
    EXPECT_FALSE(memory_.is_resident(*file_, {0, part}, last + nanoseconds{1}));
    // And then it is forgotten.
    EXPECT_FALSE(memory_.is_resident(*file_, {0, part}, now_));
}

TEST_F(residency_memory_test, what_follows_is_asked_for) {
    EXPECT_TRUE(memory_.is_resident(*file_, {part, part}, now_));
    drop(0, part);
    drop(3 * part, part);
    EXPECT_TRUE(memory_.is_resident(*file_, {part + 5, part}, now_));
    EXPECT_FALSE(memory_.is_resident(*file_, {2 * part, 2 * part}, now_));
    EXPECT_FALSE(memory_.is_resident(*file_, {0, part}, now_)) << "in front of what is known";
}

TEST_F(residency_memory_test, of_another_opening_nothing_is_known) {
    EXPECT_TRUE(memory_.is_resident(*file_, {0, part}, now_));
    drop(0, 4 * part);
    EXPECT_FALSE(memory_.is_resident(*open_again(), {0, part}, now_));
}

TEST_F(residency_memory_test, what_is_not_there_is_not_remembered) {
    drop(0, 4 * part);
    EXPECT_FALSE(memory_.is_resident(*file_, {0, part}, now_));
    read_all_of_it();
    EXPECT_TRUE(memory_.is_resident(*file_, {0, part}, now_));
}

}  // namespace
}  // namespace ringway
