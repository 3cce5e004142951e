// Where the operator sits who starts the guard, so that it can't lock them out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "guard/cidr.hpp"

namespace ringway::guard {

struct operator_session {
    cidr from;
    std::uint16_t port = 22;  ///< Of our sshd.
};

/// Reads the value of SSH_CONNECTION (sshd(8)): the addresses and ports of both sides.
[[nodiscard]] std::optional<operator_session> parse_ssh_connection(std::string_view value);

/// The SSH session that this process belongs to: from its own environment or, since sudo(8) takes
/// the variable away, from that of a process above it. None without one.
[[nodiscard]] std::optional<operator_session> find_operator();

}  // namespace ringway::guard
