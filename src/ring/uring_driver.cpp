#include "ring/uring_driver.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <sys/eventfd.h>

#include "ring/blocking_calls.hpp"
#include "ring/send_file.hpp"
#include "ring/uring_prepare.hpp"
#include "ring/uring_tags.hpp"

namespace ringway {
namespace {

// IORING_ENTER_NO_IOWAIT of Linux 6.15: an idle ring is not shown as a core that waits for a disk.
constexpr unsigned enter_no_iowait = 1U << 7;

}  // namespace

uring_driver::~uring_driver() {
    RW_ASSERT(counters_.in_flight() == 0);
    if (ring_exists_) {
        if (buffers_ != nullptr) {
            buffers_->unregister(ring_);
        }
        io_uring_queue_exit(&ring_);
    }
}

result<void> uring_driver::set_up() {
    auto features = set_up_ring(ring_, options_);
    if (!features) {
        return std::unexpected{features.error()};
    }
    features_ = *features;
    ring_exists_ = true;
    event_ = unique_fd{::eventfd(0, EFD_CLOEXEC)};
    if (!event_) {
        return fail_errno(errno);
    }
    return {};
}

result<void> uring_driver::attach() {
    block_broken_pipe_signal();
    if (const auto enabled = enable_ring(ring_, features_); !enabled) {
        return enabled;
    }
    buffers_ = std::make_unique<uring_buffer_pool>(options_.buffer_count, options_.buffer_bytes);
    if (const auto registered = buffers_->enroll(ring_); !registered) {
        return registered;
    }
    features_.buffer_ring = true;
    if (options_.napi_poll > std::chrono::microseconds{0}) {
        poll_cards(ring_, options_.napi_poll, features_);
    }
    arm_event();
    return {};
}

nanoseconds uring_driver::now() const noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

void uring_driver::submit(operation& op) noexcept {
    begin(op);
    op.driver_state = state_submitted;
    op.driver_done = 0;
    if (op.kind == op_kind::sendfile) {
        start_sendfile(op);
    } else if (op.polled) {
        op.driver_state = state_finished;  // Can't be cancelled, and does not take long.
        polled_.add(op);
    } else if (op.kind == op_kind::ftruncate && !features_.truncates) {
        finish_later(op, perform_blocking(op));
    } else if (!queued_.empty() || !prepare(op)) {
        counters_.submission_full.add();
        op.driver_state = state_queued;
        queued_.push_back(op);
    } else if (op.kind == op_kind::read && reads_.add()) {
        hand_over_reads();
    }
}

// Without a look at completions, which would run what else the kernel has for this thread.
void uring_driver::hand_over_reads() noexcept {
    if (features_.sqpoll) {
        reads_.all_left();  // To the kernel's thread, at the end of the turn at the latest.
        return;
    }
    const unsigned before = io_uring_cq_ready(&ring_);
    counters_.enters.add();
    static_cast<void>(io_uring_enter2(
        static_cast<unsigned>(ring_.enter_ring_fd), publish(), 0,
        features_.ring_fd_registered ? IORING_ENTER_REGISTERED_RING : 0U, nullptr, _NSIG / 8));
    reads_.left(io_uring_cq_ready(&ring_) - before);
}

// Puts `op` into a submission entry; false when none is free.
bool uring_driver::prepare(operation& op) noexcept {
    io_uring_sqe* const sqe = entry();
    if (sqe == nullptr) {
        return false;
    }
    if (op.kind == op_kind::sendfile) {
        io_uring_prep_poll_add(sqe, op.fd, POLLOUT);
        sqe->user_data = user_data_of(op, tag::writable);
        return true;
    }
    prepare_entry(*sqe, op, features_);
    if (op.kind == op_kind::send_zc || op.kind == op_kind::sendmsg_zc) {
        static_cast<zero_copy_buffer*>(op.extra)->sending = &op;
    }
    sqe->user_data = user_data_of(op, tag_of(op));
    return true;
}

// sendfile(2) has no opcode, and IORING_OP_SPLICE always pays a worker thread. So the call is made
// here without blocking, and the ring is asked only to wait for room in the socket.
void uring_driver::start_sendfile(operation& op) noexcept {
    const int outcome = send_file_now(op);
    counters_.enters.add();
    if (outcome != -EAGAIN) {
        tell(op, {.result = outcome});
        return;
    }
    if (!queued_.empty() || !prepare(op)) {
        op.driver_state = state_queued;
        queued_.push_back(op);
    }
}

void uring_driver::cancel(operation& op) noexcept {
    RW_ASSERT(op.in_flight);
    switch (op.driver_state) {
        case state_queued:
            queued_.remove(op);
            finish_later(op, op.piecewise && op.driver_done > 0 ? static_cast<int>(op.driver_done)
                                                                : -ECANCELED);
            return;
        case state_finished:
        case state_canceled:
        case state_cancel: return;  // Its end is on the way.
        default: break;
    }
    op.driver_state = state_cancel;
    if (!prepare_cancel(op)) {
        canceling_.push_back(op);
    }
}

bool uring_driver::prepare_cancel(operation& op) noexcept {
    io_uring_sqe* const sqe = entry();
    if (sqe == nullptr) {
        return false;
    }
    io_uring_prep_cancel64(sqe, user_data_of(op, tag_of(op)), 0);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    sqe->user_data = user_data_of(op, tag::cancel);
    op.driver_state = state_canceled;
    canceled_.push_back(op);
    return true;
}

// The kernel does not find an operation that has ended, and none either that is just on its way
// from one attempt to the next: such a one would wait for ever. What has ended is in no list.
void uring_driver::cancel_again(std::uint64_t whose) noexcept {
    auto* const op = std::bit_cast<operation*>(whose);
    if (canceled_.has(op)) {
        canceled_.remove(*op);
        op->driver_state = state_cancel;
        canceling_.push_back(*op);
    }
}

void uring_driver::submit_queued() noexcept {
    while (!canceling_.empty()) {
        operation& op = canceling_.pop_front();
        if (!prepare_cancel(op)) {
            canceling_.push_back(op);
            break;
        }
    }
    while (!queued_.empty() && prepare(queued_.front())) {
        queued_.pop_front().driver_state = state_submitted;
    }
}

// A free submission entry; hands the full ones over when there is none.
io_uring_sqe* uring_driver::entry() noexcept {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    if (sqe == nullptr) {
        enter(0, nanoseconds{0}, features_.sqpoll ? IORING_ENTER_SQ_WAIT : 0U);
        sqe = io_uring_get_sqe(&ring_);
    }
    return sqe;
}

// Makes the filled entries visible to the kernel; says how many it has not consumed.
unsigned uring_driver::publish() noexcept {
    io_uring_smp_store_release(ring_.sq.ktail, ring_.sq.sqe_tail);
    ring_.sq.sqe_head = ring_.sq.sqe_tail;
    return ring_.sq.sqe_tail - io_uring_smp_load_acquire(ring_.sq.khead);
}

// The fence is for the thread's last look: it says that it will sleep, and looks once more.
bool uring_driver::kernel_thread_sleeps() const noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return (IO_URING_READ_ONCE(*ring_.sq.kflags) & IORING_SQ_NEED_WAKEUP) != 0;
}

