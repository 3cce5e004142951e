#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>

#include "lab/datagram_load.hpp"
#include "lab/program_versions.hpp"
#include "lab/veth_pair.hpp"
#include "support/need_bpf.hpp"

namespace ringway::lab {
namespace {

// Says a word of its own before each answer.
std::string chatter(const std::function<void()>& ready) {
    const unique_fd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(datagram_port);
    ::inet_pton(AF_INET, veth_server_address, &here.sin_addr);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) {
        return "no UDP socket";
    }
    ready();
    for (;;) {
        datagram content{};
        sockaddr_in from{};
        socklen_t size = sizeof from;
        auto* const who = reinterpret_cast<sockaddr*>(&from);
        if (::recvfrom(fd.get(), content.data(), content.size(), 0, who, &size) > 0) {
            ::sendto(fd.get(), "word", 4, 0, who, size);
            ::sendto(fd.get(), content.data(), content.size(), 0, who, size);
        }
    }
}

[[noreturn]] void ask_who_chatters(datagram_way way) {
    const auto peer = veth_peer::start(0, chatter);
    auto client = peer ? make_xdp_client(way) : std::unexpected{peer.error()};
    if (!client) {
        fmt::print(stderr, "no client: {}\n", client.error());
        ::_exit(1);
    }
    const auto found = ask(**client, {.way = way, .seconds = 0.1, .warm_up = 0}, peer->id());
    fmt::print(stderr, "{} answers, {} did not come\n", found.operations, found.failed);
    ::_exit(found.operations > 0 ? 0 : 1);
}

class xdp_datagrams : public ::testing::TestWithParam<datagram_way> {};

// Packets of somebody else are no answers, and no sign that there is none.
TEST_P(xdp_datagrams, packets_of_others_are_passed_over) {
    if (::geteuid() != 0 || find_program("ip").empty()) {
        GTEST_SKIP() << "network namespaces and BPF need root and the program ip";
    }
    RW_NEED_BPF();
    EXPECT_EXIT(ask_who_chatters(GetParam()), ::testing::ExitedWithCode(0),
                "answers, 0 did not come");
}

INSTANTIATE_TEST_SUITE_P(ways, xdp_datagrams,
                         ::testing::Values(datagram_way::xdp_waiting, datagram_way::xdp,
                                           datagram_way::xdp_generic));

}  // namespace
}  // namespace ringway::lab
