#include <ringway/base/result.hpp>

#include <cerrno>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace ringway {
namespace {

TEST(result, error_is_small_and_trivially_copyable) {
    EXPECT_EQ(sizeof(error), 8U);
    EXPECT_TRUE(std::is_trivially_copyable_v<error>);
    EXPECT_EQ(error{}.code, errc::none);
}

TEST(result, errno_keeps_its_number_and_gets_a_code) {
    const std::pair<int, errc> cases[] = {
        {ECANCELED, errc::canceled},
        {ETIMEDOUT, errc::timed_out},
        {ETIME, errc::timed_out},
        {EPIPE, errc::closed},
        {ECONNRESET, errc::closed},
        {ECONNABORTED, errc::closed},
        {ENOTCONN, errc::closed},
        {ENOENT, errc::not_found},
        {ENOTDIR, errc::not_found},
        {EACCES, errc::not_permitted},
        {EPERM, errc::not_permitted},
        {ELOOP, errc::not_permitted},
        {EXDEV, errc::not_permitted},
        {EAGAIN, errc::would_block},
        {ENOBUFS, errc::out_of_buffers},
        {EINVAL, errc::invalid_argument},
        {EOPNOTSUPP, errc::unsupported},
        {ENOSYS, errc::unsupported},
        {EIO, errc::system},
    };
    for (const auto& [sys, code] : cases) {
        EXPECT_EQ(error_from_errno(sys), (error{code, sys})) << std::strerror(sys);
    }
}

TEST(result, fail_makes_an_unexpected_value) {
    const result<int> plain = fail(errc::truncated);
    const result<int> from_kernel = fail_errno(ENOENT);
    ASSERT_FALSE(plain.has_value());
    EXPECT_EQ(plain.error(), (error{errc::truncated, 0}));
    ASSERT_FALSE(from_kernel.has_value());
    EXPECT_EQ(from_kernel.error(), (error{errc::not_found, ENOENT}));
}

TEST(result, describe_names_the_code_and_the_errno) {
    EXPECT_EQ(describe({errc::limit, 0}), "limit");
    EXPECT_EQ(describe({errc::closed, EPIPE}), std::string{"closed: "} + std::strerror(EPIPE));
}

// Goal: nobody adds a code and forgets its name.
TEST(result, every_code_has_a_name_of_its_own) {
    std::string seen = " ";
    for (int i = 0; i <= static_cast<int>(errc::unsupported); ++i) {
        const auto name = std::string{name_of(static_cast<errc>(i))};
        EXPECT_NE(name, "unknown") << i;
        EXPECT_EQ(seen.find(" " + name + " "), std::string::npos) << name;
        seen += name + " ";
    }
    EXPECT_EQ(name_of(static_cast<errc>(999)), "unknown");
}

}  // namespace
}  // namespace ringway
