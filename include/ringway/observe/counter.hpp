// Numbers that one thread writes and every thread may read.
#pragma once

#include <atomic>
#include <cstdint>

namespace ringway::observe {

/// A number that only grows. `add` is a plain addition in memory, no locked instruction: one thread
/// writes, any thread reads and sees some recent value, never a torn one.
class counter {
public:
    counter() = default;
    counter(const counter&) = delete;
    counter& operator=(const counter&) = delete;

    /// Writer only.
    void add(std::uint64_t n = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t get() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// A number that goes up and down; threads as for `counter`.
class gauge {
public:
    gauge() = default;
    gauge(const gauge&) = delete;
    gauge& operator=(const gauge&) = delete;

    /// Writer only.
    void add(std::int64_t n = 1) noexcept { set(get() + n); }
    /// Writer only.
    void sub(std::int64_t n = 1) noexcept { set(get() - n); }
    /// Writer only.
    void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }

    [[nodiscard]] std::int64_t get() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::int64_t> value_{0};
};

}  // namespace ringway::observe
