#include "quic/pending_packets.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>

#include "tls/aead.hpp"
#include "tls/block_cipher.hpp"

namespace ringway::quic::detail {
namespace {

// RFC 9001 section 5.4.1: the low bits of the first byte, and the packet number.
void apply(const tls::block_cipher::mask& mask, std::byte* first, std::byte* number,
           std::size_t number_bytes) noexcept {
    constexpr auto long_header = std::byte{0x80};
    const bool is_long = (*first & long_header) != std::byte{0};
    *first ^= std::byte{mask[0]} & (is_long ? std::byte{0x0f} : std::byte{0x1f});
    for (std::size_t i = 0; i < number_bytes; ++i) {
        number[i] ^= std::byte{mask[1 + i]};
    }
}

constexpr std::ptrdiff_t sample_behind_number = 4;

}  // namespace

void pending_packets::add(tls::aead& with, const tls::aead::nonce& number, byte_span header,
                          byte_span payload) noexcept {
    RW_ASSERT(header.data() + header.size() == payload.data());
    if (count_ > 0 && packets_[count_ - 1].masker == nullptr) {
        --count_;
    }
    packet next{.sealer = &with,
                .start = header.data(),
                .header_bytes = static_cast<std::uint32_t>(header.size()),
                .payload_bytes = static_cast<std::uint32_t>(payload.size()),
                .number = number};
    forget_what_overlaps(next);
    if (count_ == packets_.size()) {
        seal();
    }
    const std::less<> lies_before;
    lowest_ = count_ == 0 || lies_before(next.start, lowest_) ? next.start : lowest_;
    highest_ = count_ == 0 || lies_before(highest_, next.end()) ? next.end() : highest_;
    packets_[count_++] = next;
}

void pending_packets::forget_what_overlaps(const packet& next) noexcept {
    const std::less<> lies_before;
    if (count_ == 0 || !lies_before(next.start, highest_) || !lies_before(lowest_, next.end())) {
        return;
    }
    const auto used = std::span{packets_}.first(count_);
    const auto gone = std::ranges::remove_if(used, [&](const packet& each) {
        return lies_before(next.start, each.end()) && lies_before(each.start, next.end());
    });
    count_ -= gone.size();
}

bool pending_packets::mask_last(tls::block_cipher& with, const std::uint8_t* sample) noexcept {
    if (count_ == 0) {
        return false;
    }
    packet& last = packets_[count_ - 1];
    const auto* const number = reinterpret_cast<const std::byte*>(sample) - sample_behind_number;
    const std::byte* const payload = last.start + last.header_bytes;
    if (last.masker != nullptr || number <= last.start || number >= payload ||
        payload - number > sample_behind_number) {
        return false;
    }
    last.masker = &with;
    last.sample = sample;
    return true;
}

std::size_t pending_packets::seal() noexcept {
    if (count_ > 0 && packets_[count_ - 1].masker == nullptr) {
        --count_;
    }
    for (const packet& each : std::span{packets_}.first(count_)) {
        const byte_view header{each.start, each.header_bytes};
        const byte_span body{each.start + each.header_bytes,
                             each.payload_bytes + tls::aead::tag_bytes};
        each.sealer->seal_in_place(each.number, header, body);
    }
    mask_headers();
    const std::size_t sealed = count_;
    count_ = 0;
    return sealed;
}

// Runs of packets of one connection share the key.
void pending_packets::mask_headers() noexcept {
    std::array<const std::uint8_t*, packets_max> samples;
    std::array<tls::block_cipher::mask, packets_max> masks;
    for (std::size_t from = 0; from < count_;) {
        std::size_t to = from;
        for (; to < count_ && packets_[to].masker == packets_[from].masker; ++to) {
            samples[to] = packets_[to].sample;
        }
        packets_[from].masker->masks(std::span{samples}.subspan(from, to - from),
                                     std::span{masks}.subspan(from, to - from));
        from = to;
    }
    for (std::size_t i = 0; i < count_; ++i) {
        const packet& each = packets_[i];
        std::byte* const payload = each.start + each.header_bytes;
        const auto number_at =
            reinterpret_cast<const std::byte*>(each.sample) - each.start - sample_behind_number;
        std::byte* const number = each.start + number_at;
        apply(masks[i], each.start, number, static_cast<std::size_t>(payload - number));
    }
}

bool pending_packets::uses(const void* key) const noexcept {
    return std::ranges::any_of(std::span{packets_}.first(count_), [&](const packet& each) {
        return each.sealer == key || each.masker == key;
    });
}

}  // namespace ringway::quic::detail
