// The streams of an HTTP/2 connection that ended last, by number.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace ringway::http::detail {

/// nghttp2 forgets a stream when it ends, but what may still come for it depends on how it ended
/// (RFC 9113 section 5.1). Bounded: the oldest make room.
class h2_recent_streams {
public:
    /// More than may be open by default, so that all of them can be reset at once.
    static constexpr std::size_t count_max = 128;

    void remember(std::int32_t id) noexcept {
        if (!contains(id)) {
            ids_[next_] = id;
            next_ = (next_ + 1) % count_max;
        }
    }
    [[nodiscard]] bool contains(std::int32_t id) const noexcept {
        return std::ranges::find(ids_, id) != ids_.end();
    }

private:
    std::array<std::int32_t, count_max> ids_{};  // 0 is no stream of a request.
    std::size_t next_ = 0;
};

}  // namespace ringway::http::detail
