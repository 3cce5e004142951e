#include "tls/record_reader.hpp"

#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/ring/buffer_pool.hpp>

#include "tls/aead.hpp"
#include "tls/alert.hpp"
#include "tls/record_keys.hpp"

namespace ringway::tls {
namespace {

constexpr std::size_t message_header_bytes = 4;
constexpr std::size_t key_update_bytes = message_header_bytes + 1;
constexpr std::byte new_session_ticket{4};
constexpr std::byte key_update{24};

std::size_t sealed_size(byte_view header) noexcept {
    return (std::to_integer<std::size_t>(header[3]) << 8U) |
           std::to_integer<std::size_t>(header[4]);
}

// Bytes of the record at the front, or more than there are when that is not known yet. One that is
// too long is over after its header.
std::size_t record_size(byte_view from) noexcept {
    if (from.size() < record_header_bytes) {
        return record_header_bytes;
    }
    const std::size_t sealed = sealed_size(from);
    return record_header_bytes + (sealed > record_sealed_max ? 0 : sealed);
}

}  // namespace

void record_reader::add(buffer_lease arrived) noexcept {
    RW_ASSERT(!input_);
    input_ = std::move(arrived);
}

bool record_reader::fail_with(alert what) noexcept {
    failed_ = true;
    failure_ = what;
    return false;
}

bool record_reader::allow_idle_record() noexcept {
    return ++idle_records_ <= idle_records_max || fail_with(alert::unexpected_message);
}

record_reader::status record_reader::next(buffer_lease& plain) {
    if (!partial_.empty() && !failed_ && !ended_) {
        const status assembled = next_assembled(plain);
        if (assembled != status::needs_input || !partial_.empty()) {
            return assembled;
        }
    }
    const byte_span all = input_.bytes();
    byte_span rest = all;
    std::size_t start = 0;  // Plaintext so far: in `all`, from here,
    std::size_t size = 0;   // so much.
    while (!failed_ && !ended_ && !rest.empty() && record_size(rest) <= rest.size()) {
        const byte_span record = rest.first(record_size(rest));
        rest = rest.subspan(record.size());
        opened found;
        if (!open(record, found) || !read(found)) {
            break;
        }
        if (found.type == content::application_data && !found.plain.empty()) {
            if (size == 0) {
                start = static_cast<std::size_t>(found.plain.data() - all.data());
            } else {
                std::memmove(all.data() + start + size, found.plain.data(), found.plain.size());
            }
            size += found.plain.size();
        }
    }
    if (!failed_ && !ended_) {
        partial_.fill(rest);
    }
    buffer_lease done = std::exchange(input_, buffer_lease{});
    if (size > 0) {
        done.narrow(start, size);
        plain = std::move(done);
        return status::data;
    }
    return failed_ ? status::failed : ended_ ? status::ended : status::needs_input;
}

// Goes on with the record that began in an earlier buffer.
record_reader::status record_reader::next_assembled(buffer_lease& plain) {
    const byte_span all = input_.bytes();
    const std::size_t taken = partial_.fill(all);
    if (taken == all.size()) {
        input_.reset();
    } else {
        input_.narrow(taken, all.size() - taken);
    }
    if (!partial_.complete()) {
        return status::needs_input;
    }
    const byte_span record = partial_.bytes();
    opened found;
    const bool ok = open(record, found) && read(found);
    if (ok && found.type == content::application_data && !found.plain.empty()) {
        plain = partial_.release(record_header_bytes, found.plain.size());
        return status::data;
    }
    partial_.clear();
    if (failed_ || ended_) {
        input_.reset();
        return failed_ ? status::failed : status::ended;
    }
    return status::needs_input;
}

// `record` with its header; its content afterwards, without padding.
bool record_reader::open(byte_span record, opened& into) {
    const byte_span header = record.first(record_header_bytes);
    const byte_span sealed = record.subspan(record_header_bytes);
    if (header[0] != static_cast<std::byte>(content::application_data)) {
        return fail_with(alert::unexpected_message);  // Nothing goes unprotected any more.
    }
    if (sealed_size(header) > record_sealed_max) {
        return fail_with(alert::record_overflow);
    }
    if (sealed.size() < aead::tag_bytes ||
        !keys_.sealer().open(keys_.next_nonce(), header, sealed)) {
        return fail_with(alert::bad_record_mac);
    }
    byte_span inner = sealed.first(sealed.size() - aead::tag_bytes);
    if (inner.size() > record_plain_max + 1) {
        return fail_with(alert::record_overflow);
    }
    while (!inner.empty() && inner.back() == std::byte{0}) {
        inner = inner.first(inner.size() - 1);
    }
    if (inner.empty()) {
        return fail_with(alert::unexpected_message);
    }
    into.type = static_cast<content>(inner.back());
    into.plain = inner.first(inner.size() - 1);
    return true;
}

bool record_reader::read(const opened& record) {
    // Between the parts of a handshake message there is nothing else (RFC 8446 5.1).
    if (!message_.empty() && record.type != content::handshake) {
        return fail_with(alert::unexpected_message);
    }
    switch (record.type) {
        case content::application_data:
            if (record.plain.empty()) {
                return allow_idle_record();
            }
            idle_records_ = 0;
            return true;
        case content::alert: return read_alert(record.plain);
        case content::handshake: return read_handshake(record.plain);
        default: return fail_with(alert::unexpected_message);
    }
}

bool record_reader::read_alert(byte_view body) noexcept {
    if (body.size() != 2) {
        return fail_with(body.empty() ? alert::unexpected_message : alert::decode_error);
    }
    switch (static_cast<alert>(body[1])) {
        case alert::close_notify: ended_ = true; return false;
        case alert::user_canceled: return allow_idle_record();  // close_notify follows.
        default: alerted_ = true; return fail_with(static_cast<alert>(body[1]));
    }
}

bool record_reader::read_handshake(byte_view body) {
    if (body.empty()) {
        return fail_with(alert::unexpected_message);
    }
    const bool spread = !message_.empty();
    if (spread) {
        if (message_.size() + body.size() > message_max + record_plain_max) {
            return fail_with(alert::unexpected_message);
        }
        message_.insert(message_.end(), body.begin(), body.end());
        body = message_;
    }
    while (body.size() >= message_header_bytes) {
        const std::size_t size =
            message_header_bytes + (std::to_integer<std::size_t>(body[1]) << 16U) +
            (std::to_integer<std::size_t>(body[2]) << 8U) + std::to_integer<std::size_t>(body[3]);
        const bool known =
            body[0] == key_update || (body[0] == new_session_ticket && role_ == role::client);
        if (!known || size > message_max) {
            return fail_with(alert::unexpected_message);
        }
        if (body[0] == key_update && size != key_update_bytes) {
            return fail_with(alert::decode_error);
        }
        if (body.size() < size) {
            break;
        }
        if (!read_message(body.first(size), body.size() == size)) {
            return false;
        }
        body = body.subspan(size);
    }
    std::vector<std::byte> rest{body.begin(), body.end()};
    message_ = std::move(rest);
    return true;
}

bool record_reader::read_message(byte_view message, bool last) {
    if (message[0] == new_session_ticket) {
        if (tickets_.size() + message.size() <= message_max) {
            tickets_.insert(tickets_.end(), message.begin(), message.end());
        }
        return allow_idle_record();
    }
    if (!last) {
        return fail_with(alert::unexpected_message);  // Keys change where a record ends.
    }
    if (message[4] != std::byte{0} && message[4] != std::byte{1}) {
        return fail_with(alert::illegal_parameter);
    }
    asked_ = asked_ || message[4] == std::byte{1};
    keys_.update();
    return allow_idle_record();
}

std::vector<std::byte> record_reader::take_tickets() noexcept {
    return std::exchange(tickets_, {});
}

}  // namespace ringway::tls
