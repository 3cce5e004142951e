// Ending connections of a client on all shards, when a thread that is none of them says so.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include <ringway/coro/task.hpp>
#include <ringway/runtime/mailbox.hpp>

namespace ringway {
class shard;
}

namespace ringway::cli {

/// Has the shards that sit here cut off their connections. Any thread.
class connection_cutter {
public:
    using is_meant = std::function<bool(std::string_view client)>;

    /// One shard. Made on its thread; `leave` must be awaited before it dies.
    class seat {
    public:
        /// `work` cuts off on this shard who is meant, and yields how many connections those had.
        /// Lifetime: `of` outlives the seat.
        seat(connection_cutter& of, std::function<unsigned(const is_meant&)> work);
        seat(const seat&) = delete;
        seat& operator=(const seat&) = delete;
        ~seat();

        /// From now on nothing is asked of this shard. Not cancellable. Resumes: on this shard.
        [[nodiscard]] task<void> leave();

    private:
        friend class connection_cutter;
        struct mail : message {
            seat* owner = nullptr;
        };
        void work_off() noexcept;

        connection_cutter& of_;
        shard& here_;
        std::function<unsigned(const is_meant&)> work_;
        mail mail_;
        bool has_left_ = false;
        bool posted_ = false;  // This and the next by `of_.one_`.
        std::vector<std::shared_ptr<const is_meant>> asked_;
    };

    /// Asks all shards. What comes while a shard has not worked off 1024 of them is forgotten: its
    /// connections end by their timeouts.
    void cut_off(is_meant who);

    /// Connections that were cut off so far.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(); }

private:
    std::mutex one_;
    std::vector<seat*> seats_;
    std::atomic<std::uint64_t> count_{0};
};

}  // namespace ringway::cli
