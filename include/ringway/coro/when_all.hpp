// when_all: runs several tasks beside each other and waits for all of them.
#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/coro/task.hpp>

namespace ringway {
namespace detail {

/// What a task<T> leaves in a tuple.
template <class T>
using value_or_monostate = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
task<void> store(task<T> work, std::optional<value_or_monostate<T>>& into) {
    if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
        into.emplace();
    } else {
        into.emplace(co_await std::move(work));
    }
}

}  // namespace detail

/// Runs `works` beside each other, in the awaiter's task queue, and yields their values in the same
/// order; std::monostate for a task<void>. Each starts in its turn, the first one first.
///
/// A task that yields an error ends nobody else; for that see `when_any`, or spawn into a `scope`.
/// Lifetime: owns the tasks; what they borrow must outlive the await.
/// Cancel: passed on to every task, then still waits for all of them. Resumes: on this shard.
template <class... Ts>
[[nodiscard]] task<std::tuple<detail::value_or_monostate<Ts>...>> when_all(task<Ts>... works) {
    std::tuple<std::optional<detail::value_or_monostate<Ts>>...> values;
    scope running;
    std::apply([&](auto&... into) { (running.spawn(detail::store(std::move(works), into)), ...); },
               values);
    co_await running.join();
    co_return std::apply(
        [](auto&... value) {
            return std::tuple<detail::value_or_monostate<Ts>...>(*std::move(value)...);
        },
        values);
}

/// As above for any number of tasks of one type, none included.
template <class T>
    requires(!std::is_void_v<T>)
[[nodiscard]] task<std::vector<T>> when_all(std::vector<task<T>> works) {
    std::vector<std::optional<T>> values(works.size());
    scope running;
    for (std::size_t index = 0; index < works.size(); ++index) {
        running.spawn(detail::store(std::move(works[index]), values[index]));
    }
    co_await running.join();
    std::vector<T> taken;
    taken.reserve(values.size());
    for (std::optional<T>& value : values) {
        taken.push_back(*std::move(value));
    }
    co_return taken;
}

/// As above for tasks without a value.
[[nodiscard]] inline task<void> when_all(std::vector<task<void>> works) {
    scope running;
    for (task<void>& work : works) {
        running.spawn(std::move(work));
    }
    co_await running.join();
}

}  // namespace ringway
