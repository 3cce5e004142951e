// Buffers and files that a ring knows beforehand.
#pragma once

#include <cstdint>
#include <liburing.h>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>

#include "ring/slot_table.hpp"

namespace ringway {

/// The tables of one ring, made empty when they are first needed (sparse, Linux 5.19).
/// On the thread of the ring only. They end with the ring.
class uring_fixed {
public:
    explicit uring_fixed(io_uring& ring) noexcept : ring_{ring} {}

    [[nodiscard]] result<std::uint16_t> enroll_buffer(byte_span memory) noexcept;
    void dismiss_buffer(std::uint16_t slot) noexcept;
    [[nodiscard]] result<std::uint16_t> enroll_file(int fd) noexcept;
    void dismiss_file(std::uint16_t slot) noexcept;

private:
    io_uring& ring_;
    bool has_buffers_ = false;
    bool has_files_ = false;
    slot_table<byte_span> buffers_;
    slot_table<int> files_;
};

}  // namespace ringway
