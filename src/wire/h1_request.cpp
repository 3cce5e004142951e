#include <ringway/wire/h1_request.hpp>

#include <algorithm>

#include <ringway/base/assert.hpp>

#include "wire/h1_chunks.hpp"
#include "wire/h1_fields.hpp"
#include "wire/h1_head.hpp"
#include "wire/h1_request_line.hpp"

namespace ringway::wire {

struct h1_request_parser::state {
    enum class phase : std::uint8_t { line, fields, complete, bad };

    explicit state(const head_limits& wanted) : limits{wanted} {}

    outcome feed(std::string_view buffer) noexcept;
    outcome feed_line(std::string_view buffer) noexcept;
    outcome feed_fields(std::string_view buffer) noexcept;
    outcome skip(std::string_view bytes) noexcept;

    head_limits limits;
    phase now = phase::line;
    bool body_ended = false;
    bool skipping_chunks = false;
    std::size_t seen = 0;              // Bytes of the message that were looked at.
    std::uint64_t body_remaining = 0;  // Where the length is known.
    detail::request_line_reader line;
    detail::field_section_reader fields;
    detail::head_builder builder;
    detail::chunk_skipper chunks;
};

namespace {

h1_request_parser::outcome refuse(const detail::h1_reject& why) noexcept {
    return {.what = h1_request_parser::status::bad,
            .consumed = 0,
            .reject_status = why.status,
            .reason = why.reason};
}

h1_request_parser::outcome progress(bool complete, std::size_t consumed) noexcept {
    using status = h1_request_parser::status;
    return {.what = complete ? status::complete : status::need_more,
            .consumed = consumed,
            .reject_status = 0,
            .reason = {}};
}

void check_limits(const head_limits& limits) noexcept {
    RW_ASSERT(limits.header_count_max <= 250);  // Indices have 8 bits.
    RW_ASSERT(limits.line_bytes_max >= 256 && limits.target_bytes_max >= 1);
    RW_ASSERT(limits.line_bytes_max <= 1U << 30 && limits.header_bytes_max <= 1U << 30);
}

}  // namespace

h1_request_parser::h1_request_parser(const head_limits& limits)
    : state_{std::make_unique<state>(limits)} {
    check_limits(limits);
}
h1_request_parser::h1_request_parser(h1_request_parser&&) noexcept = default;
h1_request_parser& h1_request_parser::operator=(h1_request_parser&&) noexcept = default;
h1_request_parser::~h1_request_parser() = default;

h1_request_parser::outcome h1_request_parser::parse(std::string_view buffer) noexcept {
    return state_->feed(buffer);
}

const request_head& h1_request_parser::head() const noexcept {
    RW_ASSERT(state_->now == state::phase::complete);
    return state_->builder.head;
}

bool h1_request_parser::has_body() const noexcept {
    const auto& head = this->head();
    return head.chunked || head.content_length.value_or(0) > 0;
}

h1_request_parser::outcome h1_request_parser::skip_body(std::string_view bytes) noexcept {
    RW_ASSERT(has_body() && !state_->body_ended);
    const auto result = state_->skip(bytes);
    state_->body_ended = result.what != status::need_more;
    return result;
}

void h1_request_parser::next() noexcept {
    state_->now = state::phase::line;
    state_->seen = 0;
    state_->body_ended = false;
    state_->line = {};
    if (state_->skipping_chunks) {
        state_->chunks.reset();
        state_->skipping_chunks = false;
    }
}

h1_request_parser::outcome h1_request_parser::state::feed(std::string_view buffer) noexcept {
    RW_ASSERT(now == phase::line || now == phase::fields);
    RW_ASSERT(buffer.size() >= seen);
    const auto result = now == phase::line ? feed_line(buffer) : feed_fields(buffer);
    if (result.what != status::need_more) {
        now = result.what == status::complete ? phase::complete : phase::bad;
    }
    return result;
}

h1_request_parser::outcome h1_request_parser::state::feed_line(std::string_view buffer) noexcept {
    if (const auto refused = line.feed(buffer, limits)) {
        return refuse(refused);
    }
    if (!line.complete()) {
        seen = buffer.size();
        return {};
    }
    seen = line.end();
    now = phase::fields;
    fields.reset();
    builder.start(line.version_minor(), seen);
    return feed_fields(buffer);
}

h1_request_parser::outcome h1_request_parser::state::feed_fields(std::string_view buffer) noexcept {
    builder.set_message(buffer);
    const auto read = fields.feed(buffer.substr(seen), limits, &builder);
    if (read.refused) {
        return refuse(read.refused);
    }
    seen += read.consumed;
    if (!read.complete) {
        return {};
    }
    line.describe(buffer, builder.head);
    if (const auto refused = builder.finish()) {
        return refuse(refused);
    }
    body_remaining = builder.head.content_length.value_or(0);
    return progress(true, seen);
}

h1_request_parser::outcome h1_request_parser::state::skip(std::string_view bytes) noexcept {
    if (!builder.head.chunked) {
        const auto taken = std::min<std::uint64_t>(body_remaining, bytes.size());
        body_remaining -= taken;
        return progress(body_remaining == 0, static_cast<std::size_t>(taken));
    }
    skipping_chunks = true;
    const auto read = chunks.feed(bytes, limits);
    return read.refused ? refuse(read.refused) : progress(read.complete, read.consumed);
}

}  // namespace ringway::wire
