// How other threads end the sleep of an io_uring driver: by a message of their ring, or an event.
#include <atomic>
#include <cstdint>
#include <unistd.h>

#include "ring/uring_driver.hpp"
#include "ring/uring_tags.hpp"

namespace ringway {

void uring_driver::arm_event() noexcept {
    if (event_armed_) {
        return;
    }
    io_uring_sqe* const sqe = entry();
    if (sqe == nullptr) {
        return;  // The next turn tries again.
    }
    event_armed_ = true;
    io_uring_prep_read(sqe, event_.get(), &event_value_, sizeof(event_value_), 0);
    sqe->user_data = static_cast<std::uint64_t>(tag::event);
}

void uring_driver::wake(driver* from) noexcept {
    if (wake_pending_.exchange(true, std::memory_order_seq_cst)) {
        return;  // Somebody's wake-up is on its way.
    }
    auto* const sender = dynamic_cast<uring_driver*>(from);
    if (sender != nullptr && sender->features_.message_ring) {
        if (io_uring_sqe* const sqe = sender->entry(); sqe != nullptr) {
            io_uring_prep_msg_ring(sqe, ring_.ring_fd, 0, static_cast<std::uint64_t>(tag::message),
                                   0);
            sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
            // Not a bit_cast: clang-tidy 19 crashes on one here.
            sqe->user_data =
                reinterpret_cast<std::uintptr_t>(this) | static_cast<std::uint64_t>(tag::unsent);
            return;
        }
    }
    signal_event();
}

void uring_driver::signal_event() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof(one));
}

}  // namespace ringway
