// A server's side of one QUIC connection.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include <ngtcp2/ngtcp2.h>

#include "quic/link.hpp"

namespace ringway::quic::detail {

class server_hub;

/// How a client's first packet was judged.
struct accepted_initial {
    ngtcp2_pkt_hd head{};
    /// The id of the client's very first packet, when this one answers a Retry.
    std::optional<ngtcp2_cid> before_retry;
    bool address_known = false;  ///< By a token of an earlier connection.
};

class server_link final : public link {
public:
    /// Null when memory has run out.
    [[nodiscard]] static std::unique_ptr<server_link> make(server_hub& owner, const arrival& from,
                                                           const accepted_initial& initial);
    ~server_link() override = default;

    /// Its place among the links of its hub.
    std::size_t place = 0;

private:
    server_link(server_hub& owner, const arrival& from);
    void fill_preferred(ngtcp2_transport_params& into);

    void make_id(ngtcp2_cid& id, std::uint8_t* token) override;
    [[nodiscard]] std::unique_ptr<application> make_protocol() override;
    void handshake_completed() override;
    void path_validated() override;
    void leave_behind(farewell how, byte_view packet) override;
    void has_ended() override;
    void wants_retry(const arrival& from, byte_view datagram) override;
    void give_token();
    void leave_half_open() noexcept;

    server_hub& hub_;
    bool half_open_ = true;
};

}  // namespace ringway::quic::detail
