// A second ring whose completions are polled for at the device.
#pragma once

#include <liburing.h>

#include <ringway/base/result.hpp>
#include <ringway/ring/operation.hpp>

#include "ring/op_list.hpp"

namespace ringway {

/// Runs direct reads and writes by IORING_SETUP_IOPOLL. Nobody is interrupted by the device: who
/// wants a completion looks for it, again and again. On one thread only.
class uring_polled {
public:
    uring_polled() = default;
    uring_polled(const uring_polled&) = delete;
    uring_polled& operator=(const uring_polled&) = delete;
    ~uring_polled();

    /// Fails with the errno of io_uring_setup(2). Once it has succeeded it does nothing.
    [[nodiscard]] result<void> open() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return open_; }

    /// Takes the read or write `op`, which `poll` will give back.
    void add(operation& op) noexcept;

    [[nodiscard]] bool is_busy() const noexcept { return in_flight_ > 0; }

    /// Hands over what was added, looks at the device once, and calls `told(op, result)` for each
    /// operation that has ended. `told` may add others.
    template <class Told>
    void poll(Told told) noexcept {
        enter();
        io_uring_cqe* done = nullptr;
        while (io_uring_peek_cqe(&ring_, &done) == 0) {
            auto& op = *static_cast<operation*>(io_uring_cqe_get_data(done));
            const int result = done->res;
            io_uring_cqe_seen(&ring_, done);
            --in_flight_;
            told(op, result);
        }
    }

private:
    bool prepare(operation& op) noexcept;
    void enter() noexcept;

    io_uring ring_{};
    bool open_ = false;
    unsigned in_flight_ = 0;
    op_list queued_;  // Wait for a free submission entry.
};

}  // namespace ringway
