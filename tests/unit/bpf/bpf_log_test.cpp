#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <ringway/bpf/bpf_log.hpp>
#include <ringway/bpf/bpf_ready.hpp>
#include <string>
#include <vector>

namespace ringway::bpf {
namespace {

[[gnu::format(printf, 1, 2)]] void tell_as_libbpf(const char* format, ...) {
    const libbpf_print_fn_t hook = libbpf_set_print(nullptr);
    libbpf_set_print(hook);
    std::va_list arguments;
    va_start(arguments, format);
    hook(LIBBPF_WARN, format, arguments);
    va_end(arguments);
}

TEST(bpf_log, keeps_why_libbpf_refused) {
    const std::array<char, 64> no_object{"this is no ELF file"};
    bpf_log log;
    EXPECT_EQ(bpf_object__open_mem(no_object.data(), no_object.size(), nullptr), nullptr);
    EXPECT_NE(log.text().find("libbpf:"), std::string::npos) << log.text();
    EXPECT_FALSE(log.reason().empty());
}

// libbpf hands on the whole log of the verifier at once; what is wanted stands at its end.
TEST(bpf_log, keeps_the_end_of_a_log_of_any_length) {
    if (const auto ready = bpf_ready(need::programs); !ready) {
        GTEST_SKIP() << ready.error().text;
    }
    constexpr int branches = 2000;  // Of each the verifier tells a line or two.
    std::vector<bpf_insn> program;
    for (int i = 0; i < branches; ++i) {
        program.push_back({.code = BPF_ALU64 | BPF_MOV | BPF_K,
                           .dst_reg = static_cast<std::uint8_t>(i % 5),
                           .src_reg = 0,
                           .off = 0,
                           .imm = i});
    }
    program.push_back(  // Reads a register that nobody has written.
        {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 0, .src_reg = 9, .off = 0, .imm = 0});
    program.push_back({.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0});
    std::string said(std::size_t{1} << 20U, '\0');
    bpf_prog_load_opts how{};
    how.sz = sizeof how;
    how.log_buf = said.data();
    how.log_size = static_cast<std::uint32_t>(said.size());
    how.log_level = 1;
    ASSERT_LT(::bpf_prog_load(BPF_PROG_TYPE_XDP, "", "GPL", program.data(), program.size(), &how),
              0);
    said.resize(said.find('\0'));
    ASSERT_GT(said.size(), 20'000U);

    const bpf_log log;
    tell_as_libbpf("libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n%s-- END PROG LOAD LOG --\n",
                   said.c_str());
    tell_as_libbpf("libbpf: prog 'x': failed to load: %d\n", -13);
    EXPECT_EQ(log.reason(), "R9 !read_ok");
    EXPECT_EQ(log.reason_or(EACCES), "R9 !read_ok");
    EXPECT_LE(log.text().size(), 16U * 1024);
}

TEST(bpf_log, source_lines_are_no_reason) {
    const bpf_log log;
    tell_as_libbpf("%s", "R4 invalid zero-sized read\n; if (captured > room)\n; \n");
    tell_as_libbpf("%s", "processed 12 insns (limit 1000000)\n-- END PROG LOAD LOG --\n");
    EXPECT_EQ(log.reason(), "R4 invalid zero-sized read");
}

TEST(bpf_log, an_errno_is_better_than_no_reason) {
    const bpf_log log;
    EXPECT_EQ(log.reason_or(-EPERM), "Operation not permitted");
    EXPECT_EQ(log.reason_or(EPERM), "Operation not permitted");
}

TEST(bpf_log, is_silent_when_nothing_went_wrong) {
    const bpf_log log;
    EXPECT_EQ(log.text(), "");
    EXPECT_EQ(log.reason(), "");
}

}  // namespace
}  // namespace ringway::bpf
