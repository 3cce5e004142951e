#include <bpf/libbpf.h>
#include <gtest/gtest.h>

#include <array>
#include <ringway/bpf/bpf_log.hpp>

namespace ringway::bpf {
namespace {

TEST(bpf_log, keeps_why_libbpf_refused) {
    const std::array<char, 64> no_object{"this is no ELF file"};
    bpf_log log;
    EXPECT_EQ(bpf_object__open_mem(no_object.data(), no_object.size(), nullptr), nullptr);
    EXPECT_NE(log.text().find("libbpf:"), std::string::npos) << log.text();
    EXPECT_FALSE(log.reason().empty());
}

TEST(bpf_log, is_silent_when_nothing_went_wrong) {
    const bpf_log log;
    EXPECT_EQ(log.text(), "");
    EXPECT_EQ(log.reason(), "");
}

}  // namespace
}  // namespace ringway::bpf
