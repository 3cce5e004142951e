#include "tls/kernel_tls.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/tls/types.hpp>

#include "tls/alert.hpp"
#include "tls/key_schedule.hpp"
#include "tls/record_keys.hpp"

namespace ringway::tls {
namespace {

#ifndef SOL_TLS
constexpr int SOL_TLS = 282;
#endif

// tls12_crypto_info_aes_gcm_128 and _256 differ in the size of the key only.
template <class Info>
bool set_keys(int fd, const traffic_keys& keys, std::uint64_t number, std::uint16_t type) noexcept {
    Info info{};
    info.info.version = TLS_1_3_VERSION;
    info.info.cipher_type = type;
    static_assert(sizeof info.salt + sizeof info.iv == sizeof keys.iv);
    std::memcpy(info.key, keys.key.data(), sizeof info.key);
    std::memcpy(info.salt, keys.iv.data(), sizeof info.salt);
    std::memcpy(info.iv, keys.iv.data() + sizeof info.salt, sizeof info.iv);
    for (unsigned i = 0; i < sizeof info.rec_seq; ++i) {
        info.rec_seq[sizeof info.rec_seq - 1 - i] = static_cast<unsigned char>(number >> (8 * i));
    }
    const bool set = ::setsockopt(fd, SOL_TLS, TLS_TX, &info, sizeof info) == 0;
    wipe(std::as_writable_bytes(std::span{&info, 1}));
    return set;
}

bool set_keys_of(int fd, const record_keys& keys) noexcept {
    const traffic_keys raw = keys.raw();
    if (keys.algorithm() == cipher::aes_128_gcm) {
        return set_keys<tls12_crypto_info_aes_gcm_128>(fd, raw, keys.number(),
                                                       TLS_CIPHER_AES_GCM_128);
    }
    return set_keys<tls12_crypto_info_aes_gcm_256>(fd, raw, keys.number(), TLS_CIPHER_AES_GCM_256);
}

// A kernel that can change keys gets as far as noticing that the version is not that of the
// connection (EINVAL); one that can't says EBUSY first.
bool can_change_keys(int fd) noexcept {
    tls12_crypto_info_aes_gcm_128 other{};
    other.info.version = TLS_1_2_VERSION;
    other.info.cipher_type = TLS_CIPHER_AES_GCM_128;
    return ::setsockopt(fd, SOL_TLS, TLS_TX, &other, sizeof other) != 0 && errno == EINVAL;
}

// One record of another type than data. It goes as a whole or not at all.
bool send_record(int fd, content type, std::span<const std::uint8_t> body) noexcept {
    iovec piece{const_cast<std::uint8_t*>(body.data()), body.size()};  // sendmsg(2) only reads it.
    alignas(cmsghdr) std::array<char, CMSG_SPACE(1)> control{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const kind = CMSG_FIRSTHDR(&message);
    kind->cmsg_level = SOL_TLS;
    kind->cmsg_type = TLS_SET_RECORD_TYPE;
    kind->cmsg_len = CMSG_LEN(1);
    *CMSG_DATA(kind) = static_cast<unsigned char>(type);
    return ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) ==
           static_cast<ssize_t>(body.size());
}

bool attach_layer(int fd) noexcept {
    return ::setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof "tls") == 0;
}

// The layer is refused on a socket that is not connected (ENOTCONN), but only if there is one.
bool probe() noexcept {
    const unique_fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    return socket && (attach_layer(socket.get()) || errno == ENOTCONN);
}

}  // namespace

bool has_kernel_tls() noexcept {
    static const bool has = probe();
    return has;
}

// A layer without keys passes everything through, so a refusal of the keys leaves the socket as
// good as it was.
bool give_to_kernel(int fd, const record_keys& keys) noexcept {
    if (!has_kernel_tls() || keys.algorithm() == cipher::chacha20_poly1305 || !attach_layer(fd)) {
        return false;
    }
    return set_keys_of(fd, keys);
}

bool update_kernel_keys(int fd, record_keys& keys) noexcept {
    constexpr std::array<std::uint8_t, 5> message{24, 0, 0, 1, 0};  // update_not_requested
    if (!can_change_keys(fd) || !send_record(fd, content::handshake, message)) {
        return false;
    }
    keys.update();
    return set_keys_of(fd, keys);
}

void send_kernel_alert(int fd, alert what) noexcept {
    const std::array body{level_of(what), static_cast<std::uint8_t>(what)};
    static_cast<void>(send_record(fd, content::alert, body));
}

}  // namespace ringway::tls
