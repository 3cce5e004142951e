#include <ringway/bpf/bpf_ready.hpp>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/need_kernel.hpp"

namespace ringway::bpf {
namespace {

constexpr need everything = need::programs | need::tracing | need::xdp_socket;

// Runs `work` on a thread that has given up all of its capabilities.
template <class Work>
void without_capabilities(Work work) {
    std::thread{[&work] {
        __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
        __user_cap_data_struct none[2]{};
        ASSERT_EQ(::syscall(SYS_capset, &header, &none[0]), 0);
        work();
    }}.join();
}

TEST(bpf_ready, names_what_is_missing_and_the_command_that_gives_it) {
    without_capabilities([] {
        EXPECT_FALSE(has_capability(capability::bpf));
        EXPECT_FALSE(missing_capabilities(need::programs).empty());
        const auto ready = bpf_ready(everything);
        ASSERT_FALSE(ready.has_value());
        EXPECT_EQ(ready.error().why.code, errc::not_permitted);
        for (const char* const part : {"cap_bpf", "cap_net_admin", "cap_net_raw", "cap_perfmon",
                                       "run it as root", "sudo setcap", "=ep /"}) {
            EXPECT_NE(ready.error().text.find(part), std::string::npos) << ready.error().text;
        }
        EXPECT_EQ(ready.error().text.find('\n'), std::string::npos);
    });
}

TEST(bpf_ready, asks_only_for_what_is_wanted) {
    without_capabilities([] {
        const auto ready = bpf_ready(need::tracing);
        ASSERT_FALSE(ready.has_value());
        EXPECT_EQ(ready.error().text.find("cap_net_raw"), std::string::npos) << ready.error().text;
    });
}

TEST(bpf_ready, is_content_with_root) {
    if (::geteuid() != 0 || !missing_capabilities(everything).empty()) {
        GTEST_SKIP() << "needs root";
    }
    const auto ready = bpf_ready(everything);
    if (!test::kernel_is_at_least(5, 18)) {
        ASSERT_FALSE(ready.has_value());
        EXPECT_EQ(ready.error().why.code, errc::unsupported);
        EXPECT_NE(ready.error().text.find("needs Linux 5.18"), std::string::npos)
            << ready.error().text;
        EXPECT_TRUE(bpf_ready(need::tracing).has_value());
        return;
    }
    EXPECT_TRUE(ready.has_value()) << ready.error().text;
}

}  // namespace
}  // namespace ringway::bpf
