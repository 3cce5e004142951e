#include "monitor/network_namespaces.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace ringway::monitor {
namespace {

ino_t here() {
    struct stat about{};
    ::stat("/proc/thread-self/ns/net", &about);
    return about.st_ino;
}

TEST(network_namespaces, visits_ours_once_and_comes_back) {
    const ino_t before = here();
    std::vector<ino_t> seen;
    const auto own = static_cast<std::uint32_t>(::getpid());
    const auto counts = visit_networks({own, own}, 1, [&seen] { seen.push_back(here()); });
    EXPECT_EQ(counts.visited, std::set<std::uint64_t>{before});
    EXPECT_EQ(seen, std::vector<ino_t>{before});
    EXPECT_EQ(here(), before);
}

}  // namespace
}  // namespace ringway::monitor
