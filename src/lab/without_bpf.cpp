// What stands in for AF_XDP in a build without BPF.
#include "lab/datagram_load.hpp"

namespace ringway::lab {
namespace {

constexpr const char* why_not =
    "this program was built without BPF (./dev setup installs what that needs)";

}  // namespace

std::string serve_xdp_datagrams(datagram_way, const std::function<void()>&) { return why_not; }

outcome<std::unique_ptr<datagram_client>> make_xdp_client(datagram_way) {
    return std::unexpected{std::string{why_not}};
}

}  // namespace ringway::lab
