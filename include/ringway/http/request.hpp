// One request, the same for every version of HTTP.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <ringway/wire/field.hpp>
#include <ringway/wire/h1_request.hpp>
#include <ringway/wire/method.hpp>

namespace ringway::http {

enum class version : std::uint8_t { http_1_0, http_1_1, http_2, http_3 };

/// "HTTP/1.1", "HTTP/2" and so on, for logs. Static text.
[[nodiscard]] std::string_view name_of(version protocol) noexcept;

/// A request as handlers and planners see it. Owns nothing.
/// Lifetime: the views borrow from the session that received it, until the response is done.
struct request {
    version protocol = version::http_1_1;
    wire::method_id method = wire::method_id::unknown;
    std::string_view method_text;
    std::string_view path;       ///< As sent, still encoded, without the query; "*" for OPTIONS *.
    std::string_view query;      ///< Without the question mark; "" if there is none.
    std::string_view authority;  ///< Host or :authority; "" in HTTP/1.0 without Host.
    std::span<const wire::header_field> fields;
    std::uint32_t present = 0;   ///< Set of `wire::field_bit`: fields that occur.
    std::uint32_t repeated = 0;  ///< Set of `wire::field_bit`: fields that occur more than once.
    std::array<std::uint8_t, wire::field_count> first{};  ///< Index in `fields`, where present.

    [[nodiscard]] bool has(wire::field name) const noexcept {
        return (present & wire::field_bit(name)) != 0;
    }

    [[nodiscard]] bool is_repeated(wire::field name) const noexcept {
        return (repeated & wire::field_bit(name)) != 0;
    }

    /// The value of the first field line called `name` (not `other`); empty if there is none, and
    /// also if it is empty: ask `has` where that makes a difference.
    [[nodiscard]] std::string_view find(wire::field name) const noexcept {
        return has(name) ? fields[first[static_cast<std::size_t>(name)]].value : std::string_view{};
    }
};

/// The most field lines that a request can have, so that an index fits in one byte. The sessions'
/// limits are lower.
inline constexpr std::size_t request_fields_max = 255;

/// All lines of a list as one value (RFC 9110 section 5.3): the only line, or what `room` then
/// holds. Lifetime: as the request's and that of `room`. Allocates where there are several lines.
[[nodiscard]] std::string_view joined(const request& asked, wire::field name, std::string& room);

/// The request in a head that the HTTP/1 parser completed. Lifetime: as the head's views.
[[nodiscard]] request make_request(const wire::request_head& head) noexcept;

/// Fills `present`, `repeated` and `first` from `fields`, for sessions that did not count while
/// they were reading. Requires at most `request_fields_max` fields.
void index_fields(request& target) noexcept;

}  // namespace ringway::http
