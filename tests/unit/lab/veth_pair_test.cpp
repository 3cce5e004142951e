#include "lab/veth_pair.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "lab/program_versions.hpp"

namespace ringway::lab {
namespace {

std::string ipv6_is_off() {
    std::ifstream setting{"/proc/sys/net/ipv6/conf/" + std::string{veth_name} + "/disable_ipv6"};
    return {std::istreambuf_iterator<char>{setting}, {}};
}

// What each end says of its interface, "" in a kernel without IPv6.
[[noreturn]] void tell_of_both_ends() {
    const auto peer = veth_peer::start(0, [](const auto&) { return "there: " + ipv6_is_off(); });
    const bool there = !peer && (peer.error() == "there: 1\n" || peer.error() == "there: ");
    const auto here = ipv6_is_off();
    ::_exit(there && (here == "1\n" || here.empty()) ? 0 : 1);
}

// A packet of IPv6's own, as it looks for its neighbours, would be taken for an answer.
TEST(veth_pair, neither_end_speaks_by_itself) {
    if (::geteuid() != 0 || find_program("ip").empty()) {
        GTEST_SKIP() << "network namespaces need root and the program ip";
    }
    EXPECT_EXIT(tell_of_both_ends(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace ringway::lab
