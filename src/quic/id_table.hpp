// Whose a datagram is: connection ids and what answers for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/bytes.hpp>

#include "quic/addresses.hpp"

namespace ringway::quic::detail {

/// What takes the datagrams of some connection ids.
class packet_target {
public:
    packet_target() = default;
    packet_target(const packet_target&) = delete;
    packet_target& operator=(const packet_target&) = delete;

    /// Lifetime: during the call. The target may destroy itself in it.
    virtual void receive(const arrival& from, byte_view datagram) = 0;

protected:
    ~packet_target() = default;
};

/// A flat table with open addressing. Clients choose some of the ids (RFC 9000 section 7.2), so
/// where an id goes depends on a secret. Used on one thread.
class id_table {
public:
    id_table();

    /// Null when nobody answers for the id of `size` bytes at `id`.
    [[nodiscard]] packet_target* find(const std::uint8_t* id, std::size_t size) const noexcept;

    /// From now on `target` answers for `id`, whoever did before.
    void put(const ngtcp2_cid& id, packet_target& target);

    /// Nobody answers for `id` any more, if it was `target` who did.
    void erase(const ngtcp2_cid& id, const packet_target& target) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct slot {
        ngtcp2_cid id{};
        packet_target* target = nullptr;  // Null: free.
    };

    [[nodiscard]] std::size_t home_of(const std::uint8_t* id, std::size_t size) const noexcept;
    [[nodiscard]] std::size_t find_slot(const std::uint8_t* id, std::size_t size) const noexcept;
    void grow();

    std::vector<slot> slots_;  // A power of two, at most half of them used.
    std::size_t size_ = 0;
    std::uint64_t secret_[3];
};

}  // namespace ringway::quic::detail
