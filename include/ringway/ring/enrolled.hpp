// Memory and files that the kernel knows beforehand.
#pragma once

#include <cstdint>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {

/// Keeps memory enrolled with the driver of this shard (`driver::enroll_buffer`), if that can be.
/// Where it can't, everything goes on without: `slot()` is `operation::no_slot` then, and
/// `why_not()` is the reason: `unsupported` by the driver, ENOMEM by RLIMIT_MEMLOCK, `limit`.
///
/// Made and destroyed on the same shard; all that uses the memory has ended by then.
class enrolled_buffer {
public:
    explicit enrolled_buffer(byte_span memory) noexcept
        : got_{driver::current().enroll_buffer(memory)} {}
    enrolled_buffer(const enrolled_buffer&) = delete;
    enrolled_buffer& operator=(const enrolled_buffer&) = delete;
    ~enrolled_buffer() {
        if (got_) {
            driver::current().dismiss_buffer(*got_);
        }
    }

    [[nodiscard]] std::uint16_t slot() const noexcept { return got_.value_or(operation::no_slot); }
    [[nodiscard]] error why_not() const noexcept { return got_ ? error{} : got_.error(); }

private:
    result<std::uint16_t> got_;
};

/// As `enrolled_buffer`, for a descriptor (`driver::enroll_file`), which stays open meanwhile.
class enrolled_file {
public:
    explicit enrolled_file(int fd) noexcept : got_{driver::current().enroll_file(fd)} {}
    enrolled_file(const enrolled_file&) = delete;
    enrolled_file& operator=(const enrolled_file&) = delete;
    ~enrolled_file() {
        if (got_) {
            driver::current().dismiss_file(*got_);
        }
    }

    [[nodiscard]] std::uint16_t slot() const noexcept { return got_.value_or(operation::no_slot); }
    [[nodiscard]] error why_not() const noexcept { return got_ ? error{} : got_.error(); }

private:
    result<std::uint16_t> got_;
};

}  // namespace ringway
