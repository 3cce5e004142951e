// The kernel's TLS (linux/tls.h, 4.13; TLS 1.3 since 5.1): it seals what is sent on a socket.
#pragma once

#include "tls/alert.hpp"
#include "tls/record_keys.hpp"

namespace ringway::tls {

/// Makes the kernel seal what is sent on `fd` from now on, going on with `keys`. False, and nothing
/// has changed, when it can't: no module, another cipher, another layer on the socket.
[[nodiscard]] bool give_to_kernel(int fd, const record_keys& keys) noexcept;

/// Sends an alert on a socket that the kernel seals for, without waiting; best effort.
void send_kernel_alert(int fd, alert what) noexcept;

/// Answers a KeyUpdate: sends ours and gives the kernel the next keys, in which `keys` is moved on
/// too. False, and nothing has changed, when the kernel can't change keys (before 6.14) or the
/// socket has no room for the message: the connection must end then.
[[nodiscard]] bool update_kernel_keys(int fd, record_keys& keys) noexcept;

/// Whether this kernel has it; asked once per process, by trying.
[[nodiscard]] bool has_kernel_tls() noexcept;

}  // namespace ringway::tls
