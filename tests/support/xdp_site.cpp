#include "support/xdp_site.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

#include <ringway/net/endpoint.hpp>

#include "support/patience.hpp"

namespace ringway::test {
namespace {

constexpr std::uint16_t port = 7000;
constexpr std::size_t datagram_max = 65536;

}  // namespace

udp_end::udp_end(const virtual_network& network) {
    network.in(net_side::far, [this] {
        fd_ = unique_fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        const endpoint peer = *parse_endpoint("10.77.0.1:7000");
        EXPECT_EQ(::connect(fd_.get(), peer.address(), peer.size()), 0);
    });
}

void udp_end::send(std::string_view text) const {
    EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()))
        << errno;
}

std::string udp_end::receive() const {
    pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(patience());
    if (::poll(&ready, 1, static_cast<int>(wait.count())) != 1) {
        return "(nothing)";
    }
    std::string text(datagram_max, '\0');
    const ssize_t length = ::recv(fd_.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    return text;
}

bool udp_end::has_received() const {
    pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&ready, 1, 0) == 1;
}

xdp::steering_options steer_udp_7000() {
    return {.matched = xdp::verdict::to_socket,
            .rules = {{.ip_version = 4, .protocol = 17, .target_port = port}}};
}

xdp_site::xdp_site(const virtual_network& network, const xdp_site_options& options) {
    network.in(net_side::near, [&] { make(options); });
}

xdp_site::~xdp_site() {
    if (program_ != nullptr) {
        program_->detach();
    }
}

void xdp_site::make(const xdp_site_options& options) {
    auto memory = xdp::umem::make(options.memory);
    auto program = xdp::steering::load(steer_udp_7000());
    const auto near = bpf::find_interface("near");
    ASSERT_TRUE(memory.has_value()) << memory.error().text;
    ASSERT_TRUE(program.has_value()) << program.error().text;
    ASSERT_TRUE(near.has_value()) << near.error().text;
    memory_ = *std::move(memory);
    program_ = *std::move(program);
    for (unsigned queue = 0; queue < near->receive_queues; ++queue) {
        auto how = options.socket;
        how.queue = queue;
        auto made = xdp::xdp_socket::open(*memory_, *near, how);
        ASSERT_TRUE(made.has_value()) << made.error().text;
        const auto added = program_->add(**made);
        ASSERT_TRUE(added.has_value()) << added.error().text;
        sockets_.push_back(*std::move(made));
    }
    const auto attached = program_->attach(*near, {.mode = options.mode});
    ASSERT_TRUE(attached.has_value()) << attached.error().text;
    is_ready_ = true;
}

void turn_around(xdp::packet& one) {
    std::byte* const at = one.data;
    std::swap_ranges(at, at + 6, at + 6);
    std::swap_ranges(at + 26, at + 30, at + 30);
    std::swap_ranges(at + 34, at + 36, at + 36);
}

}  // namespace ringway::test
