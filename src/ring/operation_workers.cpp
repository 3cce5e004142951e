#include "ring/operation_workers.hpp"

#include "ring/blocking_calls.hpp"

namespace ringway {

void operation_workers::give(operation& op) noexcept {
    job& mine = free_job();
    mine.op = &op;
    pool_.submit(mine);
}

operation_workers::job& operation_workers::free_job() {
    if (free_.empty()) {
        job& fresh = *jobs_.emplace_back(std::make_unique<job>());
        free_.reserve(jobs_.size());
        fresh.workers = this;
        fresh.run = [](work_item& self) noexcept {
            job& mine = static_cast<job&>(self);
            mine.result = perform_blocking(*mine.op);
        };
        fresh.finished = [](work_item& self) noexcept {
            operation_workers& workers = *static_cast<job&>(self).workers;
            if (workers.done_.push(self)) {
                workers.owner_.wake(nullptr);
            }
        };
        return fresh;
    }
    job& reused = *free_.back();
    free_.pop_back();
    return reused;
}

}  // namespace ringway
