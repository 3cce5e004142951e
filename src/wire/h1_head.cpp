#include "wire/h1_head.hpp"

#include <ringway/base/assert.hpp>

#include "wire/authority.hpp"
#include "wire/chars.hpp"

namespace ringway::wire::detail {
namespace {

constexpr std::size_t usual_field_count = 32;

constexpr h1_reject bad_request(std::string_view reason) noexcept { return {400, reason}; }

// 1*DIGIT without a sign. 19 digits always fit into 64 bits, and nobody has larger bodies.
std::optional<std::uint64_t> read_content_length(std::string_view text) noexcept {
    std::uint64_t number = 0;
    for (const char c : text) {
        if (!is_digit(c)) {
            return std::nullopt;
        }
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return text.empty() || text.size() > 19 ? std::nullopt : std::optional{number};
}

}  // namespace

head_builder::head_builder() {
    marks_.reserve(usual_field_count);
    fields_.reserve(usual_field_count);
}

void head_builder::start(unsigned version_minor, std::size_t section_at) noexcept {
    section_at_ = section_at;
    marks_.clear();
    current_ = field::other;
    asks_close_ = false;
    asks_keep_alive_ = false;
    head.version_minor = version_minor;
    head.content_length.reset();
    head.chunked = false;
    head.expect_continue = false;
    head.present = 0;
    head.repeated = 0;
    head.fields = {};
    head.host = {};
}

h1_reject head_builder::on_name(text_place name) noexcept {
    const auto at = section_at_ + name.at;
    RW_ASSERT(at + name.size <= message_.size());
    current_ = classify_field(message_.substr(at, name.size));
    marks_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(name.size), 0, 0});
    return current_ == field::other ? h1_reject{} : note(current_);
}

// Notes that the field occurs; refuses what must not be repeated or combined.
h1_reject head_builder::note(field which) noexcept {
    const auto bit = field_bit(which);
    if ((head.present & bit) != 0) {
        switch (which) {
            case field::host: return bad_request("repeated Host");
            case field::content_length: return bad_request("repeated Content-Length");
            case field::transfer_encoding: return bad_request("repeated Transfer-Encoding");
            default: head.repeated |= bit; return {};
        }
    }
    head.present |= bit;
    head.first[static_cast<std::size_t>(which)] = static_cast<std::uint8_t>(marks_.size() - 1);
    constexpr auto lengths = field_bit(field::content_length) | field_bit(field::transfer_encoding);
    if ((bit & lengths) != 0 && (head.present & lengths) == lengths) {
        return bad_request("Content-Length beside Transfer-Encoding");
    }
    if (which == field::transfer_encoding && head.version_minor == 0) {
        return bad_request("Transfer-Encoding in HTTP/1.0");
    }
    return {};
}

h1_reject head_builder::on_value(text_place value) noexcept {
    const auto at = section_at_ + value.at;
    RW_ASSERT(at + value.size <= message_.size());
    auto size = value.size;
    while (size > 0 && is_ows(message_[at + size - 1])) {
        --size;
    }
    marks_.back().value_at = static_cast<std::uint32_t>(at);
    marks_.back().value_size = static_cast<std::uint32_t>(size);
    return judge_value(message_.substr(at, size));
}

h1_reject head_builder::judge_value(std::string_view value) noexcept {
    switch (current_) {
        case field::host: return is_authority(value) ? h1_reject{} : bad_request("bad Host");
        case field::content_length:
            head.content_length = read_content_length(value);
            return head.content_length ? h1_reject{} : bad_request("bad Content-Length");
        case field::transfer_encoding: return judge_transfer_encoding(value);
        case field::connection: read_connection(value); return {};
        case field::expect:
            head.expect_continue =
                head.version_minor > 0 && same_ignoring_case(value, "100-continue");
            return {};
        default: return {};
    }
}

// "chunked" and nothing else. Other codings before it are well-formed but unknown here: 501 (RFC
// 9112 section 6.1). Where it is not the last one nobody knows where the body ends: 400
// (section 6.3). In all else readers could disagree.
h1_reject head_builder::judge_transfer_encoding(std::string_view value) noexcept {
    if (same_ignoring_case(value, "chunked")) {
        head.chunked = true;
        return {};
    }
    bool last = false;
    bool ends_chunked = false;
    while (!last) {
        last = value.find(',') == std::string_view::npos;
        const auto coding = take_element(value);
        ends_chunked = same_ignoring_case(coding, "chunked");
        if (!is_token(coding) || (!last && ends_chunked)) {
            return bad_request("bad Transfer-Encoding");
        }
    }
    return ends_chunked ? h1_reject{501, "unknown transfer coding"}
                        : bad_request("chunked must be the last transfer coding");
}

void head_builder::read_connection(std::string_view value) noexcept {
    while (!value.empty()) {
        const auto option = take_element(value);
        asks_close_ = asks_close_ || same_ignoring_case(option, "close");
        asks_keep_alive_ = asks_keep_alive_ || same_ignoring_case(option, "keep-alive");
    }
}

h1_reject head_builder::finish() noexcept {
    if (head.version_minor > 0 && !head.has(field::host)) {
        return bad_request("no Host");
    }
    fields_.clear();
    for (const auto& mark : marks_) {
        fields_.push_back({message_.substr(mark.name_at, mark.name_size),
                           message_.substr(mark.value_at, mark.value_size)});
    }
    head.fields = fields_;
    head.keep_alive = !asks_close_ && (head.version_minor > 0 || asks_keep_alive_);
    const auto* const host = head.find(field::host);
    if (head.host.empty() && host != nullptr) {
        head.host = *host;
    }
    return {};
}

}  // namespace ringway::wire::detail
