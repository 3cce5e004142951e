// What a TLS 1.3 connection receives: cut and fed to the record layer as it is, and as content of
// authentic records, which is how a hostile peer that has the keys reaches what lies behind.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <ringway/base/assert.hpp>

#include "tls/record_reader.hpp"

namespace tls = ringway::tls;

namespace {

ringway::buffer_lease lease_of(ringway::byte_view bytes) {
    auto memory = std::make_unique<std::byte[]>(bytes.size());
    std::ranges::copy(bytes, memory.get());
    return {std::move(memory), static_cast<std::uint32_t>(bytes.size())};
}

tls::record_keys keys() {
    constexpr std::array<std::byte, 32> secret{std::byte{42}};
    return {tls::cipher::aes_128_gcm, tls::secret{secret}, 0};
}

std::size_t read(tls::record_reader& reader, ringway::byte_view bytes) {
    std::size_t size = 0;
    reader.add(lease_of(bytes));
    for (;;) {
        ringway::buffer_lease plain;
        const auto status = reader.next(plain);
        if (status != tls::record_reader::status::data) {
            return size;
        }
        RW_ASSERT(!plain.bytes().empty());
        size += plain.bytes().size();
    }
}

// Each piece of the input is `inner`, as it is before encryption: content, type, padding.
std::vector<std::byte> seal(tls::record_keys& by, ringway::byte_view inner) {
    const auto header = tls::header_for(inner.size() + tls::aead::tag_bytes);
    std::vector<std::byte> record(header.begin(), header.end());
    record.insert(record.end(), inner.begin(), inner.end());
    record.resize(record.size() + tls::aead::tag_bytes);
    std::byte* const body = record.data() + tls::record_header_bytes;
    by.sealer().seal(by.next_nonce(), header, {body, inner.size() - 1, {}, inner.back()});
    return record;
}

}  // namespace

// The first byte says how; every piece begins with its length.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const bool authentic = (data[0] & 1U) != 0;
    const auto role =
        (data[0] & 2U) != 0 ? tls::record_reader::role::client : tls::record_reader::role::server;
    ringway::byte_view rest{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
    tls::record_reader reader{keys(), role};
    tls::record_keys sending = keys();
    std::size_t sent = 0;
    std::size_t got = 0;
    while (rest.size() >= 2) {
        const auto length = std::to_integer<std::size_t>(rest[0]) + 1;
        const auto piece = rest.subspan(1, std::min(length, rest.size() - 1));
        rest = rest.subspan(1 + piece.size());
        sent += piece.size();
        if (!authentic) {
            got += read(reader, piece);
            continue;
        }
        got += read(reader, seal(sending, piece));
        constexpr std::array update{std::byte{24}, std::byte{0}, std::byte{0}, std::byte{1}};
        if (piece.size() == 6 && std::ranges::equal(piece.first(4), update) &&
            piece[5] == std::byte{22}) {
            sending.update();
        }
        RW_ASSERT(reader.take_tickets().size() <= tls::record_reader::message_max);
    }
    RW_ASSERT(got <= sent);
    return 0;
}
