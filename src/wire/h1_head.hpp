// Judging the fields of a request head and collecting them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <ringway/wire/h1_request.hpp>

#include "wire/h1_fields.hpp"
#include "wire/h1_reject.hpp"

namespace ringway::wire::detail {

/// Fills in a `request_head`, and refuses what makes it ambiguous where a message ends or whom it
/// is for (RFC 9112 sections 3.2, 6 and 11.2).
class head_builder final : public field_sink {
public:
    head_builder();

    /// Starts a head in HTTP/1.`version_minor`; its fields start at `section_at` in the message.
    void start(unsigned version_minor, std::size_t section_at) noexcept;

    /// Says where the message is in memory now. To be called before fields are fed.
    void set_message(std::string_view message) noexcept { message_ = message; }

    /// All fields were read: makes the views and judges the whole. What the request line says must
    /// be in `head` by now.
    [[nodiscard]] h1_reject finish() noexcept;

    h1_reject on_name(text_place name) noexcept override;
    h1_reject on_value(text_place value) noexcept override;

    request_head head;

private:
    // 32-bit offsets into the message, half the size of the views that are made from them.
    struct field_mark {
        std::uint32_t name_at;
        std::uint32_t name_size;
        std::uint32_t value_at;
        std::uint32_t value_size;
    };

    h1_reject note(field which) noexcept;
    h1_reject judge_value(std::string_view value) noexcept;
    h1_reject judge_transfer_encoding(std::string_view value) noexcept;
    void read_connection(std::string_view value) noexcept;

    std::vector<field_mark> marks_;
    std::vector<header_field> fields_;
    std::string_view message_;
    std::size_t section_at_ = 0;
    field current_ = field::other;
    bool asks_close_ = false;
    bool asks_keep_alive_ = false;
};

}  // namespace ringway::wire::detail
