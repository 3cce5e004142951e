// One QUIC connection: ngtcp2's state machine between an application and the sockets of a hub.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/quic/client.hpp>
#include <ringway/quic/connection.hpp>
#include <ringway/quic/server.hpp>
#include <ringway/runtime/precise_timers.hpp>

#include "quic/addresses.hpp"
#include "quic/burst.hpp"
#include "quic/conn_memory.hpp"
#include "quic/connection_id.hpp"
#include "quic/id_table.hpp"
#include "quic/pacer.hpp"
#include "quic/path_names.hpp"
#include "quic/tls_session.hpp"

namespace ringway::quic::detail {

class hub;

/// What a link says about a write pass.
enum class pass : std::uint8_t {
    done,  ///< Nothing to write, or not now: the link is touched when that changes.
    more,  ///< It has used its share up.
    over,  ///< The connection has ended.
};

/// Server and client derive from it. Everything is called on the hub's shard. ngtcp2 is never
/// entered from inside itself: what an application asks for in a callback waits for the next pass.
class link : public accepted_connection, public packet_target {
public:
    ~link() override;

    /// Lets the link write up to `bytes_max` bytes, which is more than the longest packet.
    [[nodiscard]] pass write(burst& out, std::size_t bytes_max);

    void receive(const arrival& from, byte_view datagram) override;

    /// Ends it with an error of QUIC itself (RFC 9000 section 20.1), at the next pass.
    void close_with(std::uint64_t transport_code, std::string_view reason) noexcept;

    /// Ends it now, without a word to the peer.
    void abandon(error why);

    [[nodiscard]] bool is_over() const noexcept { return connection_ == nullptr; }
    [[nodiscard]] const closing& how_it_ended() const noexcept { return ended_; }
    [[nodiscard]] application* protocol() const noexcept { return application_.get(); }
    /// The application is through with its `finish`.
    void drop_protocol() noexcept { application_.reset(); }

    // connection and accepted_connection.
    [[nodiscard]] result<stream_id> open_stream(direction which) override;
    void consumed(stream_id stream, std::size_t bytes) noexcept override;
    void reset_stream(stream_id stream, std::uint64_t code) noexcept override;
    void stop_reading(stream_id stream, std::uint64_t code) noexcept override;
    void wake() noexcept override;
    void close(std::uint64_t code, std::string_view reason) noexcept override;
    [[nodiscard]] bool handshake_done() const noexcept override { return handshake_done_; }
    [[nodiscard]] const endpoint& peer() const noexcept override { return peer_; }
    [[nodiscard]] const endpoint& local() const noexcept override { return local_; }
    [[nodiscard]] std::string_view server_name() const noexcept override;
    [[nodiscard]] std::uint64_t stream_credit(stream_id stream) const noexcept override;
    [[nodiscard]] path_facts facts() const noexcept override;
    [[nodiscard]] std::size_t send_buffer_target() const noexcept override;
    [[nodiscard]] const tls::policy* shown() const noexcept override { return tls_->shown(); }
    [[nodiscard]] bool resumed() const noexcept override { return tls_->resumed(); }
    [[nodiscard]] std::string cipher_text() const override { return tls_->cipher_text(); }

    [[nodiscard]] resting_memory* memory() noexcept override { return &memory_.resting(); }

    /// For each call of ngtcp2: its memory may be packed before.
    [[nodiscard]] ngtcp2_conn* native() const noexcept {
        memory_.resting().wake();
        return connection_;
    }

    /// Packs its memory if nothing has come or gone since `silent_since`. False when that may be
    /// possible later.
    [[nodiscard]] bool rest(ngtcp2_tstamp silent_since) noexcept;

protected:
    friend class hub;
    friend struct link_callbacks;
    friend struct key_update_callback;

    link(hub& owner, const endpoint& local, const endpoint& peer);

    /// Takes over what ngtcp2 has made, before anything else is called.
    void adopt(ngtcp2_conn* made, std::unique_ptr<tls_session> session,
               congestion_control congestion);

    // What servers and clients do differently.
    /// A new id of ours, with its reset token (RFC 9000 section 10.3) where there is one.
    virtual void make_id(ngtcp2_cid& id, std::uint8_t* token) = 0;
    [[nodiscard]] virtual std::unique_ptr<application> make_protocol() = 0;
    virtual void handshake_completed() = 0;
    virtual void handshake_confirmed() {}
    virtual void token_received(byte_view token) { static_cast<void>(token); }
    [[nodiscard]] virtual bool choose_preferred(ngtcp2_path& path,
                                                const ngtcp2_preferred_addr& offered) {
        static_cast<void>(path), static_cast<void>(offered);
        return false;
    }
    virtual void path_validated() {}
    /// `packet` is the close that was sent, to be repeated; none when the peer has closed.
    enum class farewell : std::uint8_t { sent, received, silent };
    virtual void leave_behind(farewell how, byte_view packet) {
        static_cast<void>(how), static_cast<void>(packet);
    }
    /// Its last words: the hub forgets it after that.
    virtual void has_ended() = 0;
    /// Whether this error of reading means that the connection shall begin with a Retry.
    virtual void wants_retry(const arrival& from, byte_view datagram) {
        static_cast<void>(from), static_cast<void>(datagram);
    }

