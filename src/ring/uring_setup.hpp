// Setting a ring up: wanted flags first, dropped one by one where the kernel refuses them.
#pragma once

#include <chrono>
#include <liburing.h>
#include <string>

#include <ringway/base/result.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {

/// What one kernel granted.
struct uring_features {
    unsigned setup_flags = 0;
    bool ring_fd_registered = false;
    bool buffer_ring = false;
    bool multishot_accept = false;
    bool multishot_receive = false;
    bool no_iowait = false;
    bool message_ring = false;
    bool truncates = false;  // IORING_OP_FTRUNCATE, Linux 6.9.
    bool sqpoll = false;
    std::chrono::microseconds napi_poll{0};
    std::string shortfall;  // What was asked for and is not here, and why.
};

/// Sets `ring` up, disabled (IORING_SETUP_R_DISABLED), so that the thread that will use it enables
/// it. Fails with the errno of io_uring_setup(2).
[[nodiscard]] result<uring_features> set_up_ring(io_uring& ring, const driver_options& options);

/// Enables the ring on the calling thread, which becomes its single issuer, and registers what can
/// be registered only then.
[[nodiscard]] result<void> enable_ring(io_uring& ring, uring_features& features);

/// Has waiters of `ring` poll network cards for so long first; `features` says whether it worked.
void poll_cards(io_uring& ring, std::chrono::microseconds how_long,
                uring_features& features) noexcept;

/// For the banner: "DEFER_TASKRUN, SINGLE_ISSUER, buffer ring".
[[nodiscard]] std::string describe_features(const uring_features& features);

}  // namespace ringway
