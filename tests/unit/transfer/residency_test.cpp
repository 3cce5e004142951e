#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/uio.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/transfer/transfer.hpp>

#include "support/file_systems.hpp"
#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

constexpr std::size_t size = 1'000'000;

TEST(residency, what_was_just_written_is_in_the_page_cache) {
    test::scratch_directory directory;
    directory.write("file", std::string(size, 'x'));
    const unique_fd file{::open(directory.at("file").c_str(), O_RDONLY)};
    char byte = 0;
    const iovec part{&byte, 1};
    if (::preadv2(file.get(), &part, 1, 0, RWF_NOWAIT) < 0) {
        GTEST_SKIP() << "skipped: this file system has no RWF_NOWAIT";
    }

    EXPECT_TRUE(is_resident(file.get(), {0, size}));
    EXPECT_TRUE(is_resident(file.get(), {size - 1, 1}));
}

// Goal: sendfile(2) is not used where it would hold the shard up for the disk.
TEST(residency, what_was_dropped_from_the_page_cache_is_not) {
    test::scratch_directory directory;
    directory.write("file", std::string(size, 'x'));
    const unique_fd file{::open(directory.at("file").c_str(), O_RDWR)};
    ::fsync(file.get());
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    if (test::temporary_files_stay_in_memory()) {
        GTEST_SKIP() << "the temporary folder is on tmpfs: what is there is nowhere else";
    }

    EXPECT_FALSE(is_resident(file.get(), {0, size}));
}

TEST(residency, of_a_file_that_can_not_be_read_is_unknown) {
    EXPECT_FALSE(is_resident(-1, {0, size}));
}

}  // namespace
}  // namespace ringway
