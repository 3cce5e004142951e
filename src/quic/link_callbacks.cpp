#include "quic/link_callbacks.hpp"

#include "quic/connection_id.hpp"
#include "quic/hub.hpp"
#include "quic/link.hpp"
#include "quic/packet_protection.hpp"

namespace ringway::quic::detail {

struct link_callbacks {
    static link& self(void* user) noexcept { return *static_cast<link*>(user); }

    // What an application says ends the connection, once ngtcp2 has been left.
    static int answer(link& me, failure said) noexcept {
        if (said) {
            me.application_failure_ = said;
            return NGTCP2_ERR_CALLBACK_FAILURE;
        }
        return 0;
    }

    static void random(std::uint8_t* into, std::size_t size, const ngtcp2_rand_ctx*) noexcept {
        fill_random({reinterpret_cast<std::byte*>(into), size});
    }

    static int new_id(ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token, std::size_t size,
                      void* user) noexcept {
        link& me = self(user);
        id->datalen = size;
        me.make_id(*id, token);
        me.register_id(*id);
        return 0;
    }

    static int remove_id(ngtcp2_conn*, const ngtcp2_cid* id, void* user) noexcept {
        self(user).retire_id(*id);
        return 0;
    }

    static int keys(ngtcp2_conn*, ngtcp2_encryption_level level, void* user) noexcept {
        link& me = self(user);
        return level == NGTCP2_ENCRYPTION_LEVEL_1RTT ? answer(me, me.begin_protocol()) : 0;
    }

    static int handshake_completed(ngtcp2_conn* connection, void* user) noexcept {
        link& me = self(user);
        me.handshake_done_ = true;
        endpoint_counters& counters = me.owner_.counters();
        counters.handshakes_done.add();
        if (me.tls_->resumed()) {
            counters.handshakes_resumed.add();
        }
        me.handshake_completed();
        if (me.early_attempted_ && !me.tls_->early_data_accepted() &&
            ngtcp2_conn_is_server(connection) == 0) {
            return ngtcp2_conn_tls_early_data_rejected(connection);
        }
        if (me.application_ != nullptr) {
            me.application_->on_handshake_done();
        }
        return 0;
    }

    static int early_refused(ngtcp2_conn*, void* user) noexcept {
        link& me = self(user);
        me.owner_.counters().early_data_refused.add();
        me.ready_told_ = false;
        if (me.application_ == nullptr) {
            return 0;
        }
        me.application_->on_early_data_refused();
        const int told = answer(me, me.begin_protocol());
        if (told == 0) {
            me.application_->on_handshake_done();
        }
        return told;
    }

    static int confirmed(ngtcp2_conn*, void* user) noexcept {
        self(user).handshake_confirmed();
        return 0;
    }

