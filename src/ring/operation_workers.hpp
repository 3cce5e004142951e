// Operations that worker threads perform, and their way there and back.
#pragma once

#include <memory>
#include <vector>

#include <ringway/ring/driver.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/ring/work_inbox.hpp>
#include <ringway/ring/worker_pool.hpp>

namespace ringway {

/// A driver's workers. Used on the driver's thread only.
class operation_workers {
public:
    /// `owner` is woken when something is done; it outlives this.
    operation_workers(driver& owner, unsigned threads_max) : owner_{owner}, pool_{threads_max} {}

    /// Has a worker perform `op`, which stays where it is and as it is until it is taken back.
    void give(operation& op) noexcept;

    /// Calls `settle(op, result)` for each operation that is done, in the order of their ends.
    template <class Settle>
    void take(Settle settle) noexcept {
        work_item* item = done_.take_all();
        while (item != nullptr) {
            job& done = static_cast<job&>(*item);
            item = item->next;
            operation& op = *done.op;
            const int result = done.result;
            free_.push_back(&done);  // `settle` may give the operation to a worker again.
            settle(op, result);
        }
    }

    [[nodiscard]] unsigned threads_max() const noexcept { return pool_.threads_max(); }

private:
    struct job : work_item {
        operation_workers* workers = nullptr;
        operation* op = nullptr;
        int result = 0;
    };

    [[nodiscard]] job& free_job();

    driver& owner_;
    work_inbox<work_item> done_;
    std::vector<std::unique_ptr<job>> jobs_;  // As many as there ever were at the same time.
    std::vector<job*> free_;
    worker_pool pool_;  // Last: its threads use what is above.
};

}  // namespace ringway
