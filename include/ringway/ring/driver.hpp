// The narrow interface between a shard and its kernel: io_uring, epoll or a simulation.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/ring/buffer_pool.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/ring/zero_copy.hpp>

namespace ringway {

using nanoseconds = std::chrono::nanoseconds;

/// What a driver has done so far. Written by its shard only, read by anybody (torn reads of one
/// counter are impossible, the set is not a snapshot).
struct driver_counters {
    struct counter {
        std::uint64_t value = 0;
        void add(std::uint64_t n = 1) noexcept {
            __atomic_store_n(&value, value + n, __ATOMIC_RELAXED);
        }
        [[nodiscard]] std::uint64_t get() const noexcept {
            return __atomic_load_n(&value, __ATOMIC_RELAXED);
        }
    };

    static constexpr std::size_t kinds = static_cast<std::size_t>(op_kind::count_);

    std::array<counter, kinds> submitted;  ///< Operations, by kind.
    std::array<counter, kinds> completed;  ///< Terminal completions, by kind.
    counter completions;                   ///< All completions, multishot ones one by one.
    counter enters;                        ///< System calls that submit or wait.
    counter overflows;                     ///< Times the completion queue had overflowed.
    counter submission_full;               ///< Times an operation had to wait for a free entry.
    counter buffers_exhausted;             ///< Receives that found no free buffer (ENOBUFS).
    counter wakes;                         ///< Wake-ups received from other threads.
    counter zero_copy_notes;   ///< Notifications: the memory of a zero-copy send is free.
    counter zero_copy_copied;  ///< Of these, those that say that the kernel has copied after all.

    [[nodiscard]] std::uint64_t in_flight() const noexcept;
};

/// How to set a driver up. Every limit has a default that suits a server's shard.
struct driver_options {
    std::uint32_t submission_entries = 1024;
    std::uint32_t completion_entries = 16384;
    std::uint16_t buffer_count = 1024;       ///< Receive buffers; a power of two.
    std::uint32_t buffer_bytes = 16 * 1024;  ///< Size of each.
    unsigned worker_threads = 2;             ///< For calls that block and have no other way.
    bool busy_poll = false;                  ///< Never sleep: spin for completions.
    /// A thread of the kernel takes what is submitted, without a system call, and sleeps when there
    /// was nothing for so long (IORING_SETUP_SQPOLL). It needs a core. Zero: none.
    std::chrono::milliseconds sqpoll_idle{0};
    /// Whoever waits looks at the queues of the network card himself for so long before he sleeps
    /// (IORING_REGISTER_NAPI, EPIOCSPARAMS; Linux 6.9). Zero: he does not.
    std::chrono::microseconds napi_poll{0};
};

/// Runs operations. One per shard, used on the shard's thread only, except `wake`.
class driver {
public:
    /// The most buffers, and the most files, that can be enrolled at a time.
    static constexpr std::uint16_t slots_max = 1024;

    driver() = default;
    driver(const driver&) = delete;
    driver& operator=(const driver&) = delete;
    /// Nothing may be in flight.
    virtual ~driver() = default;

    /// The driver of the calling thread. Only on a shard's thread.
    [[nodiscard]] static driver& current() noexcept {
        RW_ASSERT(current_ != nullptr);
        return *current_;
    }
    static void set_current(driver* own) noexcept { current_ = own; }

    /// Called once on the thread that will use the driver, before anything else.
    virtual result<void> attach() = 0;

    /// Starts `op`. Never fails here: a failure is a completion. May complete at once, before it
    /// returns. `op` must not be in flight.
    virtual void submit(operation& op) noexcept = 0;

    /// Asks for the end of `op`, which must be in flight. Its terminal completion still comes:
    /// -ECANCELED, or what it achieved before.
    virtual void cancel(operation& op) noexcept = 0;

    /// One turn: hands over what was submitted and tells completions. Waits for at least one
    /// completion or a wake-up until `deadline` (on `now()`'s clock; zero: do not wait at all).
    virtual void turn(nanoseconds deadline) noexcept = 0;

    /// Ends the waiting of `turn` of this driver. From any thread. `from` is the driver of the
    /// calling thread if it has one, else null.
    virtual void wake(driver* from) noexcept = 0;

    /// Monotonic time; virtual in a simulation. Exact, not cached.
    [[nodiscard]] virtual nanoseconds now() const noexcept = 0;

    [[nodiscard]] virtual buffer_pool& buffers() noexcept = 0;

    /// "io_uring", "epoll" or "simulated".
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    /// What was obtained, for the banner: "DEFER_TASKRUN, buffer ring, multishot receive".
    [[nodiscard]] virtual std::string features() const = 0;

    /// What was asked for in the options and is not to be had here, and why: one line, or empty.
    /// The driver does without it.
    [[nodiscard]] virtual std::string shortfall() const { return {}; }

