#include "copy/compare.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

#include "support/made_file.hpp"
#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

unique_fd opened(const std::string& path) {
    return unique_fd{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
}

TEST(common_prefix, ends_at_the_block_that_differs) {
    const test::scratch_directory directory;
    std::string content = test::pattern(1'000'000);
    directory.write("one", content);
    content[600'000] = '\0';
    directory.write("other", content);
    const unique_fd one = opened(directory.at("one"));
    const unique_fd other = opened(directory.at("other"));
    std::atomic<bool> stop{false};

    EXPECT_EQ(common_prefix(one.get(), other.get(), 1'000'000, stop).value_or(1), 2U * 262'144);
    EXPECT_EQ(common_prefix(one.get(), one.get(), 1'000'000, stop).value_or(1), 1'000'000U);
    ASSERT_EQ(::ftruncate(other.get(), 300'000), 0);
    EXPECT_EQ(common_prefix(one.get(), other.get(), 1'000'000, stop).value_or(1), 300'000U);
    stop = true;
    EXPECT_EQ(common_prefix(one.get(), other.get(), 9, stop).error().code, errc::canceled);
}

// The sums of FIPS 180-4's examples.
TEST(sha256_of, is_sha256) {
    const test::scratch_directory directory;
    directory.write("empty", "");
    directory.write("abc", "abc");
    directory.write("million", std::string(1'000'000, 'a'));
    const std::atomic<bool> stop{false};
    const auto sum = [&](const char* name, bool from_storage) {
        const unique_fd file = opened(directory.at(name));
        return sha256_of(file.get(), from_storage, stop).value_or("");
    };

    EXPECT_EQ(sum("empty", false),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sum("abc", true), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sum("million", true),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace
}  // namespace ringway
