// Completions of the io_uring driver: whose they are, and what is left to do.
#include <bit>
#include <cerrno>
#include <utility>

#include "ring/uring_driver.hpp"
#include "ring/uring_tags.hpp"

namespace ringway {
namespace {

// ERESTARTSYS and its kin, which are not for user space but get there by a worker of the kernel.
constexpr int restart_first = 512;

}  // namespace

void uring_driver::reap() noexcept {
    const unsigned ready = io_uring_cq_ready(&ring_);
    const unsigned mask = *ring_.cq.kring_mask;
    unsigned head = *ring_.cq.khead;
    for (unsigned i = 0; i < ready; ++i, ++head) {
        const io_uring_cqe& cqe = ring_.cq.cqes[head & mask];
        dispatch(cqe.user_data, cqe.res, cqe.flags);
    }
    io_uring_cq_advance(&ring_, ready);
}

void uring_driver::dispatch(std::uint64_t user_data, int outcome, std::uint32_t flags) noexcept {
    switch (static_cast<tag>(user_data & tag_mask)) {
        case tag::ignored: return;
        case tag::cancel:
            if (outcome == -ENOENT) {
                cancel_again(user_data & ~tag_mask);
            }
            return;
        case tag::unsent:
            // The kernel had no memory for the message; an event needs none.
            std::bit_cast<uring_driver*>(user_data & ~tag_mask)->signal_event();
            return;
        case tag::event: event_armed_ = false; [[fallthrough]];
        case tag::message:
            wake_pending_.store(false, std::memory_order_seq_cst);
            counters_.wakes.add();
            return;
        case tag::zero_copy:
            if (operation* const sent = zero_copy_sent(user_data & ~tag_mask, outcome, flags)) {
                ended(*sent, outcome, flags & ~unsigned{IORING_CQE_F_MORE});
            }
            return;
        case tag::operation:
        case tag::writable: break;
    }
    ended(*std::bit_cast<operation*>(user_data & ~tag_mask), outcome, flags);
}

// The send whose result this is; null if it is the notification for one that has ended.
operation* uring_driver::zero_copy_sent(std::uint64_t buffer, int outcome,
                                        std::uint32_t flags) noexcept {
    auto& of = *std::bit_cast<zero_copy_buffer*>(buffer);
    if ((flags & IORING_CQE_F_NOTIF) != 0) {
        const auto usage = static_cast<std::uint32_t>(outcome);
        const bool copied = (usage & IORING_NOTIF_USAGE_ZC_COPIED) != 0;
        counters_.zero_copy_notes.add();
        counters_.zero_copy_copied.add(copied ? 1 : 0);
        of.owner->notified(of, copied, now());
        return nullptr;
    }
    operation* const sent = std::exchange(of.sending, nullptr);
    of.owner->ended(of, (flags & IORING_CQE_F_MORE) != 0);
    return sent;
}

void uring_driver::ended(operation& op, int outcome, std::uint32_t flags) noexcept {
    const bool more = (flags & IORING_CQE_F_MORE) != 0;
    const bool stop_asked = op.driver_state == state_cancel || op.driver_state == state_canceled;
    if (stop_asked && !more) {
        (op.driver_state == state_cancel ? canceling_ : canceled_).remove(op);
    }
    if (stop_asked && (outcome == -EINTR || outcome <= -restart_first)) {
        outcome = -ECANCELED;  // A worker of the kernel was interrupted for it.
    }
    if (op.kind == op_kind::sendfile && outcome >= 0) {
        if (stop_asked) {
            tell(op, {.result = -ECANCELED});  // It would wait again, and nobody would ask again.
        } else {
            start_sendfile(op);  // Writable, or an error that sendfile(2) will name.
        }
        return;
    }
    if (op.piecewise && !send_rest(op, outcome, stop_asked)) {
        return;
    }
    completion done{.result = outcome, .more = more};
    if ((flags & IORING_CQE_F_BUFFER) != 0 && op.select_buffer) {
        done.buffer = static_cast<std::uint16_t>(flags >> IORING_CQE_BUFFER_SHIFT);
        buffers_->taken(done.buffer);
    }
    if (outcome == -ENOBUFS) {
        counters_.buffers_exhausted.add();
    }
    tell(op, done);
}

// A part of a piecewise send has gone. True when all is done; `outcome` is the whole's then.
bool uring_driver::send_rest(operation& op, int& outcome, bool stop_asked) noexcept {
    if (outcome > 0) {
        op.driver_done += static_cast<std::uint32_t>(outcome);
        if (op.driver_done < op.length && !stop_asked) {
            if (!queued_.empty() || !prepare(op)) {
                op.driver_state = state_queued;
                queued_.push_back(op);
            }
            return false;
        }
    }
    if (op.driver_done > 0) {
        outcome = static_cast<int>(op.driver_done);
    }
    return true;
}

void uring_driver::finish_later(operation& op, int outcome) noexcept {
    op.driver_state = state_finished;
    op.driver_done = static_cast<std::uint32_t>(outcome);
    finished_.push_back(op);
}

void uring_driver::finish_deferred() noexcept {
    op_list due;
    due.swap(finished_);
    while (!due.empty()) {
        operation& op = due.pop_front();
        tell(op, {.result = static_cast<int>(op.driver_done)});
    }
}

}  // namespace ringway