    /// Makes the application unless there is one, and tells it that it can begin.
    [[nodiscard]] failure begin_protocol();
    /// `held_until`: when the pacer lets more leave; 0: it holds nothing back.
    void arm_timer(ngtcp2_tstamp held_until);
    /// The time for ngtcp2, which must never be earlier than it was: a datagram that was handed
    /// over by another shard came in before others.
    ngtcp2_tstamp advance(ngtcp2_tstamp to) noexcept { return time_ = std::max(time_, to); }
    ngtcp2_tstamp clock() noexcept;
    [[nodiscard]] hub& owner() const noexcept { return owner_; }
    [[nodiscard]] tls_session& tls() const noexcept { return *tls_; }
    [[nodiscard]] const ngtcp2_mem* engine_memory() const noexcept { return memory_.calls(); }
    [[nodiscard]] ngtcp2_crypto_conn_ref& reference() noexcept { return reference_; }
    [[nodiscard]] const std::vector<ngtcp2_cid>& ids() const noexcept { return ids_; }
    /// Opens a file of its own in `directory` and makes ngtcp2 write qlog into it. A file that
    /// can't be opened is said in the log, and left out.
    void open_qlog(ngtcp2_settings& settings, const std::string& directory, const ngtcp2_cid& name);
    void register_id(const ngtcp2_cid& id);
    void retire_id(const ngtcp2_cid& id) noexcept;
    void retire_all_ids() noexcept;
    void note_path(const ngtcp2_path& path);
    void tell_proved(const ngtcp2_path& validated);
    void note_key_update() noexcept;
    [[nodiscard]] bool closes() const noexcept { return close_.has_value(); }
    void end(farewell how, byte_view packet);

    closing ended_;
    endpoint local_;
    endpoint peer_;
    endpoint told_peer_;  // The latest that was validated and told.
    bool handshake_done_ = false;
    bool early_attempted_ = false;
    bool ready_told_ = false;

private:
    struct own_timer : precise_timer {
        explicit own_timer(link& owner) noexcept;
        link& owner_;
    };
    struct wanted_close {
        ngtcp2_ccerr what;
        std::string reason;
    };

    void settle() noexcept;
    void note_tls_gone() noexcept;
    [[nodiscard]] const endpoint& remote_name(const arrival& from, byte_view datagram);
    [[nodiscard]] bool is_behind_another_port(const arrival& from,
                                              byte_view datagram) const noexcept;
    [[nodiscard]] bool find_real(ngtcp2_path& path) const noexcept;
    void read_failed(int why, const arrival& from, byte_view datagram);
    /// Ends because of an ngtcp2 error: the peer is told where that makes sense.
    void fail_with(int why);
    void send_close(const ngtcp2_ccerr& what);
    [[nodiscard]] bool timer_is_due() noexcept;
    void update_pacer() noexcept;
    void note_written(std::size_t bytes) noexcept;
    [[nodiscard]] ngtcp2_ssize write_packet(byte_span room, ngtcp2_path_storage& path,
                                            ngtcp2_pkt_info& info);
    [[nodiscard]] bool handle_write_error(ngtcp2_ssize& written, const stream_output& output,
                                          ngtcp2_ssize taken);
    void note_ended(const ngtcp2_ccerr& what, bool by_peer);
    void keep_facts() noexcept;

    hub& owner_;
    mutable conn_memory memory_;
    ngtcp2_conn* connection_ = nullptr;
    std::unique_ptr<tls_session> tls_;
    std::unique_ptr<application> application_;
    ngtcp2_crypto_conn_ref reference_{};
    std::vector<ngtcp2_cid> ids_;
    std::optional<wanted_close> close_;
    failure application_failure_;
    own_timer timer_{*this};
    ngtcp2_tstamp time_ = 0;
    bool timer_fired_ = false;
    pacer pacer_;
    bool paced_by_ngtcp2_ = false;  // BBR: only ngtcp2 knows its rate.
    bool keys_derived_ = false;
    bool settled_ = false;   // What only a handshake needs is given back.
    bool tls_gone_ = false;  // GnuTLS's part of it, which a client keeps to the end.
    unique_fd qlog_;
    std::uint64_t packets_received_ = 0;
    std::uint64_t packets_sent_ = 0;
    std::uint64_t packets_lost_ = 0;
    path_facts last_facts_;

    path_names names_;
    std::array<std::byte, connection_id_bytes> latest_id_{};  // That the peer has used.

    // The hub's list of links that want a pass.
    link* next_touched_ = nullptr;
    bool touched_ = false;
};

}  // namespace ringway::quic::detail
