// The driver for places where io_uring is refused: tries each operation at once and waits with
// epoll when it isn't possible yet.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/ring/buffer_pool.hpp>
#include <ringway/ring/driver.hpp>

#include "ring/epoll_waiter.hpp"
#include "ring/fd_table.hpp"
#include "ring/nonblocking_calls.hpp"
#include "ring/op_list.hpp"
#include "ring/operation_workers.hpp"

namespace ringway {

/// Makes an epoll driver. Fails with `invalid_argument` when the buffers of `options` make no
/// sense.
[[nodiscard]] result<std::unique_ptr<driver>> make_epoll_driver(const driver_options& options);

/// Runs operations by non-blocking system calls, edge-triggered readiness and a worker pool.
///
/// An operation is tried when it is submitted and again at each edge of its descriptor; what waits
/// for the same direction of a descriptor is served in order of submission. What can't be done
/// without blocking (storage that isn't cached, fsync, statx, splice) goes to a worker.
///
/// A descriptor is registered with epoll once, so the driver must learn of its end: what operations
/// have waited for is closed by a close operation or `close_now`, never behind the driver's back.
/// Operations that still wait are cancelled by that. Descriptors that were accepted, opened or
/// connected by an operation count as new in any case.
///
/// What completes inside `submit` does not shorten a later `turn`: give it a deadline only when
/// there is nothing else to do.
///
/// The counter `enters` counts tries of operations and waits; either is one system call mostly.
class epoll_driver final : public driver {
public:
    explicit epoll_driver(const driver_options& options);
    ~epoll_driver() override;

    /// Also blocks SIGPIPE on the calling thread: sendfile(2) and write(2) have no MSG_NOSIGNAL.
    result<void> attach() override;
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void turn(nanoseconds deadline) noexcept override;
    void wake(driver* from) noexcept override;
    [[nodiscard]] nanoseconds now() const noexcept override;
    [[nodiscard]] buffer_pool& buffers() noexcept override { return buffers_; }
    [[nodiscard]] std::string_view name() const noexcept override { return "epoll"; }
    [[nodiscard]] std::string features() const override;
    [[nodiscard]] std::string shortfall() const override { return shortfall_; }
    [[nodiscard]] int socket_flags() const noexcept override;
    void close_now(int fd) noexcept override;

private:
    // Where an operation waits.
    struct place {
        int fd;
        wait_side side;
    };
    [[nodiscard]] static place place_of(const operation& op) noexcept;

    void open(operation& op) noexcept;
    void give_to_worker(operation& op) noexcept;
    void settle_worked(operation& op, int result) noexcept;

    void enqueue(operation& op) noexcept;
    void run_queue(watched_fd& entry, wait_side side) noexcept;
    void run_polls(watched_fd& entry) noexcept;
    void run_listed() noexcept;
    bool run_once(watched_fd& entry, operation& op, op_list& waiting) noexcept;
    [[nodiscard]] attempt try_or_watch(watched_fd& entry, operation& op) noexcept;
    void note(const epoll_event& event) noexcept;
    void list(watched_fd& entry, unsigned sides) noexcept;
    void forget(int fd) noexcept;

    void finish(operation& op, completion what) noexcept;
    void finish_later(operation& op, int result) noexcept;
    void finish_deferred() noexcept;

    const bool busy_poll_;
    const std::chrono::microseconds napi_poll_;
    bool polls_cards_ = false;
    std::string shortfall_;
    unsigned telling_ = 0;          // Depth of completions being told: their receivers may submit.
    std::uint32_t poll_round_ = 0;  // Tells which polls of a descriptor were tried.
    epoll_waiter waiter_;
    listed_buffer_pool buffers_;
    fd_table table_;
    op_list deferred_;                  // Results are known; told in the next turn.
    std::vector<watched_fd*> listed_;   // To be tried in the next pass.
    std::vector<watched_fd*> running_;  // The pass that goes on.
    operation_workers workers_;         // Last: its threads wake this driver.
};

}  // namespace ringway
