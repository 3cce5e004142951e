// A client's side of one QUIC connection, and the endpoint that has only it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/coro/event.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/quic/client.hpp>

#include "quic/hub.hpp"
#include "quic/link.hpp"
#include "quic/udp_port.hpp"

namespace ringway::quic::detail {

class client_hub;

class client_link final : public link {
public:
    static constexpr std::size_t id_bytes = 8;  ///< Of our own ids.

    client_link(client_hub& owner, const endpoint& local, const endpoint& server,
                make_application protocol);
    ~client_link() override = default;

    /// As `client_connection::open`.
    [[nodiscard]] result<void> begin(udp_port& port, std::string_view host,
                                     const tls::client_context& context,
                                     const client_options& options, const resumption& earlier);

    [[nodiscard]] result<void> migrate(udp_port& to);
    void rebind(udp_port& to);
    [[nodiscard]] result<void> update_keys();
    [[nodiscard]] resumption resumption_data() const;
    [[nodiscard]] bool early_data_accepted() const noexcept {
        return handshake_done_ && tls().early_data_accepted();
    }
    [[nodiscard]] std::uint32_t version_in_use() const noexcept;
    [[nodiscard]] bool is_confirmed() const noexcept { return confirmed_; }

    /// Set when it is so, or when the connection has ended before.
    event handshake_over;
    event confirmation_over;
    event over;

private:
    void make_id(ngtcp2_cid& id, std::uint8_t* token) override;
    [[nodiscard]] std::unique_ptr<application> make_protocol() override;
    void handshake_completed() override;
    void handshake_confirmed() override;
    void token_received(byte_view token) override;
    [[nodiscard]] bool choose_preferred(ngtcp2_path& path,
                                        const ngtcp2_preferred_addr& offered) override;
    void has_ended() override;

    client_hub& hub_;
    make_application maker_;
    std::vector<std::byte> parameters_;
    std::vector<std::byte> token_;
    std::uint32_t version_ = 0;
    bool follow_preferred_ = true;
    bool confirmed_ = false;
};

class client_hub final : public client_connection, public hub {
public:
    client_hub(const endpoint& server, make_application protocol);
    ~client_hub() override;

    [[nodiscard]] result<void> begin(std::string_view host, const tls::client_context& context,
                                     const client_options& options, const resumption& earlier);

    [[nodiscard]] connection& link() noexcept override { return *link_; }
    [[nodiscard]] task<result<void>> handshake() override;
    [[nodiscard]] task<result<void>> confirmation() override;
    [[nodiscard]] task<result<void>> ended() override;
    [[nodiscard]] const closing& how_it_ended() const noexcept override {
        return link_->how_it_ended();
    }
    [[nodiscard]] task<void> finish() override;
    [[nodiscard]] result<void> migrate(const endpoint& where) override;
    [[nodiscard]] result<void> rebind(const endpoint& where) override;
    [[nodiscard]] result<void> update_keys() override { return link_->update_keys(); }
    [[nodiscard]] resumption resumption_data() const override { return link_->resumption_data(); }
    [[nodiscard]] bool resumed() const noexcept override { return link_->resumed(); }
    [[nodiscard]] bool early_data_accepted() const noexcept override {
        return link_->early_data_accepted();
    }
    [[nodiscard]] std::string cipher_text() const override { return link_->cipher_text(); }
    [[nodiscard]] std::uint32_t version_in_use() const noexcept override {
        return link_->version_in_use();
    }
    [[nodiscard]] const endpoint& local() const noexcept override { return link_->local(); }
    [[nodiscard]] const endpoint_counters& counters() const noexcept override { return counts_; }

    /// A socket at `where` that is connected to `server`; for `use`. Lifetime: the hub's.
    [[nodiscard]] result<udp_port*> open_port(const endpoint& where, const endpoint& server);
    /// Receives on it too, and gives up what was used long ago.
    void use(udp_port& port);

private:
    void unknown(const arrival& from, byte_view datagram, const ngtcp2_version_cid& head) override;
    void unknown_version(const arrival& from, byte_view datagram,
                         const ngtcp2_version_cid& head) override;
    void refused() override;
    [[nodiscard]] std::size_t id_bytes() const noexcept override;
    [[nodiscard]] task<void> wind_up();

    endpoint server_;
    endpoint_counters counts_;
    std::vector<std::unique_ptr<udp_port>> ports_;
    std::unique_ptr<client_link> link_;
};

}  // namespace ringway::quic::detail
