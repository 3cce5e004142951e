// What ngtcp2 allocates for one connection.
#pragma once

#include <ngtcp2/ngtcp2.h>

#include "base/resting_memory.hpp"

namespace ringway::quic::detail {

/// Lifetime: outlives the ngtcp2_conn that it is given to, which must be deleted while it is awake.
class conn_memory {
public:
    conn_memory() noexcept;
    conn_memory(const conn_memory&) = delete;
    conn_memory& operator=(const conn_memory&) = delete;

    [[nodiscard]] const ngtcp2_mem* calls() const noexcept { return &calls_; }
    [[nodiscard]] resting_memory& resting() noexcept { return memory_; }

private:
    resting_memory memory_;
    ngtcp2_mem calls_;
};

}  // namespace ringway::quic::detail
