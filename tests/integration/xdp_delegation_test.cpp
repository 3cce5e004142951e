// Goal: a worker without any capability gets its packets by descriptors that were handed to it.
#include <array>
#include <cstring>
#include <linux/capability.h>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/bpf/bpf_ready.hpp>

#include "support/need_bpf.hpp"
#include "support/virtual_network.hpp"
#include "support/xdp_site.hpp"

namespace ringway::test {
namespace {

constexpr uid_t nobody = 65534;

// unix(7), SCM_RIGHTS.
union rights {
    std::array<char, CMSG_SPACE(2 * sizeof(int))> room{};
    cmsghdr aligned;
};

void hand_over(int to, std::array<int, 2> descriptors) {
    char byte = 'x';
    iovec part{&byte, 1};
    rights control;
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.room.data();
    message.msg_controllen = control.room.size();
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(descriptors));
    std::memcpy(CMSG_DATA(head), descriptors.data(), sizeof(descriptors));
    EXPECT_EQ(::sendmsg(to, &message, 0), 1);
}

std::array<int, 2> take_over(int from) {
    char byte = 0;
    iovec part{&byte, 1};
    rights control;
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.room.data();
    message.msg_controllen = control.room.size();
    std::array<int, 2> descriptors{-1, -1};
    if (::recvmsg(from, &message, MSG_CMSG_CLOEXEC) == 1) {
        std::memcpy(descriptors.data(), CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(descriptors));
    }
    return descriptors;
}

bool give_up_everything() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct none[2]{};
    return ::setresgid(nobody, nobody, nobody) == 0 && ::setresuid(nobody, nobody, nobody) == 0 &&
           ::syscall(SYS_capset, &header, &none[0]) == 0 &&
           !bpf::has_capability(bpf::capability::net_raw) &&
           !bpf::has_capability(bpf::capability::bpf);
}

// The exit status says how far it came; 0: it sent back what it received.
int worker(int from) {
    if (!give_up_everything()) {
        return 10;
    }
    const auto handed = take_over(from);
    const auto near = bpf::find_interface("near");
    auto memory = xdp::umem::make({.frames = 1024});
    if (!near || !memory) {
        return 11;
    }
    auto socket =
        xdp::xdp_socket::open(**memory, *near, {.receive_frames = 256, .handed_over = handed[0]});
    if (!socket) {
        std::fputs((socket.error().text + '\n').c_str(), stderr);
        return 12;
    }
    if (!xdp::add_to_map(handed[1], **socket)) {
        return 13;
    }
    if (::write(from, "r", 1) != 1) {
        return 14;
    }
    xdp::packet_batch batch{**memory};
    while ((*socket)->receive_now(batch) == 0) {
        ::usleep(100);
    }
    turn_around(batch.packets().front());
    return (*socket)->transmit_now(batch) == 1 ? 0 : 15;
}

TEST(xdp_delegation, works_without_any_capability) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [&] {
        auto program = xdp::steering::load(steer_udp_7000());
        ASSERT_TRUE(program.has_value()) << program.error().text;
        ASSERT_TRUE((*program)->attach(*bpf::find_interface("near")).has_value());
        int pair[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::alarm(30);  // Whatever goes wrong, it ends.
            ::_exit(worker(pair[1]));
        }
        const unique_fd opened{::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0)};
        hand_over(pair[0], {opened.get(), (*program)->map_fd()});
        ::close(pair[1]);
        char ready = 0;
        EXPECT_EQ(::read(pair[0], &ready, 1), 1);
        const udp_end far{*network};
        far.send("from nobody");
        EXPECT_EQ(far.receive(), "from nobody");
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(WEXITSTATUS(status), 0) << "see worker()";
        EXPECT_TRUE(WIFEXITED(status));
        ::close(pair[0]);
    });
}

}  // namespace
}  // namespace ringway::test
