// The header section of a response as HTTP/2 and HTTP/3 send it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <ringway/http/date_cache.hpp>
#include <ringway/http/handler.hpp>
#include <ringway/wire/field.hpp>

namespace ringway::http::detail {

/// A field to be sent. Names may have capitals where `lower_case` says no.
struct response_field {
    std::string_view name;
    std::string_view value;
    bool lower_case = false;   ///< The name needs no copy in lower case, and outlives the stream.
    bool value_lives = false;  ///< The value outlives the stream.
};

/// The fields of one response, `:status` first. Lifetime: the views are those of the response and
/// the date, but for the status, which lies here.
class response_fields {
public:
    static constexpr std::size_t count_max =
        header_list::fields_max + 3 > ready_response::fields_max + 1
            ? header_list::fields_max + 3
            : ready_response::fields_max + 1;

    explicit response_fields(const ready_response& ready) noexcept;
    /// Leaves out what RFC 9113 section 8.2.2 and RFC 9114 section 4.2 forbid; only an operator's
    /// --header could say it.
    response_fields(const response_plan& plan, const date_cache& date) noexcept;
    response_fields(const response_fields&) = delete;
    response_fields& operator=(const response_fields&) = delete;

    [[nodiscard]] std::span<const response_field> all() const noexcept {
        return std::span{fields_}.first(count_);
    }

private:
    std::array<response_field, count_max> fields_;
    std::size_t count_ = 0;
    std::array<char, 3> status_{};
};

}  // namespace ringway::http::detail
