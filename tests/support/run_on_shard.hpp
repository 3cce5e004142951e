// Runs coroutines of tests on real shards, with the driver that RINGWAY_DRIVER asks for.
#pragma once

#include <cstddef>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <utility>

#include <ringway/coro/task.hpp>
#include <ringway/runtime/cluster.hpp>

// Ends a coroutine of type task<void> with a test failure, as ASSERT_TRUE ends a function.
#define RW_CO_ASSERT(condition)                      \
    if (!(condition)) {                              \
        ADD_FAILURE() << "not true: " << #condition; \
        co_return;                                   \
    }                                                \
    static_assert(true)

namespace ringway::test {

/// Descriptors that this process has open.
[[nodiscard]] std::size_t open_descriptors();

/// Whether the tests run on the epoll driver.
[[nodiscard]] bool runs_on_epoll();

enum class descriptors : bool { may_stay_open, are_counted };

/// Runs `main` on every shard of a cluster and waits for all. Adds a test failure if something
/// leaks: operations in flight, buffers, descriptors.
void run_cluster(const cluster_options& options, const cluster::main_function& main,
                 descriptors open = descriptors::are_counted);

/// Runs `work` on a cluster of one shard and yields its value, which may own descriptors.
template <class T>
T run_on_shard(task<T> work, const driver_options& settings = {}) {
    std::optional<T> value;
    const auto main = [](task<T> inner, std::optional<T>& into) -> task<void> {
        into.emplace(co_await std::move(inner));
    };
    run_cluster(
        {.shards = 1, .pin = false, .driver_settings = settings},
        [&](shard&) { return main(std::move(work), value); }, descriptors::may_stay_open);
    return *std::move(value);
}

inline void run_on_shard(task<void> work, const driver_options& settings = {}) {
    run_cluster({.shards = 1, .pin = false, .driver_settings = settings},
                [&](shard&) { return std::move(work); });
}

/// `eventually` for coroutines: lets the shard go on between two questions.
[[nodiscard]] task<bool> comes_true(std::function<bool()> is_true);

/// Raises this process's limit of open files to `count`, and says whether it may have so many.
[[nodiscard]] bool may_open(std::size_t count);

/// As long as it lives this process can't open any more descriptors.
class no_more_descriptors {
public:
    no_more_descriptors();
    no_more_descriptors(const no_more_descriptors&) = delete;
    no_more_descriptors& operator=(const no_more_descriptors&) = delete;
    ~no_more_descriptors();

private:
    rlimit before_{};
};

/// A new directory that goes away, with all it holds, when this dies.
class scratch_directory {
public:
    scratch_directory();
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    ~scratch_directory();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// The absolute path of `name` in it.
    [[nodiscard]] std::string at(std::string_view name) const;
    /// Writes a file; its directories must exist.
    void write(std::string_view name, std::string_view content) const;
    void make_directory(std::string_view name) const;
    /// Makes the symbolic link `name` that leads to `target`.
    void make_link(std::string_view name, const std::string& target) const;

private:
    std::string path_;
};

}  // namespace ringway::test
