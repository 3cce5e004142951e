// Collecting the fields of a request of HTTP/2 or HTTP/3 and judging them (RFC 9113 section 8.3,
// RFC 9114 section 4.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/http/request.hpp>
#include <ringway/wire/h1_request.hpp>

namespace ringway::http::detail {

/// The header section that is being received, or was received last. In HTTP/2 header blocks never
/// mix, so that there is one for each connection. The libraries have checked what their messaging
/// rules are about: order and number of pseudo-fields, characters of names and values, fields of
/// the connection. The rest is judged here, by the rules of the HTTP/1 parser.
class stream_head {
public:
    /// What `finish` says of the section.
    struct outcome {
        bool malformed = false;  ///< The stream is to be reset.
        int reject_status = 0;   ///< 414, 431 or 501: to be answered so; else 0.
        std::string_view reason{};
    };

    /// Lifetime: the limits outlive this.
    stream_head(const wire::head_limits& limits, version protocol) noexcept
        : limits_{limits}, protocol_{protocol} {}

    /// Begins a section.
    void start() noexcept;

    /// Adds a field. What is over the limits is counted and not kept. False when it is so far over
    /// them that no honest client does it: the connection is to end (header bombs).
    [[nodiscard]] bool add(std::string_view name, std::string_view value);

    /// Judges the section. Without a refusal `request()` is what it says.
    [[nodiscard]] outcome finish();

    /// The request. Lifetime: until the next `start`.
    [[nodiscard]] const request& asked() const noexcept { return request_; }
    /// :path as sent.
    [[nodiscard]] std::string_view target() const noexcept { return of(path_); }
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;
    [[nodiscard]] bool expects_continue() const noexcept;

    [[nodiscard]] version protocol() const noexcept { return protocol_; }

    /// Gives back memory that only an unusual section needed.
    void shrink();
    /// Fields that were added, also those that were not kept.
    [[nodiscard]] std::size_t field_count() const noexcept { return count_; }
    /// Memory that the section takes, roughly.
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return text_.capacity() + places_.capacity() * sizeof(field_place);
    }

    /// The same request, in memory of its own: for answers that take their time.
    class copy;

private:
    struct place {
        std::uint32_t at = 0;
        std::uint32_t size = 0;
    };
    struct field_place {
        place name;
        place value;
    };

    [[nodiscard]] place keep(std::string_view text);
    [[nodiscard]] std::string_view of(place where) const noexcept {
        return std::string_view{text_}.substr(where.at, where.size);
    }
    [[nodiscard]] bool add_pseudo(std::string_view name, std::string_view value);
    [[nodiscard]] outcome judge_target(std::string_view target) const noexcept;
    void make_request();

    const wire::head_limits& limits_;
    version protocol_;
    std::string text_;
    std::vector<field_place> places_;
    std::vector<wire::header_field> fields_;
    request request_;
    std::size_t bytes_ = 0;
    std::size_t count_ = 0;
    place method_;
    place scheme_;
    place authority_;
    place path_;
    bool has_authority_ = false;
    bool target_too_long_ = false;
    bool has_forbidden_ = false;
};

class stream_head::copy {
public:
    explicit copy(const stream_head& from);
    copy(const copy&) = delete;
    copy& operator=(const copy&) = delete;

    [[nodiscard]] const request& asked() const noexcept { return request_; }
    /// Memory that it takes, roughly.
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return sizeof(*this) + text_.capacity() + fields_.capacity() * sizeof(wire::header_field);
    }

private:
    std::string text_;
    std::vector<wire::header_field> fields_;
    request request_;
};

}  // namespace ringway::http::detail
