// Stands for the tests of bpf, xdp, guard and monitor in a build that has no BPF programs.
#include <gtest/gtest.h>

namespace {

TEST(bpf, is_part_of_this_build) {
    GTEST_SKIP() << "built without BPF: configure says what was missing; ./dev setup installs it";
}

}  // namespace
