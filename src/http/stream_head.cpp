#include "http/stream_head.hpp"

#include <algorithm>
#include <charconv>

#include "wire/authority.hpp"
#include "wire/chars.hpp"

namespace ringway::http::detail {
namespace {

constexpr std::size_t method_bytes_max = 32;
// RFC 9113 section 6.5.2: what a field counts beside its bytes in MAX_HEADER_LIST_SIZE.
constexpr std::size_t field_overhead = 32;
// A section of so many times the limits is an attack; less is answered with 431.
constexpr std::size_t bomb_factor = 4;
constexpr std::size_t kept_bytes_max = 2048;

bool is_target_text(std::string_view target) noexcept {
    bool good = true;
    for (const char c : target) {
        good = good && wire::detail::is_vchar(c) && c != '#';
    }
    return good;
}

}  // namespace

void stream_head::start() noexcept {
    text_.clear();
    places_.clear();
    bytes_ = 0;
    count_ = 0;
    method_ = scheme_ = authority_ = path_ = {};
    has_authority_ = false;
    target_too_long_ = false;
    has_forbidden_ = false;
}

stream_head::place stream_head::keep(std::string_view text) {
    const place kept{static_cast<std::uint32_t>(text_.size()),
                     static_cast<std::uint32_t>(text.size())};
    text_ += text;
    return kept;
}

bool stream_head::add(std::string_view name, std::string_view value) {
    ++count_;
    bytes_ += name.size() + value.size();
    if (count_ > bomb_factor * limits_.header_count_max ||
        bytes_ + count_ * field_overhead >
            bomb_factor * (limits_.header_bytes_max + limits_.target_bytes_max)) {
        return false;
    }
    if (!name.empty() && name.front() == ':') {
        return add_pseudo(name, value);
    }
    // Of a value of one byte nghttp3 1.8 sees only that it is no white space.
    has_forbidden_ =
        has_forbidden_ || (value.size() == 1 && wire::detail::is_control(value.front()));
    if (places_.size() > limits_.header_count_max || bytes_ > limits_.header_bytes_max) {
        return true;
    }
    const place kept = keep(name);
    places_.push_back({kept, keep(value)});
    return true;
}

bool stream_head::add_pseudo(std::string_view name, std::string_view value) {
    if (name == ":path") {
        target_too_long_ = value.size() > limits_.target_bytes_max;
        bytes_ -= std::min(value.size(), limits_.target_bytes_max);
        path_ = keep(value.substr(0, limits_.target_bytes_max));
    } else if (name == ":method") {
        method_ = keep(value);
    } else if (name == ":scheme") {
        scheme_ = keep(value);
    } else if (name == ":authority") {
        has_authority_ = true;
        authority_ = keep(value);
    }
    return true;
}

stream_head::outcome stream_head::finish() {
    make_request();
    if (has_forbidden_) {
        return {.malformed = true, .reason = "forbidden character"};
    }
    if (target_too_long_) {
        return {.reject_status = 414, .reason = "target too long"};
    }
    if (bytes_ > limits_.header_bytes_max) {
        return {.reject_status = 431, .reason = "fields too large"};
    }
    if (places_.size() > limits_.header_count_max) {
        return {.reject_status = 431, .reason = "too many fields"};
    }
    if (!wire::detail::is_token(request_.method_text)) {
        return {.malformed = true, .reason = "bad method"};
    }
    if (request_.method_text.size() > method_bytes_max) {
        return {.reject_status = 501, .reason = "method too long"};
    }
    if (const outcome judged = judge_target(target()); judged.malformed) {
        return judged;
    }
    // RFC 9113 section 8.3.1: Host must not name somebody else.
    if (request_.is_repeated(wire::field::host)) {
        return {.malformed = true, .reason = "repeated Host"};
    }
    if (request_.has(wire::field::host)) {
        const std::string_view host = request_.find(wire::field::host);
        const bool same = std::ranges::equal(host, of(authority_), {}, wire::detail::to_lower,
                                             wire::detail::to_lower);
        if (has_authority_ && !same) {
            return {.malformed = true, .reason = "Host is not the authority"};
        }
        request_.authority = host;
    }
    if (request_.method != wire::method_id::connect &&
        !wire::detail::is_authority(request_.authority)) {
        return {.malformed = true, .reason = "bad authority"};
    }
    if (request_.is_repeated(wire::field::content_length) ||
        (request_.has(wire::field::content_length) && !content_length())) {
        return {.malformed = true, .reason = "bad Content-Length"};
    }
    return {};
}

stream_head::outcome stream_head::judge_target(std::string_view target) const noexcept {
    if (request_.method == wire::method_id::connect) {
        // RFC 9113 section 8.5: :scheme and :path are left out.
        const bool good = scheme_.size == 0 && target.empty() &&
                          wire::detail::is_authority_with_port(of(authority_));
        return {.malformed = !good, .reason = "CONNECT needs host:port"};
    }
    const std::string_view scheme = of(scheme_);
    if (!wire::detail::same_ignoring_case(scheme, "https") &&
        !wire::detail::same_ignoring_case(scheme, "http")) {
        return {.malformed = true, .reason = "unknown scheme"};
    }
    const bool asterisk = target == "*" && request_.method == wire::method_id::options;
    if ((!target.starts_with('/') && !asterisk) || !is_target_text(target)) {
        return {.malformed = true, .reason = "bad path"};
    }
    return {};
}

void stream_head::make_request() {
    fields_.clear();
    for (const field_place& each : places_) {
        fields_.push_back({of(each.name), of(each.value)});
    }
    request_ = {};
    request_.protocol = protocol_;
    request_.method_text = of(method_);
    request_.method = wire::classify_method(request_.method_text);
    const std::string_view whole = target();
    const std::size_t mark = whole.find('?');
    request_.path = whole.substr(0, mark);
    request_.query = mark == std::string_view::npos ? std::string_view{} : whole.substr(mark + 1);
    request_.authority = of(authority_);
    request_.fields = fields_;
    index_fields(request_);
}

std::optional<std::uint64_t> stream_head::content_length() const noexcept {
    const std::string_view text = request_.find(wire::field::content_length);
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || text.size() > 19 || read.ec != std::errc{} ||
        read.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

bool stream_head::expects_continue() const noexcept {
    return wire::detail::same_ignoring_case(request_.find(wire::field::expect), "100-continue");
}

void stream_head::shrink() {
    if (text_.capacity() > kept_bytes_max) {
        text_ = std::string{};
    }
}

// The views of the original point into its text: here they point to the same places of ours.
stream_head::copy::copy(const stream_head& from)
    : text_{from.text_}, fields_{from.fields_}, request_{from.request_} {
    const auto moved = [&](std::string_view text) {
        return text.empty() ? std::string_view{}
                            : std::string_view{text_.data() + (text.data() - from.text_.data()),
                                               text.size()};
    };
    for (wire::header_field& field : fields_) {
        field = {moved(field.name), moved(field.value)};
    }
    request_.method_text = moved(request_.method_text);
    request_.path = moved(request_.path);
    request_.query = moved(request_.query);
    request_.authority = moved(request_.authority);
    request_.fields = fields_;
}

}  // namespace ringway::http::detail
