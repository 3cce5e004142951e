// The client's side of an HTTP/3 connection (RFC 9114), between nghttp3 and QUIC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nghttp3/nghttp3.h>

#include <ringway/http/client_connection.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/quic/client.hpp>
#include <ringway/quic/connection.hpp>
#include <ringway/tls/client_context.hpp>

#include "http/client_stream.hpp"
#include "http/h3_section_check.hpp"
#include "http/h3_settings.hpp"

namespace ringway::http::detail {

/// Many requests at a time; those that the server does not allow yet wait here.
class client_h3 final : public client_connection, public client_carrier {
public:
    /// Opens a socket and starts the handshake. Fails as `quic::client_connection::open`.
    /// `context` outlives it.
    [[nodiscard]] static result<std::shared_ptr<client_h3>> open(
        const endpoint& server, std::string_view host, const tls::client_context& context,
        const quic::client_options& options, const quic::resumption& earlier);
    /// Makes the connection below for a protocol.
    using opener = std::move_only_function<result<std::unique_ptr<quic::client_connection>>(
        quic::make_application)>;
    /// As `open`, over what `below` makes. `remembered` is what early data relies on.
    [[nodiscard]] static result<std::shared_ptr<client_h3>> open_over(
        opener below, std::optional<h3_settings> remembered);
    ~client_h3() override;

    /// Waits for the end of the handshake; `failure` says what went wrong.
    [[nodiscard]] task<result<void>> handshake();
    /// Requests can go out already, as early data.
    [[nodiscard]] bool sends_early() const noexcept { return engine_ != nullptr; }
    /// With the settings of the server, once they have come.
    [[nodiscard]] quic::resumption resumption() const;
    /// Waits until the server has left something for the next connection, some round trips at most.
    /// Cancel: it does not wait any longer.
    [[nodiscard]] task<void> wait_for_ticket();

    [[nodiscard]] client_version version() const noexcept override {
        return client_version::http_3;
    }
    [[nodiscard]] bool takes_more() const noexcept override { return !over_ && !no_more_; }
    [[nodiscard]] bool is_over() const noexcept override { return over_ || no_more_; }
    [[nodiscard]] std::unique_ptr<client_exchange> begin(const client_request& asked) override;
    [[nodiscard]] std::size_t in_flight() const noexcept override { return unfinished_; }
    [[nodiscard]] client_facts facts() const noexcept override;
    [[nodiscard]] bool is_resumed() const noexcept override { return quic_->resumed(); }
    [[nodiscard]] bool was_early() const noexcept override { return quic_->early_data_accepted(); }
    [[nodiscard]] const client_failure* connect_failure() const noexcept override;
    [[nodiscard]] result<void> migrate(const endpoint& to) override { return quic_->migrate(to); }
    [[nodiscard]] std::optional<endpoint> local() const override { return quic_->local(); }
    [[nodiscard]] task<void> close() override;

    void taken(client_stream& by, std::size_t bytes) noexcept override;
    void leave(client_stream& which) noexcept override;

    /// What has come on a stream, before nghttp3 gets it.
    void on_bytes(std::int64_t id, byte_view bytes);
    // What nghttp3 calls; see client_h3_callbacks.cpp.
    void on_field(client_stream& of, std::string_view name, std::string_view value);
    void on_head_end(client_stream& of);
    void on_body(client_stream* of, std::int64_t id, byte_view bytes);
    void on_end(client_stream& of);
    void on_stream_end(client_stream* of, std::uint64_t code);
    void on_goaway(std::int64_t first_refused);
    void on_settings(const h3_settings& now);
    [[nodiscard]] quic::connection& link() noexcept { return *link_; }

private:
    class protocol;
    client_h3() = default;

    [[nodiscard]] quic::failure start();
    void start_over();
    void submit(client_stream& which);
    void submit_waiting();
    void broken(client_stream& which);
    void forget(client_stream& gone) noexcept;
    void end();

    nghttp3_conn* engine_ = nullptr;
    quic::connection* link_ = nullptr;
    std::vector<client_stream*> streams_;  // Whose answers have not ended, waiting ones too.
    std::deque<client_stream*> waiting_;   // For a stream.
    std::unordered_map<std::int64_t, h3_section_check> sections_;  // By stream, of those asked on.
    std::size_t unfinished_ = 0;
    std::optional<h3_settings> settings_;    // As the server has told, now or earlier.
    std::optional<h3_settings> remembered_;  // What early data relies on.
    client_failure failure_;
    client_facts last_facts_;
    bool handshake_done_ = false;
    bool no_more_ = false;  // A GOAWAY has come.
    bool over_ = false;
    std::unique_ptr<quic::client_connection> quic_;  // Last: it reads what nghttp3 keeps.
};

/// Made once.
[[nodiscard]] const nghttp3_callbacks& client_h3_callbacks();

}  // namespace ringway::http::detail
