// The memory that nghttp2 takes for one connection: from the shard's free lists, counted, bounded.
#pragma once

#include <cstddef>

#include <nghttp2/nghttp2.h>

namespace ringway::http::detail {

/// Lifetime: outlives the nghttp2 session that it is given to.
class h2_memory {
public:
    explicit h2_memory(std::size_t bytes_max) noexcept : bytes_max_{bytes_max} {}
    h2_memory(const h2_memory&) = delete;
    h2_memory& operator=(const h2_memory&) = delete;
    ~h2_memory();

    /// What nghttp2 calls. Allocating fails over `bytes_max`, which ends the session.
    [[nodiscard]] nghttp2_mem* functions() noexcept { return &functions_; }

    /// Allows so many bytes more.
    void allow(std::size_t bytes) noexcept { bytes_max_ += bytes; }

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    struct calls;

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    nghttp2_mem functions_ = make_functions(this);

    static nghttp2_mem make_functions(h2_memory* self) noexcept;
};

}  // namespace ringway::http::detail
