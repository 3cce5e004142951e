// A limit of bytes a second that several downloads share.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway::cli {

/// Used on one shard.
class rate_limit {
public:
    /// 0: no limit.
    explicit rate_limit(std::uint64_t bytes_per_second) noexcept : rate_{bytes_per_second} {}

    /// When the next bytes may come after `bytes` more at `now`; what was not used in the last
    /// tenth of a second may be used yet.
    [[nodiscard]] nanoseconds after(std::uint64_t bytes, nanoseconds now) noexcept {
        constexpr nanoseconds memory = std::chrono::milliseconds{100};
        next_ = std::max(next_, now - memory);
        const auto whole = std::chrono::seconds{bytes / rate_};
        next_ += whole + nanoseconds{bytes % rate_ * 1'000'000'000 / rate_};
        return next_;
    }

    /// Waits until that time. Fails with `canceled` only.
    [[nodiscard]] task<result<void>> wait(std::uint64_t bytes) {
        if (rate_ == 0) {
            co_return result<void>{};
        }
        const nanoseconds now = driver::current().now();
        const nanoseconds then = after(bytes, now);
        if (then <= now) {
            co_return result<void>{};
        }
        co_return co_await sleep_until{then};
    }

private:
    std::uint64_t rate_;
    nanoseconds next_{0};
};

}  // namespace ringway::cli
