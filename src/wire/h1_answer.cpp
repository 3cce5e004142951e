#include <ringway/wire/h1_answer.hpp>

#include <algorithm>
#include <vector>

#include <ringway/base/assert.hpp>

#include "wire/chars.hpp"
#include "wire/h1_chunks.hpp"
#include "wire/h1_fields.hpp"

namespace ringway::wire {
namespace {

using detail::h1_reject;
using detail::is_digit;
using detail::same_ignoring_case;
using detail::text_place;

constexpr h1_reject bad(std::string_view reason) noexcept { return {400, reason}; }

constexpr std::size_t number_digits_max = 19;  // Always fit into 64 bits.

// Which fields say where a message ends; of all others only the text is kept.
enum class framing_field : std::uint8_t { none, content_length, transfer_encoding, connection };

framing_field framing_of(std::string_view name) noexcept {
    if (same_ignoring_case(name, "content-length")) {
        return framing_field::content_length;
    }
    if (same_ignoring_case(name, "transfer-encoding")) {
        return framing_field::transfer_encoding;
    }
    return same_ignoring_case(name, "connection") ? framing_field::connection : framing_field::none;
}

// HTTP-version SP status-code SP [ reason-phrase ] (section 4), without its CRLF. The last space
// is left out by many servers that have no reason.
h1_reject read_status_line(std::string_view line, answer_head& into) noexcept {
    constexpr std::string_view version = "HTTP/1.";
    if (!line.starts_with(version.substr(0, std::min(line.size(), version.size())))) {
        return bad("no HTTP/1 response");
    }
    if (line.size() < 12 || !is_digit(line[7]) || line[8] != ' ' ||
        !std::ranges::all_of(line.substr(9, 3), is_digit)) {
        return bad("bad status line");
    }
    into.version_minor = line[7] == '0' ? 0 : 1;
    into.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    into.reason = line.substr(std::min<std::size_t>(13, line.size()));
    if (into.status < 100 || into.status > 599 || (line.size() > 12 && line[12] != ' ')) {
        return bad("bad status line");
    }
    const bool clean = std::ranges::none_of(
        into.reason, [](char c) { return detail::is_control(c) && c != '\t'; });
    return clean ? h1_reject{} : bad("control character in the status line");
}

}  // namespace

struct h1_answer_parser::state final : detail::field_sink {
    enum class phase : std::uint8_t { line, fields, complete, bad };

    struct mark {
        text_place name;
        text_place value;
    };

    explicit state(const head_limits& wanted) : limits{wanted} {
        marks.reserve(32);
        fields_seen.reserve(32);
    }

    h1_reject on_name(text_place name) noexcept override;
    h1_reject on_value(text_place value) noexcept override;
    h1_reject read_length(std::string_view value) noexcept;
    h1_reject read_coding(std::string_view value) noexcept;
    void read_connection(std::string_view value) noexcept;
    outcome feed_line(std::string_view buffer) noexcept;
    outcome feed_fields(std::string_view buffer) noexcept;
    h1_reject finish(bool to_head) noexcept;
    outcome refuse(std::string_view reason) noexcept;
    void reset() noexcept;

