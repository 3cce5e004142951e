// A scheduler that a test drives by hand, with a clock that only moves when told to.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include <ringway/coro/scheduler.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>

namespace ringway::test {

/// Base of tests of coroutines. `scope_` owns what a test spawns; a test ends with all of it ended.
class hand_driven : public ::testing::Test {
protected:
    hand_driven() {
        now_ = std::chrono::nanoseconds{0};
        scheduler::set_current(&scheduler_);
    }

    /// Lets `time` pass.
    static void pass(std::chrono::nanoseconds time) noexcept { now_ += time; }
    static std::chrono::nanoseconds now() noexcept { return now_; }

    void spawn(task<void> work) { scope_.spawn(std::move(work)); }

    /// Runs whatever is ready until nothing is.
    void run() {
        while (scheduler_.ready() > 0) {
            scheduler_.run_some(std::numeric_limits<std::size_t>::max());
        }
    }

    /// Runs `work` to its end, which must come without help from outside.
    template <class T>
    T finish(task<T> work) {
        std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
        spawn(keep(std::move(work), value));
        run();
        if (!value) {
            ADD_FAILURE() << "the task waits for something that does not come";
            std::abort();
        }
        if constexpr (!std::is_void_v<T>) {
            return *std::move(value);
        }
    }

    scheduler scheduler_{now};
    scope scope_;

private:
    template <class T, class Value>
    static task<void> keep(task<T> work, std::optional<Value>& value) {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(work);
            value.emplace();
        } else {
            value.emplace(co_await std::move(work));
        }
    }

    static inline std::chrono::nanoseconds now_{0};
};

}  // namespace ringway::test
