// Who is told when a client does what no well-behaved client does.
#pragma once

#include <string_view>

#include <ringway/observe/labels.hpp>

namespace ringway::http {

/// Hears of abuse as it is counted, for instance to have the client banned.
class abuse_listener {
public:
    abuse_listener() = default;
    abuse_listener(const abuse_listener&) = delete;
    abuse_listener& operator=(const abuse_listener&) = delete;
    virtual ~abuse_listener() = default;

    /// `client` is the address of the peer, "" where it has none (a Unix socket). Only what is
    /// proven to come from there is told: over TCP, and over QUIC once the handshake is complete,
    /// so that nobody has others banned in whose name they send.
    ///
    /// Called on any shard, several at once; not to wait. Lifetime: `client` for the call.
    virtual void heard(std::string_view client, observe::abuse_kind what) noexcept = 0;

    /// A connection of `client` was turned away, since it has as many as one address may have. As
    /// `heard`; well-behaved clients do it too, if not often.
    virtual void refused(std::string_view client) noexcept = 0;
};

}  // namespace ringway::http
