// The memory that nghttp2 or nghttp3 takes for one connection: from the shard's free lists, or from
// what the connection's QUIC has; counted, bounded.
#pragma once

#include <cstddef>

#include <nghttp2/nghttp2.h>
#include <nghttp3/nghttp3.h>

#include "base/resting_memory.hpp"

namespace ringway::http::detail {

/// Lifetime: outlives the nghttp2 session or nghttp3 connection that it is given to.
class engine_memory {
public:
    /// `below`: where it comes from; null: from the free lists. Lifetime: outlives it, and is awake
    /// whenever the library is called.
    explicit engine_memory(std::size_t bytes_max, resting_memory* below = nullptr) noexcept
        : bytes_max_{bytes_max}, below_{below} {}
    engine_memory(const engine_memory&) = delete;
    engine_memory& operator=(const engine_memory&) = delete;
    ~engine_memory();

    /// What the library calls. Allocating fails over `bytes_max`, which ends the session.
    [[nodiscard]] nghttp2_mem* for_nghttp2() noexcept { return &for_nghttp2_; }
    [[nodiscard]] const nghttp3_mem* for_nghttp3() const noexcept { return &for_nghttp3_; }

    /// Allows so many bytes more.
    void allow(std::size_t bytes) noexcept { bytes_max_ += bytes; }

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    struct calls;

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    resting_memory* below_;
    nghttp2_mem for_nghttp2_ = make_functions<nghttp2_mem>(this);
    nghttp3_mem for_nghttp3_ = make_functions<nghttp3_mem>(this);

    template <class Functions>
    static Functions make_functions(engine_memory* self) noexcept;
};

}  // namespace ringway::http::detail
