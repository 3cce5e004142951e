// Reading HTTP/1 responses, as a client (RFC 9112).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <ringway/wire/field.hpp>
#include <ringway/wire/h1_request.hpp>

namespace ringway::wire {

/// A complete response head. Lifetime: the views point into the buffer of the last `parse` call,
/// the fields into the parser.
struct answer_head {
    int status = 0;              ///< 100 to 599.
    unsigned version_minor = 1;  ///< HTTP/1.minor.
    std::string_view reason;
    std::span<const header_field> fields;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = true;  ///< What the server offers (RFC 9112 section 9.3).

    /// Whether another head follows: 100 to 199.
    [[nodiscard]] bool is_interim() const noexcept { return status < 200; }
};

/// Reads responses one after the other. Lives as long as its connection.
///
/// Strict, since the bytes of one response must never be taken for those of another: refused are
/// bare CR and LF, folded lines, Content-Length beside Transfer-Encoding, a Content-Length that is
/// odd or says two things, codings other than one "chunked", Transfer-Encoding in HTTP/1.0, a
/// status line without status.
class h1_answer_parser {
public:
    enum class status : std::uint8_t { need_more, complete, bad };

    struct outcome {
        status what = status::need_more;
        std::size_t consumed = 0;
        std::string_view reason = {};  ///< When bad: static text.
    };
    struct body_outcome {
        status what = status::need_more;
        std::size_t consumed = 0;
        std::size_t content = 0;  ///< Bytes of the body, now at the front of what was given.
        std::string_view reason = {};
    };

    explicit h1_answer_parser(const head_limits& limits = {});
    h1_answer_parser(h1_answer_parser&&) noexcept;
    h1_answer_parser& operator=(h1_answer_parser&&) noexcept;
    ~h1_answer_parser();

    /// Looks at `buffer`, which holds everything from the start of the head: what earlier calls
    /// have seen, unchanged though perhaps elsewhere in memory, and more. `to_head`: the request
    /// was HEAD, so no body follows whatever the fields say.
    /// `complete`: `consumed` bytes are the head. How the bytes are spread over calls makes no
    /// difference. Not after `complete` or `bad` without `next`.
    [[nodiscard]] outcome parse(std::string_view buffer, bool to_head) noexcept;

    /// Only after `complete`.
    [[nodiscard]] const answer_head& head() const noexcept;

    /// Whether a body follows (RFC 9112 section 6.3). Only after `complete`.
    [[nodiscard]] bool has_body() const noexcept;
    /// Whether only the end of the connection ends the body.
    [[nodiscard]] bool is_until_close() const noexcept;
    /// Whether the body may end where the connection does now.
    [[nodiscard]] bool may_end_here() const noexcept;

    /// Takes the content of the body out of the next `bytes` behind the head and moves it to their
    /// front. `complete`: the body has ended. `bad`: the framing is broken, close.
    [[nodiscard]] body_outcome read_body(std::span<char> bytes) noexcept;

    /// Gets ready for the next head.
    void next() noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace ringway::wire
