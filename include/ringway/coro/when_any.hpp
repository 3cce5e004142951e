// when_any: runs several tasks beside each other; the first to end stops the others.
#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/task.hpp>

namespace ringway {

/// How a race of tasks ended: nobody's result is lost.
template <class... Ts>
struct race_results {
    std::size_t first;                  ///< Which task ended first, well or badly.
    std::tuple<result<Ts>...> results;  ///< All of them. A task that was stopped says `canceled`,
                                        ///< or what it achieved all the same.
};

/// As above for tasks of one type.
template <class T>
struct race_results_of {
    std::size_t first;
    std::vector<result<T>> results;
};

namespace detail {

struct race {
    scope running;
    std::optional<std::size_t> first;
};

template <class T>
task<void> run_in_race(task<result<T>> work, std::optional<result<T>>& into, std::size_t index,
                       race& all) {
    into.emplace(co_await std::move(work));
    if (!all.first) {
        all.first = index;
        all.running.request_stop();
    }
}

}  // namespace detail

/// Runs `works` beside each other, in the awaiter's task queue. When the first of them ends, well
/// or badly, the others are asked to stop; yields when all have ended. A task that ignores the stop
/// therefore delays the end. Each starts in its turn, the first one first; one that has not started
/// when another ends starts all the same, and finds the stop requested.
/// Lifetime: owns the tasks; what they borrow must outlive the await.
/// Cancel: passed on to every task, then still waits for all of them. Resumes: on this shard.
template <class... Ts>
    requires(sizeof...(Ts) > 0)
[[nodiscard]] task<race_results<Ts...>> when_any(task<result<Ts>>... works) {
    std::tuple<std::optional<result<Ts>>...> results;
    detail::race all;
    std::apply(
        [&](auto&... into) {
            std::size_t index = 0;
            (all.running.spawn(detail::run_in_race(std::move(works), into, index++, all)), ...);
        },
        results);
    co_await all.running.join();
    co_return std::apply(
        [&](auto&... each) {
            return race_results<Ts...>{*all.first, std::tuple<result<Ts>...>(*std::move(each)...)};
        },
        results);
}

/// As above for tasks of one type, at least one.
template <class T>
[[nodiscard]] task<race_results_of<T>> when_any(std::vector<task<result<T>>> works) {
    RW_ASSERT(!works.empty());
    std::vector<std::optional<result<T>>> results(works.size());
    detail::race all;
    for (std::size_t index = 0; index < works.size(); ++index) {
        all.running.spawn(detail::run_in_race(std::move(works[index]), results[index], index, all));
    }
    co_await all.running.join();
    race_results_of<T> taken{*all.first, {}};
    taken.results.reserve(results.size());
    for (std::optional<result<T>>& each : results) {
        taken.results.push_back(*std::move(each));
    }
    co_return taken;
}

}  // namespace ringway
