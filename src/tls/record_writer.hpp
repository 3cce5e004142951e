// The sending side of TLS 1.3's record layer (RFC 8446 5): plaintext in, records out. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ringway/base/bytes.hpp>
#include <ringway/ring/driver.hpp>

#include "tls/alert.hpp"
#include "tls/output_memory.hpp"
#include "tls/record_keys.hpp"

namespace ringway::tls {

/// Collects output as records in one block of memory.
///
/// A record is sealed when it is full or `finish` is called: its length is part of what is
/// authenticated, so it must be known first. A piece that fills a record is sealed from where it
/// lies; only the ends of pieces are copied before.
/// Records begin small, so that the peer can use the first one when the first packet is there, and
/// become large once `small_until` bytes went out without a pause of `pause`.
class record_writer {
public:
    static constexpr std::size_t small_record = 1300;
    static constexpr std::size_t small_until = std::size_t{64} * 1024;
    static constexpr nanoseconds pause = std::chrono::seconds{1};
    /// Records under one key; RFC 8446 5.5 allows AES-GCM 2^24.5 of full size.
    static constexpr std::uint64_t records_per_key = 1U << 23U;

    explicit record_writer(record_keys keys) noexcept : keys_{std::move(keys)} {}

    /// Whether output is collected; before the first, `begin` is called with the time.
    [[nodiscard]] bool has_begun() const noexcept { return static_cast<bool>(block_); }
    void begin(nanoseconds now);

    [[nodiscard]] std::size_t free_bytes() const noexcept { return output_plain_bytes - pending_; }
    [[nodiscard]] std::size_t pending() const noexcept { return pending_; }

    /// As in `transport`; require has_begun().
    void put(byte_view bytes) noexcept;
    [[nodiscard]] byte_span room(std::size_t wanted) noexcept;
    void commit(std::size_t count) noexcept;

    /// Adds an alert after what is pending. Requires has_begun(). Nothing may follow it.
    void put_alert(alert what) noexcept;

    /// The next record must come after a KeyUpdate of ours (RFC 8446 4.6.3).
    void owe_key_update() noexcept { owes_key_update_ = true; }
    [[nodiscard]] bool owes_key_update() const noexcept { return owes_key_update_; }

    /// Seals what is unfinished and yields all records to send. Lifetime: until `release`.
    [[nodiscard]] byte_view finish() noexcept;

    /// They are sent, or never will be: gives the block back.
    void release() noexcept;

    /// For the kernel, which goes on from here. Nothing may be pending.
    [[nodiscard]] record_keys& keys() noexcept { return keys_; }

private:
    [[nodiscard]] std::byte* body() const noexcept {
        return block_.data() + used_ + record_header_bytes;
    }
    [[nodiscard]] std::size_t record_max() const noexcept;
    void open_record() noexcept;
    void seal(byte_view more, content type) noexcept;
    void put_key_update() noexcept;

    record_keys keys_;
    output_block block_;
    std::size_t used_ = 0;      // Bytes of sealed records.
    std::size_t placed_ = 0;    // Plaintext in the record that is being filled.
    std::size_t limit_ = 0;     // Its size; 0 when none is begun.
    std::size_t pending_ = 0;   // Plaintext in all of them.
    std::size_t in_a_row_ = 0;  // Plaintext sent since the last pause, up to small_until.
    nanoseconds last_{};
    bool owes_key_update_ = false;
};

}  // namespace ringway::tls
