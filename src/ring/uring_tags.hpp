// What the io_uring driver notes in its submissions and operations.
#pragma once

#include <bit>
#include <cstdint>

#include <ringway/ring/operation.hpp>

namespace ringway {

// The low bits of user_data say whose completion it is; operations are aligned.
enum class tag : std::uint64_t {
    operation = 0,
    ignored = 1,
    message = 2,
    event = 3,
    writable = 4,
    zero_copy = 6,  // The rest is the zero_copy_buffer.
    unsent = 5,     // A message that could not be sent; the rest is the driver it was for.
    cancel = 7,     // A cancellation; the rest was the operation, which may be gone.
};
constexpr std::uint64_t tag_mask = 7;
static_assert(alignof(operation) >= 8);

// `operation::driver_state` while in flight.
enum : std::uint32_t {
    state_submitted = 0,
    state_queued = 1,
    state_finished = 2,
    state_cancel = 3,    // Its cancellation waits for a free submission entry.
    state_canceled = 4,  // Its cancellation is with the kernel.
};

// How completions of `op` are told apart.
inline tag tag_of(const operation& op) noexcept {
    switch (op.kind) {
        case op_kind::sendfile: return tag::writable;
        case op_kind::send_zc:
        case op_kind::sendmsg_zc: return tag::zero_copy;
        default: return tag::operation;
    }
}

inline std::uint64_t user_data_of(const operation& op, tag whose) noexcept {
    const void* const named = whose == tag::zero_copy ? op.extra : &op;
    return std::bit_cast<std::uint64_t>(named) | static_cast<std::uint64_t>(whose);
}

}  // namespace ringway
