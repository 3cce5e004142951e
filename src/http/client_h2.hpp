// The client's side of an HTTP/2 connection (RFC 9113), between nghttp2 and the transport.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

#include <ringway/coro/event.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/http/client_connection.hpp>

#include "http/client_link.hpp"
#include "http/client_stream.hpp"

namespace ringway::http::detail {

/// Many requests at a time, as many as the server allows.
class client_h2 final : public client_connection, public client_carrier {
public:
    /// What the server may send before we have read: of a stream, of all of them.
    static constexpr std::int32_t stream_window = 8 << 20;
    static constexpr std::int32_t connection_window = 32 << 20;

    /// Starts at once, on the running shard.
    explicit client_h2(std::unique_ptr<client_link> link);
    ~client_h2() override;

    [[nodiscard]] client_version version() const noexcept override {
        return client_version::http_2;
    }
    [[nodiscard]] bool takes_more() const noexcept override;
    [[nodiscard]] bool is_over() const noexcept override { return over_; }
    [[nodiscard]] std::unique_ptr<client_exchange> begin(const client_request& asked) override;
    [[nodiscard]] std::size_t in_flight() const noexcept override { return unfinished_; }
    [[nodiscard]] client_facts facts() const noexcept override { return link_->facts(); }
    [[nodiscard]] std::vector<std::byte> resumption_data() const override {
        return link_->resumption_data();
    }
    [[nodiscard]] task<void> close() override;

    void taken(client_stream& by, std::size_t bytes) noexcept override;
    void leave(client_stream& which) noexcept override;

    // What nghttp2 calls; see client_h2_callbacks.cpp.
    [[nodiscard]] int on_header(std::int32_t id, std::string_view name, std::string_view value);
    [[nodiscard]] int on_frame(const nghttp2_frame& frame);
    [[nodiscard]] int on_body(std::int32_t id, byte_view bytes);
    void on_closed(std::int32_t id, std::uint32_t code);
    [[nodiscard]] static ssize_t read_body(client_stream& of, std::uint8_t* into, std::size_t size,
                                           std::uint32_t& flags);

private:
    [[nodiscard, gnu::noinline]] task<void> receive();
    [[nodiscard, gnu::noinline]] task<void> send();
    [[nodiscard]] client_stream* stream_of(std::int32_t id) const noexcept;
    void forget(client_stream& gone) noexcept;
    void broken(client_stream& which);
    void end(error what, std::string_view why);
    [[nodiscard]] bool end_if_through();

    std::unique_ptr<client_link> link_;
    nghttp2_session* engine_ = nullptr;
    std::vector<client_stream*> streams_;  // Whose answers have not ended.
    std::size_t unfinished_ = 0;           // Exchanges that are not finished.
    scope work_;
    event wake_;
    std::string why_;       // The words of the server's GOAWAY.
    bool no_more_ = false;  // A GOAWAY has come.
    bool over_ = false;
};

/// Made once.
[[nodiscard]] const nghttp2_session_callbacks* client_h2_callbacks();
[[nodiscard]] const nghttp2_option* client_h2_options();

}  // namespace ringway::http::detail
