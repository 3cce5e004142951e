// One request on a connection that carries many, as HTTP/2 and HTTP/3: what has come of its answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/http/client_connection.hpp>
#include <ringway/ring/buffer_pool.hpp>

namespace ringway::http::detail {

class client_stream;

/// The connection, as a stream sees it.
class client_carrier {
public:
    /// `bytes` of the body were taken: the server may send as many again.
    virtual void taken(client_stream& by, std::size_t bytes) noexcept = 0;
    /// Nobody wants the rest. Afterwards the carrier doesn't know `which` any more.
    virtual void leave(client_stream& which) noexcept = 0;

protected:
    ~client_carrier() = default;
};

/// Filled by its connection, read by whoever asked.
class client_stream final : public client_exchange {
public:
    /// Fields of a head, together; more ends the stream (RFC 9113 section 10.5.1).
    static constexpr std::size_t head_bytes_max = std::size_t{64} * 1024;

    client_stream(client_carrier& carrier, const client_request& asked);
    ~client_stream() override;

    [[nodiscard]] task<result<client_head>> head() override;
    [[nodiscard]] task<result<buffer_lease>> read() override;
    [[nodiscard]] task<void> finish() override;
    [[nodiscard]] std::string_view problem() const noexcept override { return problem_; }
    [[nodiscard]] bool is_unprocessed() const noexcept override { return unprocessed_; }

    // What the connection calls.
    /// A field of the head that is arriving. False: the head breaks the rules, end the stream.
    [[nodiscard]] bool add_field(std::string_view name, std::string_view value);
    /// The head, or the trailers, are complete. False as above.
    [[nodiscard]] bool head_ended();
    /// False: no head has come yet, or more than its Content-Length says.
    [[nodiscard]] bool add_body(byte_view bytes);
    /// The server has sent all. False: less than its Content-Length says, or no head.
    [[nodiscard]] bool body_ended();
    /// The last thing that is called, unless the body has ended. The first call counts.
    void fail_with(error what, std::string_view why, bool unprocessed = false);
    /// After refused early data: as if nothing had come.
    void start_over() noexcept;

    [[nodiscard]] bool is_ended() const noexcept { return ended_ || failed_.code != errc::none; }
    /// Whether the head that is arriving, or has just come, is that of the answer, with a body.
    [[nodiscard]] bool is_full_head() const noexcept {
        return !has_head_ && head_.status >= 200 && head_.status != 204;
    }
    [[nodiscard]] bool is_well_ended() const noexcept { return ended_; }
    [[nodiscard]] const std::string& body_to_send() const noexcept { return body_to_send_; }

    std::int64_t id = -1;       ///< On the connection.
    std::size_t place = 0;      ///< In the connection's list.
    std::size_t body_sent = 0;  ///< Of `body_to_send`.
    /// For a connection that may have to send them again.
    std::vector<client_field> fields_to_send;

private:
    [[nodiscard]] bool take_length(std::string_view value) noexcept;

    client_carrier* carrier_;  // Null once it was left.
    std::string body_to_send_;
    bool to_head_;
    client_head head_;
    std::size_t head_bytes_ = 0;
    std::uint64_t length_ = UINT64_MAX;  // Content-Length.
    std::uint64_t received_ = 0;
    bool has_head_ = false;
    bool head_taken_ = false;
    bool ended_ = false;
    bool unprocessed_ = false;
    bool finished_ = false;
    error failed_;
    std::string problem_;
    std::deque<buffer_lease> pieces_;
    event news_;
};

}  // namespace ringway::http::detail