    head_limits limits;
    phase now = phase::line;
    answer_head head;
    std::string_view message;
    std::size_t section_at = 0;  // Where the fields start.
    std::size_t seen = 0;
    std::vector<mark> marks;
    std::vector<header_field> fields_seen;
    detail::field_section_reader fields;
    detail::chunk_skipper chunks;
    framing_field current = framing_field::none;
    bool asks_close = false;
    bool asks_keep_alive = false;
    bool body = false;
    bool body_ended = false;
    bool until_close = false;
    std::uint64_t remaining = 0;
};

void h1_answer_parser::state::reset() noexcept {
    now = phase::line;
    head = {};
    section_at = seen = 0;
    marks.clear();
    fields.reset();
    chunks.reset();
    asks_close = asks_keep_alive = false;
    body = body_ended = until_close = false;
    remaining = 0;
}

h1_answer_parser::outcome h1_answer_parser::state::refuse(std::string_view reason) noexcept {
    now = phase::bad;
    return {.what = status::bad, .consumed = 0, .reason = reason};
}

h1_reject h1_answer_parser::state::on_name(text_place name) noexcept {
    current = framing_of(message.substr(section_at + name.at, name.size));
    marks.push_back({name, {}});
    return {};
}

h1_reject h1_answer_parser::state::on_value(text_place value) noexcept {
    const auto text = detail::trim_ows(message.substr(section_at + value.at, value.size));
    marks.back().value = {value.at, text.size()};
    switch (current) {
        case framing_field::content_length: return read_length(text);
        case framing_field::transfer_encoding: return read_coding(text);
        case framing_field::connection: read_connection(text); return {};
        case framing_field::none: break;
    }
    return {};
}

h1_reject h1_answer_parser::state::read_length(std::string_view value) noexcept {
    if (value.empty() || value.size() > number_digits_max ||
        !std::ranges::all_of(value, is_digit)) {
        return bad("bad Content-Length");
    }
    std::uint64_t number = 0;
    for (const char c : value) {
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (head.content_length && *head.content_length != number) {
        return bad("two lengths in one response");
    }
    head.content_length = number;
    return {};
}

h1_reject h1_answer_parser::state::read_coding(std::string_view value) noexcept {
    if (head.chunked || !same_ignoring_case(value, "chunked")) {
        return bad("a transfer coding other than chunked");
    }
    head.chunked = true;
    return {};
}

void h1_answer_parser::state::read_connection(std::string_view value) noexcept {
    while (!value.empty()) {
        const auto option = detail::take_element(value);
        asks_close = asks_close || same_ignoring_case(option, "close");
        asks_keep_alive = asks_keep_alive || same_ignoring_case(option, "keep-alive");
    }
}

h1_answer_parser::outcome h1_answer_parser::state::feed_line(std::string_view buffer) noexcept {
    const auto end = buffer.find('\n', seen == 0 ? 0 : seen - 1);
    if (end == std::string_view::npos) {
        seen = buffer.size();
        if (buffer.size() > limits.line_bytes_max) {
            return refuse("status line too long");
        }
        constexpr std::string_view version = "HTTP/1.";
        const auto size = std::min(buffer.size(), version.size());
        return buffer.substr(0, size) == version.substr(0, size) ? outcome{}
                                                                 : refuse("no HTTP/1 response");
    }
    if (end > limits.line_bytes_max || end == 0 || buffer[end - 1] != '\r') {
        return refuse(end > limits.line_bytes_max ? "status line too long" : "bad line end");
    }
    if (const auto refused = read_status_line(buffer.substr(0, end - 1), head)) {
        return refuse(refused.reason);
    }
    section_at = seen = end + 1;
    now = phase::fields;
    return {};
}

h1_answer_parser::outcome h1_answer_parser::state::feed_fields(std::string_view buffer) noexcept {
    message = buffer;
    const auto done = fields.feed(buffer.substr(seen), limits, this);
    if (done.refused) {
        return refuse(done.refused.reason);
    }
    seen += done.consumed;
    return done.complete ? outcome{.what = status::complete, .consumed = seen} : outcome{};
}

// Section 6.3.
h1_reject h1_answer_parser::state::finish(bool to_head) noexcept {
    if (head.chunked && (head.content_length || head.version_minor == 0)) {
        return bad(head.content_length ? "Content-Length beside Transfer-Encoding"
                                       : "Transfer-Encoding in HTTP/1.0");
    }
    if (head.status == 101) {
        return bad("a switch of protocols that was not asked for");
    }
    fields_seen.clear();
    for (const auto& each : marks) {
        fields_seen.push_back({message.substr(section_at + each.name.at, each.name.size),
                               message.substr(section_at + each.value.at, each.value.size)});
    }
    head.fields = fields_seen;
    head.keep_alive = !asks_close && (head.version_minor > 0 || asks_keep_alive);
    const bool never = to_head || head.is_interim() || head.status == 204 || head.status == 304;
    until_close = !never && !head.chunked && !head.content_length;
    remaining = never ? 0 : head.content_length.value_or(0);
    body = !never && (head.chunked || until_close || remaining > 0);
    body_ended = !body;
    head.keep_alive = head.keep_alive && !until_close;
    now = phase::complete;
    return {};
}

h1_answer_parser::h1_answer_parser(const head_limits& limits)
    : state_{std::make_unique<state>(limits)} {}
h1_answer_parser::h1_answer_parser(h1_answer_parser&&) noexcept = default;
h1_answer_parser& h1_answer_parser::operator=(h1_answer_parser&&) noexcept = default;
h1_answer_parser::~h1_answer_parser() = default;

h1_answer_parser::outcome h1_answer_parser::parse(std::string_view buffer, bool to_head) noexcept {
    state& me = *state_;
    RW_ASSERT(me.now == state::phase::line || me.now == state::phase::fields);
    if (me.now == state::phase::line) {
        const auto done = me.feed_line(buffer);
        if (done.what == status::bad || me.now == state::phase::line) {
            return done;
        }
    }
    const auto done = me.feed_fields(buffer);
    if (done.what != status::complete) {
        return done;
    }
    // The buffer may have moved since the line was read.
    const auto line = buffer.substr(0, me.section_at - 2);
    me.head.reason = line.substr(std::min<std::size_t>(13, line.size()));
    if (const auto refused = me.finish(to_head)) {
        return me.refuse(refused.reason);
    }
    return done;
}

const answer_head& h1_answer_parser::head() const noexcept {
    RW_ASSERT(state_->now == state::phase::complete);
    return state_->head;
}

bool h1_answer_parser::has_body() const noexcept { return state_->body; }
bool h1_answer_parser::is_until_close() const noexcept { return state_->until_close; }
bool h1_answer_parser::may_end_here() const noexcept {
    return state_->now == state::phase::complete && (state_->until_close || state_->body_ended);
}

h1_answer_parser::body_outcome h1_answer_parser::read_body(std::span<char> bytes) noexcept {
    state& me = *state_;
    RW_ASSERT(me.now == state::phase::complete);
    if (me.body_ended) {
        return {.what = status::complete};
    }
    if (me.until_close) {
        return {.what = status::need_more, .consumed = bytes.size(), .content = bytes.size()};
    }
    if (!me.head.chunked) {
        const auto taken =
            static_cast<std::size_t>(std::min<std::uint64_t>(me.remaining, bytes.size()));
        me.remaining -= taken;
        me.body_ended = me.remaining == 0;
        return {.what = me.body_ended ? status::complete : status::need_more,
                .consumed = taken,
                .content = taken};
    }
    std::size_t kept = 0;
    const auto done = me.chunks.feed(bytes, me.limits, kept);
    if (done.refused) {
        me.now = state::phase::bad;
        return {.what = status::bad, .reason = done.refused.reason};
    }
    me.body_ended = done.complete;
    return {.what = done.complete ? status::complete : status::need_more,
            .consumed = done.consumed,
            .content = kept};
}

void h1_answer_parser::next() noexcept { state_->reset(); }

}  // namespace ringway::wire