// Whether what was filled needs a system call to get to the kernel.
bool uring_driver::must_hand_over() noexcept {
    if (!features_.sqpoll) {
        return ring_.sq.sqe_tail != *ring_.sq.khead;
    }
    return publish() > 0 && kernel_thread_sleeps();
}

void uring_driver::enter(unsigned wait_for, nanoseconds deadline, unsigned flags) noexcept {
    __kernel_timespec timeout{};
    io_uring_getevents_arg argument{};
    const unsigned filled = publish();
    reads_.all_left();
    flags |= IORING_ENTER_GETEVENTS;
    if (features_.sqpoll && kernel_thread_sleeps()) {
        flags |= IORING_ENTER_SQ_WAKEUP;
    }
    if (features_.ring_fd_registered) {
        flags |= IORING_ENTER_REGISTERED_RING;
    }
    if (features_.no_iowait) {
        flags |= enter_no_iowait;
    }
    const bool bounded = wait_for > 0 && deadline != nanoseconds::max();
    if (bounded) {
        const auto left = std::max(deadline - now(), nanoseconds{0});
        timeout.tv_sec = left.count() / 1'000'000'000;
        timeout.tv_nsec = left.count() % 1'000'000'000;
        argument.ts = std::bit_cast<std::uint64_t>(&timeout);
        flags |= IORING_ENTER_EXT_ARG;
    }
    counters_.enters.add();
    const int outcome =
        io_uring_enter2(static_cast<unsigned>(ring_.enter_ring_fd), filled, wait_for, flags,
                        bounded ? reinterpret_cast<sigset_t*>(&argument) : nullptr,
                        bounded ? sizeof(argument) : _NSIG / 8);
    // ETIME and EINTR are ordinary; EBUSY, EAGAIN and EBADR mean that completions must be reaped
    // first, which comes next anyway. What was not consumed stays in the ring for the next turn.
    RW_ASSERT(outcome >= 0 || outcome == -ETIME || outcome == -EINTR || outcome == -EBUSY ||
              outcome == -EAGAIN || outcome == -EBADR || outcome == -ENOMEM);
}

void uring_driver::turn(nanoseconds deadline) noexcept {
    submit_queued();
    arm_event();
    const bool polls = polled_.is_busy();
    if (polls) {
        counters_.enters.add();
        polled_.poll([this](operation& op, int result) { tell(op, {.result = result}); });
    }
    const bool work_left = polled_.is_busy() || !finished_.empty() || !queued_.empty() ||
                           !canceling_.empty() || !event_armed_ || io_uring_cq_ready(&ring_) > 0;
    const bool wait = deadline > nanoseconds{0} && !work_left && !polls && !options_.busy_poll;
    const unsigned kernel_flags = IO_URING_READ_ONCE(*ring_.sq.kflags);
    if ((kernel_flags & IORING_SQ_CQ_OVERFLOW) != 0) {
        counters_.overflows.add();
    }
    const bool kernel_has_work = (kernel_flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
    const bool unpublished = must_hand_over();
    if (wait || unpublished || kernel_has_work) {
        enter(wait ? 1 : 0, deadline);
    }
    reap();
    finish_deferred();
}

result<std::unique_ptr<driver>> make_uring_driver(const driver_options& options) {
    auto made = std::make_unique<uring_driver>(options);
    if (const auto ready = made->set_up(); !ready) {
        return std::unexpected{ready.error()};
    }
    return made;
}

result<void> try_uring() {
    driver_options small;
    small.submission_entries = 8;
    small.completion_entries = 16;
    small.buffer_count = 2;
    small.buffer_bytes = 64;
    auto made = make_uring_driver(small);
    if (!made) {
        return std::unexpected{made.error()};
    }
    return (*made)->attach();
}

}  // namespace ringway
