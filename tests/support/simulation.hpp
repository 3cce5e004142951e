// Whole programs on a simulated kernel: one thread, one scheduler, virtual time, one seed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <ringway/coro/scheduler.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/simulated_driver.hpp>

#include "ring/simulated_random.hpp"

namespace ringway::test {

/// `count` seeds from `first` on, or the only one that RINGWAY_SEED asks for.
[[nodiscard]] inline std::vector<std::uint64_t> seeds(std::size_t count, std::uint64_t first = 1) {
    if (const auto asked = seed_from_environment()) {
        return {*asked};
    }
    std::vector<std::uint64_t> all(count);
    for (std::uint64_t& seed : all) {
        seed = first++;
    }
    return all;
}

/// A scheduler on a simulated driver, both made current. Between turns it resumes a number of
/// coroutines that the seed picks, so that they interleave with completions in many ways.
///
/// `io.describe()` belongs into a SCOPED_TRACE: it says how to replay a failure.
class simulation {
public:
    static constexpr nanoseconds patience = std::chrono::hours{1};

    explicit simulation(const simulation_options& options) : io{options}, random_{options.seed} {
        driver::set_current(&io);
        scheduler::set_current(&queues);
    }
    simulation(const simulation&) = delete;
    simulation& operator=(const simulation&) = delete;
    ~simulation() {
        scheduler::set_current(nullptr);
        driver::set_current(nullptr);
    }

    /// Runs until `done()`. False if it can't come to that: `limit` of virtual time has passed, or
    /// nothing at all is left to happen.
    template <class Predicate>
    bool run_until(Predicate done, nanoseconds limit = patience) {
        const nanoseconds end = io.now() + limit;
        for (;;) {
            resume_some();
            if (done()) {
                return true;
            }
            if (io.now() >= end || io.deadlocked()) {
                return false;
            }
            io.turn(queues.ready() > 0 ? nanoseconds{0} : end);
        }
    }

    /// Runs until all tasks of `work` have ended.
    bool run_until_joined(scope& work, nanoseconds limit = patience) {
        return run_until([&work] { return work.size() == 0; }, limit);
    }

    /// Runs `work` to its end and yields its value; none if it does not end.
    template <class T>
    std::optional<T> run(task<T> work, nanoseconds limit = patience) {
        std::optional<T> value;
        tasks_.spawn(keep(std::move(work), value));
        return run_until_joined(tasks_, limit) ? std::move(value) : std::nullopt;
    }
    bool run(task<void> work, nanoseconds limit = patience) {
        tasks_.spawn(std::move(work));
        return run_until_joined(tasks_, limit);
    }

    simulated_driver io;
    scheduler queues{[]() noexcept { return driver::current().now(); }};

private:
    void resume_some() {
        const bool all = random_.below(4) != 0;
        queues.run_some(all ? std::numeric_limits<std::size_t>::max() : random_.between(1, 3));
    }

    template <class T>
    static task<void> keep(task<T> work, std::optional<T>& value) {
        value.emplace(co_await std::move(work));
    }

    detail::simulated_random random_;
    scope tasks_;
};

}  // namespace ringway::test
