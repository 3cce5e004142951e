// Tests of what only newer kernels have. Where trying it would do as well as asking for a version,
// try it: but a test that skips whenever its subject is refused can't fail.
#pragma once

#include <charconv>
#include <gtest/gtest.h>
#include <string_view>
#include <sys/utsname.h>

// Ends a test as skipped, with the reason, on kernels older than that.
#define RW_NEED_KERNEL(major, minor, what)                      \
    if (!::ringway::test::kernel_is_at_least(major, minor)) {   \
        GTEST_SKIP() << what " needs Linux " #major "." #minor; \
    }                                                           \
    static_assert(true)

namespace ringway::test {

[[nodiscard]] inline bool kernel_is_at_least(int major, int minor) {
    utsname about{};
    ::uname(&about);
    const std::string_view release{&about.release[0]};
    const char* const end = release.data() + release.size();
    int numbers[2] = {0, 0};
    const auto first = std::from_chars(release.data(), end, numbers[0]);
    if (first.ptr != end) {
        std::from_chars(first.ptr + 1, end, numbers[1]);
    }
    return numbers[0] > major || (numbers[0] == major && numbers[1] >= minor);
}

}  // namespace ringway::test
