#include "lab/answer_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <strings.h>

namespace ringway::lab {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view status_ok = "HTTP/1.1 200";
constexpr std::string_view length_name = "\r\ncontent-length:";

std::optional<std::uint64_t> content_length(std::string_view head) {
    for (std::size_t at = 0; (at = head.find("\r\n", at)) != std::string_view::npos; ++at) {
        if (head.size() - at < length_name.size() ||
            ::strncasecmp(head.data() + at, length_name.data(), length_name.size()) != 0) {
            continue;
        }
        auto value = head.substr(at + length_name.size());
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        std::uint64_t length = 0;
        const auto read = std::from_chars(value.data(), value.data() + value.size(), length);
        return read.ec == std::errc{} ? std::optional{length} : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

answer_reader answer_reader::of_echo(byte_view expected) noexcept {
    answer_reader made;
    made.http_ = false;
    made.expected_ = expected;
    made.content_ = expected.size();
    return made;
}

answer_reader::state answer_reader::take(byte_view bytes) {
    return !http_ ? take_echo(bytes) : in_body_ ? take_body(bytes.size()) : take_head(bytes);
}

answer_reader::state answer_reader::take_echo(byte_view bytes) noexcept {
    if (bytes.size() > expected_.size() - seen_ ||
        std::memcmp(bytes.data(), expected_.data() + seen_, bytes.size()) != 0) {
        return state::wrong;
    }
    seen_ += bytes.size();
    if (seen_ < expected_.size()) {
        return state::more;
    }
    seen_ = 0;
    return state::complete;
}

answer_reader::state answer_reader::take_head(byte_view bytes) {
    auto text = as_text(bytes);
    if (!head_.empty()) {
        head_ += text;
        text = head_;
    }
    const auto end = text.find(head_end);
    if (end == std::string_view::npos) {
        if (text.size() > head_max) {
            return state::wrong;
        }
        if (head_.empty()) {
            head_ = text;
        }
        return state::more;
    }
    const auto length = content_length(text.substr(0, end + 2));
    if (!text.starts_with(status_ok) || !length) {
        return state::wrong;
    }
    left_ = content_ = *length;
    in_body_ = true;
    const auto behind = text.size() - end - head_end.size();
    head_.clear();
    return take_body(behind);
}

answer_reader::state answer_reader::take_body(std::size_t size) noexcept {
    if (size > left_) {
        return state::wrong;
    }
    left_ -= size;
    in_body_ = left_ > 0;
    return in_body_ ? state::more : state::complete;
}

}  // namespace ringway::lab