    static int data(ngtcp2_conn* connection, std::uint32_t flags, std::int64_t stream,
                    std::uint64_t, const std::uint8_t* bytes, std::size_t size, void* user,
                    void*) noexcept {
        link& me = self(user);
        if (me.application_ == nullptr || me.close_) {
            ngtcp2_conn_extend_max_offset(connection, size);
            return 0;
        }
        const byte_view what{reinterpret_cast<const std::byte*>(bytes), size};
        const bool early = (flags & NGTCP2_STREAM_DATA_FLAG_0RTT) != 0;
        me.early_attempted_ |= early;
        const bool fin = (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0;
        return answer(me, me.application_->on_data(stream, what, fin, early));
    }

    static int acknowledged(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t size,
                            void* user, void*) noexcept {
        if (link& me = self(user); me.application_ != nullptr) {
            me.application_->on_acknowledged(stream, size);
        }
        return 0;
    }

    static int closed(ngtcp2_conn* connection, std::uint32_t flags, std::int64_t stream,
                      std::uint64_t code, void* user, void*) noexcept {
        link& me = self(user);
        me.packets_lost_ += ngtcp2_conn_get_stream_loss_count(connection, stream);
        if (ngtcp2_conn_is_local_stream(connection, stream) == 0) {
            ngtcp2_is_bidi_stream(stream) != 0 ? ngtcp2_conn_extend_max_streams_bidi(connection, 1)
                                               : ngtcp2_conn_extend_max_streams_uni(connection, 1);
        }
        if (me.application_ != nullptr) {
            const bool with_code = (flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) != 0;
            me.application_->on_stream_closed(stream,
                                              with_code ? std::optional{code} : std::nullopt);
        }
        return 0;
    }

    static int reset(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t code,
                     void* user, void*) noexcept {
        if (link& me = self(user); me.application_ != nullptr) {
            me.application_->on_reset(stream, code);
        }
        return 0;
    }

    static int unblocked(ngtcp2_conn*, std::int64_t stream, std::uint64_t, void* user,
                         void*) noexcept {
        if (link& me = self(user); me.application_ != nullptr) {
            me.application_->on_unblocked(stream);
        }
        return 0;
    }

    template <direction Which>
    static int streams_allowed(ngtcp2_conn*, std::uint64_t, void* user) noexcept {
        if (link& me = self(user); me.application_ != nullptr) {
            me.application_->on_streams_allowed(Which);
        }
        return 0;
    }

    static int path_validation(ngtcp2_conn*, std::uint32_t, const ngtcp2_path* path,
                               const ngtcp2_path*, ngtcp2_path_validation_result outcome,
                               void* user) noexcept {
        link& me = self(user);
        endpoint_counters& counters = me.owner_.counters();
        if (outcome != NGTCP2_PATH_VALIDATION_RESULT_SUCCESS) {
            counters.path_validations_failed.add();
            return 0;
        }
        counters.path_validations.add();
        me.path_validated();
        me.tell_proved(*path);
        return 0;
    }

    static int version_negotiation(ngtcp2_conn*, const ngtcp2_pkt_hd*, const std::uint32_t*,
                                   std::size_t, void* user) noexcept {
        self(user).ended_.reason = {errc::unsupported, 0};  // It speaks none that we have tried.
        return 0;
    }

    static int preferred(ngtcp2_conn*, ngtcp2_path* path, const ngtcp2_preferred_addr* offered,
                         void* user) noexcept {
        static_cast<void>(self(user).choose_preferred(*path, *offered));
        return 0;
    }

    static int token(ngtcp2_conn*, const std::uint8_t* bytes, std::size_t size,
                     void* user) noexcept {
        self(user).token_received({reinterpret_cast<const std::byte*>(bytes), size});
        return 0;
    }

    static int stateless_reset(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset*,
                               void* user) noexcept {
        link& me = self(user);
        me.owner_.counters().resets_received.add();
        me.ended_.reason = {errc::closed, 0};
        me.ended_.by_peer = true;
        return 0;
    }
};

// Counts what the packet protection does.
struct key_update_callback {
    static inline ngtcp2_update_key inner = nullptr;

    static int call(ngtcp2_conn* connection, std::uint8_t* rx_secret, std::uint8_t* tx_secret,
                    ngtcp2_crypto_aead_ctx* rx_aead, std::uint8_t* rx_iv,
                    ngtcp2_crypto_aead_ctx* tx_aead, std::uint8_t* tx_iv,
                    const std::uint8_t* current_rx, const std::uint8_t* current_tx,
                    std::size_t size, void* user) noexcept {
        static_cast<link*>(user)->note_key_update();
        return inner(connection, rx_secret, tx_secret, rx_aead, rx_iv, tx_aead, tx_iv, current_rx,
                     current_tx, size, user);
    }
};

namespace {

ngtcp2_callbacks make_callbacks() noexcept {
    ngtcp2_callbacks all{};
    set_crypto_callbacks(all);
    key_update_callback::inner = all.update_key;
    all.update_key = key_update_callback::call;
    all.rand = link_callbacks::random;
    all.get_new_connection_id = link_callbacks::new_id;
    all.remove_connection_id = link_callbacks::remove_id;
    all.recv_tx_key = link_callbacks::keys;
    all.handshake_completed = link_callbacks::handshake_completed;
    all.tls_early_data_rejected = link_callbacks::early_refused;
    all.handshake_confirmed = link_callbacks::confirmed;
    all.recv_stream_data = link_callbacks::data;
    all.acked_stream_data_offset = link_callbacks::acknowledged;
    all.stream_close = link_callbacks::closed;
    all.stream_reset = link_callbacks::reset;
    all.extend_max_stream_data = link_callbacks::unblocked;
    all.extend_max_local_streams_bidi = link_callbacks::streams_allowed<direction::bidirectional>;
    all.extend_max_local_streams_uni = link_callbacks::streams_allowed<direction::unidirectional>;
    all.path_validation = link_callbacks::path_validation;
    all.recv_version_negotiation = link_callbacks::version_negotiation;
    all.select_preferred_addr = link_callbacks::preferred;
    all.recv_new_token = link_callbacks::token;
    all.recv_stateless_reset = link_callbacks::stateless_reset;
    return all;
}

}  // namespace

const ngtcp2_callbacks& callbacks() noexcept {
    static const ngtcp2_callbacks all = make_callbacks();
    return all;
}

}  // namespace ringway::quic::detail
