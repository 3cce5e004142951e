#include "http/client_stream.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <ringway/base/assert.hpp>

#include "wire/chars.hpp"

namespace ringway::http::detail {
namespace {

bool has_upper(std::string_view name) noexcept {
    return std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// RFC 9110 section 5.5. Of a value of one byte nghttp3 1.8 sees only that it is no white space.
bool has_control(std::string_view value) noexcept {
    return std::ranges::any_of(
        value, [](char c) { return wire::detail::is_control(c) && !wire::detail::is_ows(c); });
}

}  // namespace

client_stream::client_stream(client_carrier& carrier, const client_request& asked)
    : carrier_{&carrier}, body_to_send_{asked.body}, to_head_{asked.method == "HEAD"} {}

client_stream::~client_stream() { RW_ASSERT(finished_); }

task<result<client_head>> client_stream::head() {
    RW_ASSERT(!head_taken_);
    while (!has_head_ && !is_ended()) {
        news_.reset();
        const auto waited = co_await news_.wait();
        if (!waited) {
            co_return std::unexpected{waited.error()};
        }
    }
    if (!has_head_) {
        co_return std::unexpected{failed_};
    }
    head_taken_ = true;
    co_return std::move(head_);
}

task<result<buffer_lease>> client_stream::read() {
    while (pieces_.empty()) {
        if (failed_.code != errc::none) {
            co_return std::unexpected{failed_};
        }
        if (ended_) {
            co_return buffer_lease{};
        }
        news_.reset();
        const auto waited = co_await news_.wait();
        if (!waited) {
            co_return std::unexpected{waited.error()};
        }
    }
    buffer_lease piece = std::move(pieces_.front());
    pieces_.pop_front();
    if (carrier_ != nullptr) {
        carrier_->taken(*this, piece.bytes().size());
    }
    co_return piece;
}

task<void> client_stream::finish() {
    if (!finished_) {
        finished_ = true;
        std::size_t unread = 0;
        for (const buffer_lease& each : pieces_) {
            unread += each.bytes().size();
        }
        if (carrier_ != nullptr) {
            if (unread > 0) {
                carrier_->taken(*this, unread);
            }
            std::exchange(carrier_, nullptr)->leave(*this);
        }
        pieces_.clear();
    }
    co_return;
}

// RFC 9113 section 8.2 and 8.3.2, which nghttp2 and nghttp3 check; what remains is ours.
bool client_stream::add_field(std::string_view name, std::string_view value) {
    head_bytes_ += name.size() + value.size() + 32;
    if (head_bytes_ > head_bytes_max || has_upper(name) || has_control(value)) {
        return false;
    }
    if (has_head_) {
        return !name.starts_with(':');  // Trailers: checked, counted and dropped.
    }
    if (name == ":status") {
        const auto read = std::from_chars(value.data(), value.data() + value.size(), head_.status);
        return value.size() == 3 && read.ec == std::errc{} && head_.status >= 100 &&
               head_.status <= 599;
    }
    head_.fields.push_back({std::string{name}, std::string{value}});
    return name != "content-length" || take_length(value);
}

bool client_stream::take_length(std::string_view value) noexcept {
    std::uint64_t number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool whole = read.ec == std::errc{} && read.ptr == value.data() + value.size() &&
                       wire::detail::is_digit(value.front());
    const bool same = length_ == UINT64_MAX || length_ == number;
    length_ = number;
    return whole && same;
}

bool client_stream::head_ended() {
    if (has_head_) {
        return true;
    }
    if (head_.status < 200) {  // An interim response: another head follows.
        const bool fine = head_.status >= 100 && head_.status != 101;
        head_ = {};
        length_ = UINT64_MAX;
        return fine;
    }
    if (to_head_ || head_.status == 304 || head_.status == 204) {
        length_ = 0;
    }
    has_head_ = true;
    news_.set();
    return true;
}

bool client_stream::add_body(byte_view bytes) {
    received_ += bytes.size();
    if (!has_head_ || (length_ != UINT64_MAX && received_ > length_)) {
        return false;
    }
    if (!bytes.empty()) {
        pieces_.push_back(buffer_lease::copy_of(bytes));
        news_.set();
    }
    return true;
}

bool client_stream::body_ended() {
    if (!has_head_ || (length_ != UINT64_MAX && received_ != length_)) {
        return false;
    }
    ended_ = true;
    news_.set();
    return true;
}

void client_stream::fail_with(error what, std::string_view why, bool unprocessed) {
    if (is_ended()) {
        return;
    }
    failed_ = what;
    problem_ = why;
    unprocessed_ = unprocessed && !has_head_;
    news_.set();
}

void client_stream::start_over() noexcept {
    head_ = {};
    head_bytes_ = 0;
    length_ = UINT64_MAX;
    received_ = 0;
    has_head_ = false;
    body_sent = 0;
    id = -1;
    pieces_.clear();
}

}  // namespace ringway::http::detail
