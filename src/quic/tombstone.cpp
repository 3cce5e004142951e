#include "quic/tombstone.hpp"

#include <ringway/runtime/shard.hpp>

#include "quic/udp_port.hpp"

namespace ringway::quic::detail {

tombstone::tombstone(id_table& table, const std::vector<ngtcp2_cid>& ids, byte_view packet,
                     const endpoint& peer, nanoseconds lifetime, expired_function expired,
                     void* owner)
    : timer{[](timer& self) noexcept {
          auto& me = static_cast<tombstone&>(self);
          me.expired_(me.owner_, me);
      }},
      table_{table},
      ids_{ids},
      packet_{packet.begin(), packet.end()},
      peer_{peer},
      expired_{expired},
      owner_{owner} {
    for (const ngtcp2_cid& id : ids_) {
        table_.put(id, *this);
    }
    shard::current().timers().add(*this, driver::current().now() + lifetime);
}

tombstone::~tombstone() {
    shard::current().timers().cancel(*this);
    for (const ngtcp2_cid& id : ids_) {
        table_.erase(id, *this);
    }
}

// To the first, the second, the fourth, the eighth datagram; never more than came (section 8.1).
void tombstone::receive(const arrival& from, byte_view datagram) {
    if (packet_.empty() || !(from.remote == peer_) || ++received_ < answer_at_ ||
        packet_.size() > 3 * datagram.size()) {
        return;
    }
    answer_at_ *= 2;
    const ngtcp2_path path = from.path();
    from.port->send_or_drop({packet_, &path, packet_.size(), 0});
}

}  // namespace ringway::quic::detail
