// What `ringway xdp capture --hints` makes of what the card told.
#pragma once

#include <string>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/xdp/hints.hpp>

namespace ringway::cli {

/// The frame with the tag that the card took out behind the addresses again. A frame that is too
/// short for addresses is left as it is.
[[nodiscard]] std::vector<std::byte> with_tag(byte_view frame, const xdp::vlan_tag& tag);

/// "hash 0x0000abcd of ipv4 tcp, card's clock 12.000000345"; empty without either.
[[nodiscard]] std::string to_text(const xdp::received_hints& hints);

}  // namespace ringway::cli
