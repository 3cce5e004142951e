// What a peer of HTTP/2 may do that is allowed and yet only costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <ringway/base/bytes.hpp>
#include <ringway/observe/labels.hpp>

#include "http/h2_scanner.hpp"
#include "http/peer_budget.hpp"

namespace ringway::http::detail {

/// Judges the frames of one connection by its budget and that of its address. nghttp2 is no part
/// of this: what it counts itself differs from version to version.
class h2_guard : public peer_budget {
public:
    /// RFC 9113 sets no limit; honest clients send two or three.
    static constexpr unsigned continuations_max = 8;

    /// Lifetime: none of it is kept but `address`, which may be null. `block_bytes_max`: of a
    /// header block, compressed.
    h2_guard(const budget_limits& limits, address_budget_ref address,
             std::size_t block_bytes_max) noexcept;

    /// Looks at received bytes. Yields what the peer has overdone, if anything, or
    /// `h2_protocol_error` for what nghttp2 passes over; `good` says how many bytes came before
    /// that. Stops behind the head of a DATA frame, too, which `data_stream`
    /// then says; the caller goes on with what follows `good`.
    [[nodiscard]] std::optional<observe::abuse_kind> look_at(byte_view bytes, nanoseconds now,
                                                             std::size_t& good) noexcept;

    /// HEADERS have come for a stream that we have reset: trailers once, a flood if often.
    [[nodiscard]] bool late_head(nanoseconds now) noexcept { return spend(late_head_price, now); }
    /// A DATA frame with so many bytes of a response has been sent.
    void sent(std::uint64_t bytes) noexcept;

    /// Of the DATA frame where the last look has stopped; 0 if it went on to the end.
    [[nodiscard]] std::uint32_t data_stream() const noexcept { return data_stream_; }
    [[nodiscard]] const h2_scanner& scanner() const noexcept { return scanner_; }
    [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
    /// Which frame is unfinished, as a number: of an open header block the one that began it.
    [[nodiscard]] std::uint64_t unfinished() const noexcept {
        return scanner_.in_block() ? block_frame_ : frames_;
    }

private:
    static constexpr std::uint32_t late_head_price = 10;

    [[nodiscard]] std::optional<observe::abuse_kind> judge(const h2_frame_head& frame,
                                                           nanoseconds now) noexcept;

    h2_scanner scanner_;
    std::size_t block_bytes_max_;
    std::size_t block_bytes_ = 0;
    unsigned continuations_ = 0;
    std::uint64_t frames_ = 0;
    std::uint32_t data_stream_ = 0;
    std::uint64_t block_frame_ = 0;  // The number of the last HEADERS.
};

}  // namespace ringway::http::detail
