// Reads the answers of a server that a load generator asks, as quickly as can be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <ringway/base/bytes.hpp>

namespace ringway::lab {

/// The answer to one request at a time: an echo of known bytes, or an HTTP/1.1 response with
/// Content-Length.
class answer_reader {
public:
    enum class state : std::uint8_t { more, complete, wrong };

    /// Of an echo: every byte must be that of `expected`. Lifetime: that of this.
    [[nodiscard]] static answer_reader of_echo(byte_view expected) noexcept;
    /// Of HTTP: the status must be 200.
    [[nodiscard]] static answer_reader of_http() noexcept { return answer_reader{}; }

    /// Takes the next bytes. After `complete` the next call begins another answer. `wrong` for
    /// another byte or status, a head without Content-Length or above 16 KB, and bytes behind the
    /// end of the answer, which nobody asked for.
    [[nodiscard]] state take(byte_view bytes);

    /// Bytes of content of the last answer.
    [[nodiscard]] std::uint64_t content_bytes() const noexcept { return content_; }

private:
    static constexpr std::size_t head_max = 16 * 1024;

    [[nodiscard]] state take_echo(byte_view bytes) noexcept;
    [[nodiscard]] state take_head(byte_view bytes);
    [[nodiscard]] state take_body(std::size_t size) noexcept;

    byte_view expected_;
    bool http_ = true;
    std::size_t seen_ = 0;    // Of the echo.
    bool in_body_ = false;    // Of HTTP, as the next.
    std::uint64_t left_ = 0;  // Of the body.
    std::uint64_t content_ = 0;
    std::string head_;  // What has come of a head in pieces.
};

}  // namespace ringway::lab
