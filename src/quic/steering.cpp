#include "quic/steering.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <expected>
#include <linux/filter.h>
#include <string>
#include <sys/socket.h>
#include <system_error>

#include <ringway/base/assert.hpp>

#include "quic/connection_id.hpp"

namespace ringway::quic::detail {
namespace {

constexpr std::uint32_t no_socket = 0xffffffff;

constexpr sock_filter statement(unsigned code, std::uint32_t k) noexcept {
    return {static_cast<std::uint16_t>(code), 0, 0, k};
}

constexpr sock_filter jump(unsigned code, std::uint32_t k, std::uint8_t if_true,
                           std::uint8_t if_false) noexcept {
    return {static_cast<std::uint16_t>(BPF_JMP | code | BPF_K), if_true, if_false, k};
}

}  // namespace

// The connection ID of a short header begins at byte 1. A load behind the end of the datagram ends
// the program with 0: such a runt goes to shard 0, which drops it.
std::array<sock_filter, steering_instructions> steering_program(unsigned shards) noexcept {
    RW_ASSERT(shards > 0 && shards <= shards_max);
    constexpr unsigned load_byte = BPF_LD | BPF_B | BPF_ABS;
    constexpr std::uint32_t long_header = 0x80;
    return {
        statement(load_byte, 0),                       // The first byte,
        jump(BPF_JSET, long_header, 6, 0),             // of a long header: fall back.
        statement(load_byte, 1),                       // The first byte of the ID
        statement(BPF_ALU | BPF_AND | BPF_K, 0x1f),    // has its length
        jump(BPF_JEQ, connection_id_bytes - 1, 0, 3),  // if it is ours,
        statement(load_byte, 2),                       // and then comes the shard,
        jump(BPF_JGE, shards, 1, 0),                   // if there is such a shard.
        statement(BPF_RET | BPF_A, 0),
        statement(BPF_RET | BPF_K, no_socket),
    };
}

std::expected<void, std::string> steer(int fd, unsigned shards) {
    auto program = steering_program(shards);
    const sock_fprog given{static_cast<unsigned short>(program.size()), program.data()};
    if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &given, sizeof given) == 0) {
        return {};
    }
    return std::unexpected{"QUIC: the kernel does not steer datagrams by connection ID (" +
                           std::generic_category().message(errno) +
                           "); the shards hand them on instead"};
}

}  // namespace ringway::quic::detail
