// A cluster: one shard per core, started and ended together.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/runtime/stall_detector.hpp>

namespace ringway {

struct cluster_options {
    unsigned shards = 1;  ///< At least 1. `cluster::usable_cores()` for one per core.
    bool pin = true;      ///< Bind each shard to one of the cores this process may use.
    driver_kind driver = driver_kind::automatic;
    driver_options driver_settings{};
    stall_options stalls{};  ///< What counts as a stall, and how much is told of it.
};

/// Owns the shards. `run` starts a thread for each and returns when all have ended.
class cluster {
public:
    /// What every shard runs; called with that shard on its thread, so on several at once.
    using main_function = std::move_only_function<task<void>(shard&) const>;

    /// Chooses the driver and makes the shards. Fails as `choose_driver` and `make_driver` do.
    [[nodiscard]] static result<std::unique_ptr<cluster>> make(const cluster_options& options);

    ~cluster();

    /// Runs `main` on every shard: shard 0 on the calling thread, the others on threads of their
    /// own. Returns when all have ended, and all that runs in their root scopes. Fails with what
    /// kept a driver from attaching; the other shards are then stopped. Once only, then
    /// `invalid_argument`. Signals are
    /// blocked on the threads it starts; the calling thread is pinned to its core meanwhile.
    /// A shard that has nothing left to do goes on serving messages until no other has either.
    result<void> run(const main_function& main);

    /// Requests a stop of every shard's root scope. Any thread, while `run` runs.
    void request_stop() noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return shards_.size(); }
    [[nodiscard]] shard& at(std::size_t index) noexcept { return *shards_[index]; }
    [[nodiscard]] const chosen_driver& driver_choice() const noexcept { return choice_; }

    /// Cores that this process may run on (sched_getaffinity(2)), at least 1.
    [[nodiscard]] static unsigned usable_cores() noexcept;

private:
    struct member;
    cluster() = default;

    void run_member(unsigned id, const main_function& main, stall_detector& stalls) noexcept;
    task<void> serve(shard& self, member& own, const main_function& main);
    void work_changed(bool busy) noexcept;
    void open_gates() noexcept;

    chosen_driver choice_{};
    bool pin_ = true;
    stall_options stall_settings_;
    std::vector<std::unique_ptr<shard>> shards_;
    std::vector<std::unique_ptr<member>> members_;
    std::atomic<std::size_t> busy_shards_{0};
    std::atomic<bool> gates_open_{false};
    bool has_run_ = false;
};

}  // namespace ringway
