#include "tls/record_writer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/ring/driver.hpp>

#include "tls/aead.hpp"
#include "tls/alert.hpp"
#include "tls/output_memory.hpp"
#include "tls/record_keys.hpp"

namespace ringway::tls {

void record_writer::begin(nanoseconds now) {
    RW_ASSERT(!block_);
    block_ = output_block::take();
    if (now - last_ >= pause) {
        in_a_row_ = 0;
    }
    last_ = now;
}

std::size_t record_writer::record_max() const noexcept {
    return in_a_row_ < small_until ? small_record : record_plain_max;
}

void record_writer::open_record() noexcept {
    if (limit_ != 0) {
        return;
    }
    if (owes_key_update_ || keys_.number() >= records_per_key) {
        put_key_update();
    }
    limit_ = record_max();
}

// The record of `placed_` bytes in place and `more`.
void record_writer::seal(byte_view more, content type) noexcept {
    const aead::plaintext what{body(), placed_, more, static_cast<std::byte>(type)};
    const std::size_t sealed = what.size() + aead::tag_bytes;
    RW_ASSERT(used_ + record_header_bytes + sealed <= output_block_bytes);
    const record_header header = header_for(sealed);
    std::ranges::copy(header, block_.data() + used_);
    keys_.sealer().seal(keys_.next_nonce(), header, what);
    used_ += record_header_bytes + sealed;
    in_a_row_ = std::min(small_until, in_a_row_ + what.size());
    placed_ = 0;
    limit_ = 0;
}

void record_writer::put(byte_view bytes) noexcept {
    RW_ASSERT(block_ && bytes.size() <= free_bytes());
    pending_ += bytes.size();
    while (!bytes.empty()) {
        open_record();
        const byte_view piece = bytes.first(std::min(bytes.size(), limit_ - placed_));
        bytes = bytes.subspan(piece.size());
        if (placed_ + piece.size() == limit_) {
            seal(piece, content::application_data);
        } else {
            std::ranges::copy(piece, body() + placed_);
            placed_ += piece.size();
        }
    }
}

byte_span record_writer::room(std::size_t wanted) noexcept {
    RW_ASSERT(block_ && wanted > 0 && free_bytes() > 0);
    open_record();
    return {body() + placed_, std::min({wanted, limit_ - placed_, free_bytes()})};
}

void record_writer::commit(std::size_t count) noexcept {
    RW_ASSERT(count <= free_bytes() && placed_ + count <= limit_);
    placed_ += count;
    pending_ += count;
    if (placed_ == limit_ && limit_ != 0) {
        seal({}, content::application_data);
    }
}

void record_writer::put_alert(alert what) noexcept {
    static_cast<void>(finish());
    const std::array body_bytes{std::byte{level_of(what)}, static_cast<std::byte>(what)};
    seal(body_bytes, content::alert);
}

// One answer is enough for any number of requests (RFC 8446 4.6.3). It asks for none in return.
void record_writer::put_key_update() noexcept {
    constexpr std::array message{std::byte{24}, std::byte{0}, std::byte{0}, std::byte{1},
                                 std::byte{0}};
    RW_ASSERT(placed_ == 0);
    seal(message, content::handshake);
    keys_.update();
    owes_key_update_ = false;
}

byte_view record_writer::finish() noexcept {
    RW_ASSERT(block_);
    if (placed_ > 0) {
        seal({}, content::application_data);
    }
    limit_ = 0;
    return {block_.data(), used_};
}

void record_writer::release() noexcept {
    block_.release();
    used_ = 0;
    placed_ = 0;
    limit_ = 0;
    pending_ = 0;
}

}  // namespace ringway::tls
