// The driver on io_uring.
#pragma once

#include <atomic>
#include <liburing.h>
#include <memory>
#include <string>
#include <string_view>

#include <ringway/base/unique_fd.hpp>
#include <ringway/ring/driver.hpp>

#include "ring/op_list.hpp"
#include "ring/read_batching.hpp"
#include "ring/uring_buffers.hpp"
#include "ring/uring_fixed.hpp"
#include "ring/uring_polled.hpp"
#include "ring/uring_setup.hpp"

namespace ringway {

/// See driver. What the kernel grants is in `features`; the rest is done without, in steps.
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
    [[nodiscard]] std::string shortfall() const override { return features_.shortfall; }
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
    void cancel_again(std::uint64_t whose) noexcept;
    void start_sendfile(operation& op) noexcept;
    bool send_rest(operation& op, int& outcome, bool stop_asked) noexcept;
    void finish_later(operation& op, int outcome) noexcept;
    void finish_deferred() noexcept;
    void submit_queued() noexcept;
    void arm_event() noexcept;
    void signal_event() noexcept;
    unsigned publish() noexcept;
    [[nodiscard]] bool kernel_thread_sleeps() const noexcept;
    [[nodiscard]] bool must_hand_over() noexcept;
    void enter(unsigned wait_for, nanoseconds deadline, unsigned flags = 0) noexcept;
    void hand_over_reads() noexcept;
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
    read_batching reads_;
    op_list queued_;     // Wait for a free submission entry, in order.
    op_list finished_;   // Complete in the next turn, with the result in driver_done.
    op_list canceling_;  // In the kernel; their cancellation waits for a free submission entry.
    op_list canceled_;   // In the kernel, as their cancellation is.
    unique_fd event_;
    std::uint64_t event_value_ = 0;
    bool event_armed_ = false;
    std::atomic<bool> wake_pending_{false};
};

/// A driver on io_uring. Fails with the errno of io_uring_setup(2) when that is refused.
[[nodiscard]] result<std::unique_ptr<driver>> make_uring_driver(const driver_options& options);

/// Whether io_uring can do here what the driver needs, tried on a small ring of its own.
/// Fails with the errno of the first call that was refused.
[[nodiscard]] result<void> try_uring();

}  // namespace ringway
