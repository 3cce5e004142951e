#include "ring/uring_polled.hpp"

#include <cerrno>

#include <ringway/base/assert.hpp>

#include "ring/uring_prepare.hpp"

namespace ringway {
namespace {

constexpr unsigned entries = 256;

}  // namespace

uring_polled::~uring_polled() {
    RW_ASSERT(in_flight_ == 0);
    if (open_) {
        io_uring_queue_exit(&ring_);
    }
}

result<void> uring_polled::open() noexcept {
    if (open_) {
        return {};
    }
    int refused = 0;
    for (const unsigned flags :
         {IORING_SETUP_IOPOLL | IORING_SETUP_SINGLE_ISSUER, unsigned{IORING_SETUP_IOPOLL}}) {
        io_uring_params parameters{};
        parameters.flags = flags | IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE;
        parameters.cq_entries = 4 * entries;
        refused = -io_uring_queue_init_params(entries, &ring_, &parameters);
        if (refused == 0) {
            io_uring_ring_dontfork(&ring_);
            open_ = true;
            return {};
        }
    }
    return fail_errno(refused);
}

void uring_polled::add(operation& op) noexcept {
    RW_ASSERT(open_ && (op.kind == op_kind::read || op.kind == op_kind::write));
    ++in_flight_;
    if (!queued_.empty() || !prepare(op)) {
        queued_.push_back(op);
    }
}

bool uring_polled::prepare(operation& op) noexcept {
    io_uring_sqe* const sqe = io_uring_get_sqe(&ring_);
    if (sqe == nullptr) {
        return false;
    }
    // Slots are the other ring's.
    operation plain = op;
    plain.buffer_slot = operation::no_slot;
    plain.file_slot = operation::no_slot;
    prepare_entry(*sqe, plain, {});
    io_uring_sqe_set_data(sqe, &op);
    return true;
}

// What the kernel refuses now (EAGAIN, EBUSY) stays in the ring for the next time.
void uring_polled::enter() noexcept {
    while (!queued_.empty() && prepare(queued_.front())) {
        queued_.pop_front();
    }
    const int outcome = io_uring_submit_and_get_events(&ring_);
    RW_ASSERT(outcome >= 0 || outcome == -EAGAIN || outcome == -EBUSY || outcome == -EINTR ||
              outcome == -ENOMEM);
}

}  // namespace ringway
