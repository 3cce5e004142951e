// Reading the head of an HTTP/1 request and passing over its body (RFC 9112).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <ringway/wire/field.hpp>
#include <ringway/wire/method.hpp>

namespace ringway::wire {

/// What a request head may cost. More is refused, not cut off.
struct head_limits {
    std::size_t line_bytes_max = 16384;    ///< The request line or one field line, without CRLF.
    std::size_t target_bytes_max = 8192;   ///< Over it: 414.
    std::size_t header_bytes_max = 32768;  ///< All field lines with their CRLFs. Over it: 431.
    unsigned header_count_max = 100;       ///< Field lines; at most 250. Over it: 431.
};

/// A complete request head. Lifetime: the views point into the buffer of the last `parse` call, the
/// fields into the parser; both must stay until the request has been dealt with.
struct request_head {
    method_id method = method_id::unknown;
    std::string_view method_text;
    std::string_view target;     ///< As sent, in whatever form (RFC 9112 section 3.2).
    unsigned version_minor = 1;  ///< HTTP/1.minor; minors over 1 are reported as 1.
    std::span<const header_field> fields;
    std::string_view host;  ///< Authority of an absolute-form target, else Host, else "".
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = true;        ///< What the client asks for (RFC 9112 section 9.3).
    bool expect_continue = false;  ///< Waits for 100 before it sends the body; never in 1.0.
    std::uint32_t present = 0;     ///< Set of `field_bit`: fields that occur.
    std::uint32_t repeated = 0;    ///< Set of `field_bit`: fields that occur more than once.
    std::array<std::uint8_t, field_count> first{};  ///< Index in `fields`, valid where present.

    [[nodiscard]] bool has(field name) const noexcept { return (present & field_bit(name)) != 0; }

    /// The value of the first field line called `name` (not `other`); null if there is none.
    /// Lifetime: as `fields`.
    [[nodiscard]] const std::string_view* find(field name) const noexcept {
        return has(name) ? &fields[first[static_cast<std::size_t>(name)]].value : nullptr;
    }
};

/// Reads requests one after the other. Lives as long as its connection.
///
/// Strict: whatever two readers could understand differently is refused with 400 and the connection
/// has to be closed: a bare CR or LF, folded lines, white space around field names, Content-Length
/// beside Transfer-Encoding, repeated or odd Content-Length, codings other than one "chunked",
/// Transfer-Encoding in HTTP/1.0, a missing, repeated or invalid Host, control characters.
///
/// Memory: about 2 KiB. The constructor allocates; so does the first request with more than 32
/// field lines, once. Nothing else does.
class h1_request_parser {
public:
    enum class status : std::uint8_t { need_more, complete, bad };

    struct outcome {
        status what = status::need_more;
        std::size_t consumed = 0;  ///< Bytes of the message; 0 unless said otherwise.
        int reject_status = 0;     ///< When bad: 400, 414, 431, 501 or 505.
        std::string_view reason;   ///< When bad: a short static text for logs and counters.
    };

    explicit h1_request_parser(const head_limits& limits = {});
    h1_request_parser(h1_request_parser&&) noexcept;
    h1_request_parser& operator=(h1_request_parser&&) noexcept;
    ~h1_request_parser();

    /// Looks at the new bytes of `buffer`, which holds everything from the start of the message:
    /// what earlier calls for it have seen, unchanged though perhaps elsewhere in memory, and more.
    ///
    /// `complete`: `consumed` bytes are the head, what follows them wasn't looked at. `bad`: answer
    /// with `reject_status` and close; known as soon as the first wrong byte is there. How the
    /// bytes are spread over calls makes no difference. Not after `complete` or `bad` without
    /// `next`.
    [[nodiscard]] outcome parse(std::string_view buffer) noexcept;

    /// The head; only after `complete`. Lifetime: until `next`, or until the buffer goes.
    [[nodiscard]] const request_head& head() const noexcept;

    /// Whether a body follows the head (RFC 9112 section 6.3). "Content-Length: 0" is none.
    [[nodiscard]] bool has_body() const noexcept;

    /// Passes over the body. `bytes` are those that follow what has been consumed so far.
    ///
    /// `complete`: `consumed` of `bytes` were the rest of the body; the next message starts there.
    /// `need_more`: all were consumed. `bad` (400 or 431): the framing is broken, close. Chunk
    /// extensions and trailers are checked, limited and dropped. The length isn't limited here.
    [[nodiscard]] outcome skip_body(std::string_view bytes) noexcept;

    /// Gets ready for the next message. Views of the old head are invalid from here on.
    void next() noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace ringway::wire
