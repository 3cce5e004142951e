// What recvmsg(2) and sendmsg(2) say about a datagram besides its bytes (cmsg(3)).
#pragma once

#include <array>
#include <cstddef>
#include <netinet/in.h>
#include <sys/socket.h>

#include <ringway/net/datagram.hpp>

namespace ringway {

/// Room for all control messages that are used here, in one direction.
class control_messages {
public:
    /// Makes `header` use this room, all of it; for receiving.
    void attach(msghdr& header) noexcept;

    /// Fills the room with what `target` asks for and makes `header` use that. `family` is that of
    /// the socket.
    void write(msghdr& header, const datagram_target& target, int family) noexcept;

    /// Reads what the kernel has filled in.
    static void read(const msghdr& header, received_datagram& into) noexcept;

private:
    static constexpr std::size_t room = CMSG_SPACE(sizeof(in6_pktinfo)) +
                                        CMSG_SPACE(sizeof(in_pktinfo)) +
                                        4 * CMSG_SPACE(sizeof(int));

    template <class Value>
    void append(msghdr& header, int level, int type, const Value& value) noexcept;

    alignas(cmsghdr) std::array<std::byte, room> bytes_{};
};

}  // namespace ringway
