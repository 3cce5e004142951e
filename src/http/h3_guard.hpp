// What a peer of HTTP/3 may do that is allowed and yet only costs, and what nghttp3 lets pass.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include <ringway/base/bytes.hpp>
#include <ringway/observe/labels.hpp>

#include "http/h3_scanner.hpp"
#include "http/peer_budget.hpp"

namespace ringway::http::detail {

/// Why a connection ends: what the peer has overdone, or an error code of RFC 9114 section 8.1.
using h3_verdict = std::optional<std::variant<observe::abuse_kind, std::uint64_t>>;

/// Judges the streams of one connection by its budget and that of its address. What nghttp3 counts
/// itself differs from version to version.
class h3_guard : public peer_budget {
public:
    using peer_budget::peer_budget;

    /// A frame on the stream of a request.
    [[nodiscard]] h3_verdict on_request_frame(const h3_frame_head& frame, bool is_first_head,
                                              nanoseconds now) noexcept;
    /// Bytes on a stream whose type is known, other than a request's.
    [[nodiscard]] h3_verdict on_bytes(h3_scanner& of, byte_view bytes, nanoseconds now) noexcept;
    /// The peer has opened a unidirectional stream.
    [[nodiscard]] h3_verdict on_uni_stream(nanoseconds now) noexcept;
    /// So few bytes came at once that handling them costs more than they are worth.
    [[nodiscard]] h3_verdict on_crumb(nanoseconds now) noexcept;
    /// The bytes so far end between the two fields of a PRIORITY_UPDATE.
    [[nodiscard]] bool between_fields() const noexcept { return between_fields_; }
    /// Bytes of a response were handed out.
    void sent(std::uint64_t bytes) noexcept { earn(bytes / bytes_per_point); }

private:
    [[nodiscard]] h3_verdict on_control(h3_scanner& of, byte_view bytes, nanoseconds now) noexcept;
    [[nodiscard]] h3_verdict on_control_frame(const h3_frame_head& frame, nanoseconds now) noexcept;
    [[nodiscard]] h3_verdict on_payload(byte_view bytes, bool ended) noexcept;
    [[nodiscard]] h3_verdict on_setting(std::uint64_t id) noexcept;
    [[nodiscard]] h3_verdict charge(std::uint32_t points, observe::abuse_kind why,
                                    nanoseconds now) noexcept;

    static constexpr std::size_t settings_max = 32;

    // Of the control stream's frame that is being received:
    std::uint64_t frame_ = 0;
    bool control_begun_ = false;
    bool between_fields_ = false;
    h3_varint number_;
    std::uint64_t numbers_ = 0;  // In its payload so far.
    std::array<std::uint64_t, settings_max> settings_{};
    std::size_t settings_count_ = 0;
    std::uint64_t max_push_id_ = 0;
    std::uint64_t qpack_bytes_ = 0;  // That did not cost a point yet.
};

}  // namespace ringway::http::detail