    [[nodiscard]] const driver_counters& counters() const noexcept { return counters_; }

    /// How sockets must be opened for this driver: SOCK_NONBLOCK where it needs that, else 0.
    [[nodiscard]] virtual int socket_flags() const noexcept { return 0; }

    /// close(2) at once, for descriptors without operations in flight. A simulation closes its own.
    virtual void close_now(int fd) noexcept;

    /// shutdown(2) at once; it never blocks. A peer that is gone already is no error.
    virtual void shutdown_now(int fd, int how) noexcept;

    /// send(2) at once of what fits without waiting, for last words to a peer that may not listen.
    /// Nothing may be sent on `fd` meanwhile. Yields the bytes sent; 0 also when it failed.
    virtual std::size_t send_now(int fd, byte_view bytes) noexcept;

    /// Makes `memory` known to the kernel for reads and writes that name it by its number
    /// (`operation::buffer_slot`): its pages are pinned once instead of each time, which counts for
    /// direct I/O (io_uring_register(2), IORING_REGISTER_BUFFERS_UPDATE, Linux 5.19).
    /// Fails with `unsupported` on drivers without it, with `limit` beyond `slots_max`, and with
    /// the errno: ENOMEM when RLIMIT_MEMLOCK does not allow it. Do without then.
    /// Lifetime: `memory` until `dismiss_buffer`, before which all that uses it must have ended.
    [[nodiscard]] virtual result<std::uint16_t> enroll_buffer(byte_span memory) noexcept;
    virtual void dismiss_buffer(std::uint16_t slot) noexcept;

    /// As `enroll_buffer`, for a descriptor (`operation::file_slot`): saves the look-up of each
    /// operation (IORING_REGISTER_FILES_UPDATE). The kernel keeps the file open until it is
    /// dismissed.
    [[nodiscard]] virtual result<std::uint16_t> enroll_file(int fd) noexcept;
    virtual void dismiss_file(std::uint16_t slot) noexcept;

    /// Sets a second ring up whose direct reads and writes are polled for instead of interrupting
    /// (IORING_SETUP_IOPOLL), once. While `operation::polled` ones are in flight the shard does not
    /// sleep. Whether a device can be polled is only found out by a read: EOPNOTSUPP.
    /// Fails with `unsupported` on drivers without it, or with the errno of io_uring_setup(2).
    [[nodiscard]] virtual result<void> enable_polling() noexcept;

    /// Memory to send from without copying (Linux 6.2); null on drivers without it.
    [[nodiscard]] virtual zero_copy_pool* zero_copy() noexcept { return nullptr; }

    /// A driver in virtual time: what would go to a worker thread is done at once.
    [[nodiscard]] virtual bool is_simulated() const noexcept { return false; }

protected:
    /// Notes the submission of `op`; every driver calls it first in `submit`.
    void begin(operation& op) noexcept {
        RW_ASSERT(!op.in_flight && op.complete != nullptr);
        op.in_flight = true;
        counters_.submitted[static_cast<std::size_t>(op.kind)].add();
    }

    /// Tells `op`; every driver completes through it.
    void tell(operation& op, completion what) noexcept {
        RW_ASSERT(op.in_flight);
        counters_.completions.add();
        if (!what.more) {
            op.in_flight = false;
            counters_.completed[static_cast<std::size_t>(op.kind)].add();
        }
        op.complete(op, what);  // `op` may be gone from here on.
    }

    driver_counters counters_;

private:
    static thread_local driver* current_;
};

enum class driver_kind : std::uint8_t { automatic, io_uring, epoll };

struct chosen_driver {
    driver_kind kind;
    std::string reason;  ///< One line for the banner and the log: why this one.
};

/// Which driver a shard can use here: probes io_uring by using it (not by kernel version), unless
/// `wanted` or the environment variable RINGWAY_DRIVER (epoll | io_uring | auto) says which.
/// Fails with `unsupported` when io_uring is wanted and refused, `invalid_argument` when the
/// variable holds something else; `describe`-able reason is logged.
[[nodiscard]] result<chosen_driver> choose_driver(driver_kind wanted);

/// Why `choose_driver` or `make_driver` failed and, where somebody can, what to do: one line.
[[nodiscard]] std::string explain_driver_refusal(error refused);

/// Makes a driver of `kind` (not `automatic`). The caller attaches it on its shard's thread.
/// RINGWAY_SQPOLL (milliseconds) and RINGWAY_NAPI (microseconds) stand in for `sqpoll_idle` and
/// `napi_poll` where those are zero. Fails with what the kernel says to the driver's set-up.
[[nodiscard]] result<std::unique_ptr<driver>> make_driver(driver_kind kind,
                                                          const driver_options& options);

}  // namespace ringway
