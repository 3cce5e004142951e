#include "ring/uring_driver.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/base/unique_fd.hpp>

#include "ring/blocking_calls.hpp"
#include "ring/op_list.hpp"
#include "ring/send_file.hpp"
#include "ring/uring_buffers.hpp"
#include "ring/uring_fixed.hpp"
#include "ring/uring_polled.hpp"
#include "ring/uring_prepare.hpp"
#include "ring/uring_setup.hpp"
#include "ring/uring_tags.hpp"

namespace ringway {
namespace {

// IORING_ENTER_NO_IOWAIT of Linux 6.15: an idle ring is not shown as a core that waits for a disk.
constexpr unsigned enter_no_iowait = 1U << 7;

class uring_driver final : public driver {
public:
    explicit uring_driver(const driver_options& options) : options_{options} {}
    ~uring_driver() override;

    result<void> set_up();

    result<void> attach() override;
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void turn(nanoseconds deadline) noexcept override;
    void wake(driver* from) noexcept override;
    [[nodiscard]] nanoseconds now() const noexcept override;
    [[nodiscard]] buffer_pool& buffers() noexcept override { return *buffers_; }
    [[nodiscard]] std::string_view name() const noexcept override { return "io_uring"; }
    [[nodiscard]] std::string features() const override { return describe_features(features_); }
    [[nodiscard]] result<std::uint16_t> enroll_buffer(byte_span memory) noexcept override {
        return fixed_.enroll_buffer(memory);
    }
    void dismiss_buffer(std::uint16_t slot) noexcept override { fixed_.dismiss_buffer(slot); }
    [[nodiscard]] result<std::uint16_t> enroll_file(int fd) noexcept override {
        return fixed_.enroll_file(fd);
    }
    void dismiss_file(std::uint16_t slot) noexcept override { fixed_.dismiss_file(slot); }
    [[nodiscard]] zero_copy_pool* zero_copy() noexcept override {
        return features_.multishot_receive ? &zero_copy_ : nullptr;  // Both came with 6.0.
    }
    [[nodiscard]] result<void> enable_polling() noexcept override { return polled_.open(); }

private:
    io_uring_sqe* entry() noexcept;
    bool prepare(operation& op) noexcept;
    bool prepare_cancel(operation& op) noexcept;
    void start_sendfile(operation& op) noexcept;
    bool send_rest(operation& op, int& outcome, bool stop_asked) noexcept;
    void finish_later(operation& op, int outcome) noexcept;
    void finish_deferred() noexcept;
    void submit_queued() noexcept;
    void arm_event() noexcept;
    void signal_event() noexcept;
    unsigned publish() noexcept;
    void enter(unsigned wait_for, nanoseconds deadline) noexcept;
    void reap() noexcept;
    void dispatch(std::uint64_t user_data, int outcome, std::uint32_t flags) noexcept;
    void ended(operation& op, int outcome, std::uint32_t flags) noexcept;
    operation* zero_copy_sent(std::uint64_t buffer, int outcome, std::uint32_t flags) noexcept;

    driver_options options_;
    io_uring ring_{};
    bool ring_exists_ = false;
    uring_features features_;
    std::unique_ptr<uring_buffer_pool> buffers_;
    uring_fixed fixed_{ring_};
    uring_polled polled_;
    zero_copy_pool zero_copy_{*this};
    op_list queued_;     // Wait for a free submission entry, in order.
    op_list finished_;   // Complete in the next turn, with the result in driver_done.
    op_list canceling_;  // In the kernel; their cancellation waits for a free submission entry.
    unique_fd event_;
    std::uint64_t event_value_ = 0;
    bool event_armed_ = false;
    std::atomic<bool> wake_pending_{false};
};

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
    }
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
    if (op.kind == op_kind::send_zc) {
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
            finish_later(op, -ECANCELED);
            return;
        case state_finished:
        case state_canceled:
        case state_cancel: return;  // Its end is on the way.
        default: break;
    }
    if (prepare_cancel(op)) {
        op.driver_state = state_canceled;
    } else {
        op.driver_state = state_cancel;
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
    sqe->user_data = static_cast<std::uint64_t>(tag::ignored);
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

void uring_driver::submit_queued() noexcept {
    while (!canceling_.empty() && prepare_cancel(canceling_.front())) {
        canceling_.pop_front().driver_state = state_canceled;
    }
    while (!queued_.empty() && prepare(queued_.front())) {
        queued_.pop_front().driver_state = state_submitted;
    }
}

// A free submission entry; hands the full ones over when there is none.
io_uring_sqe* uring_driver::entry() noexcept {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    if (sqe == nullptr) {
        enter(0, nanoseconds{0});
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

void uring_driver::enter(unsigned wait_for, nanoseconds deadline) noexcept {
    __kernel_timespec timeout{};
    io_uring_getevents_arg argument{};
    unsigned flags = IORING_ENTER_GETEVENTS;
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
        io_uring_enter2(static_cast<unsigned>(ring_.enter_ring_fd), publish(), wait_for, flags,
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
    const bool unpublished = ring_.sq.sqe_tail != *ring_.sq.khead;
    if (wait || unpublished || kernel_has_work) {
        enter(wait ? 1 : 0, deadline);
    }
    reap();
    finish_deferred();
}

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
        of.owner->notified(of, (usage & IORING_NOTIF_USAGE_ZC_COPIED) != 0, now());
        return nullptr;
    }
    operation* const sent = std::exchange(of.sending, nullptr);
    of.owner->ended(of, (flags & IORING_CQE_F_MORE) != 0);
    return sent;
}

void uring_driver::ended(operation& op, int outcome, std::uint32_t flags) noexcept {
    const bool more = (flags & IORING_CQE_F_MORE) != 0;
    const bool stop_asked = op.driver_state == state_cancel || op.driver_state == state_canceled;
    if (op.driver_state == state_cancel && !more) {  // Ended before it could be cancelled.
        canceling_.remove(op);
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
            sqe->user_data =
                std::bit_cast<std::uint64_t>(this) | static_cast<std::uint64_t>(tag::unsent);
            return;
        }
    }
    signal_event();
}

void uring_driver::signal_event() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof(one));
}

}  // namespace

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
