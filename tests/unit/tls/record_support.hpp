// Keys and records for tests of the record layer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/ring/buffer_pool.hpp>

#include "tls/alert.hpp"
#include "tls/record_keys.hpp"
#include "tls/record_reader.hpp"

namespace ringway::tls {

inline record_keys test_keys(cipher which = cipher::aes_128_gcm, std::uint64_t number = 0) {
    const std::vector<std::byte> bytes(secret_bytes_of(which), std::byte{42});
    return {which, secret{bytes}, number};
}

/// Bytes as a lease, as if they had been received.
inline buffer_lease lease_of(byte_view bytes) {
    auto memory = std::make_unique<std::byte[]>(bytes.size());
    std::ranges::copy(bytes, memory.get());
    return {std::move(memory), static_cast<std::uint32_t>(bytes.size())};
}

/// A record with `inner`, as it comes before encryption: content, type, padding.
inline std::vector<std::byte> record_of_inner(record_keys& keys, byte_view inner) {
    const record_header header = header_for(inner.size() + aead::tag_bytes);
    std::vector<std::byte> record(header.begin(), header.end());
    record.insert(record.end(), inner.begin(), inner.end());
    record.resize(record.size() + aead::tag_bytes);
    std::byte* const body = record.data() + record_header_bytes;
    keys.sealer().seal(keys.next_nonce(), header, {body, inner.size() - 1, {}, inner.back()});
    return record;
}

inline std::vector<std::byte> record_of(record_keys& keys, std::string_view text,
                                        content type = content::application_data,
                                        std::size_t padding = 0) {
    const byte_view bytes = as_bytes(text);
    std::vector<std::byte> inner(bytes.begin(), bytes.end());
    inner.push_back(static_cast<std::byte>(type));
    inner.resize(inner.size() + padding);
    return record_of_inner(keys, inner);
}

/// What a reader made of some input.
struct read_result {
    std::string data;
    record_reader::status last = record_reader::status::needs_input;
};

/// Feeds `bytes` and takes all there is.
inline read_result read_all(record_reader& reader, byte_view bytes) {
    read_result all;
    if (!bytes.empty()) {
        reader.add(lease_of(bytes));
    }
    for (;;) {
        buffer_lease plain;
        all.last = reader.next(plain);
        if (all.last != record_reader::status::data) {
            return all;
        }
        all.data += as_text(plain.bytes());
    }
}

}  // namespace ringway::tls
