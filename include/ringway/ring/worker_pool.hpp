// A few threads for calls that block and have no other way.
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include <pthread.h>

namespace ringway {

/// Something for a worker to do. Lives with whoever submits it and stays at one address until
/// `finished` is called, after which the pool does not touch it any more.
struct work_item {
    void (*run)(work_item& self) noexcept = nullptr;       ///< The blocking part.
    void (*finished)(work_item& self) noexcept = nullptr;  ///< Hands the item back to its owner.
    work_item* next = nullptr;                             ///< The pool's own, then the inbox's.
};

/// Runs items in the order of their submission on at most a fixed number of threads, which start
/// when they are first needed and take no signals. What `finished` touches must outlive the pool.
class worker_pool {
public:
    /// At least one thread, whatever `threads_max` says.
    explicit worker_pool(unsigned threads_max);
    worker_pool(const worker_pool&) = delete;
    worker_pool& operator=(const worker_pool&) = delete;
    /// Finishes what was submitted, then joins the threads.
    ~worker_pool();

    /// Has `item` run and finished on a worker; any thread. If the system refuses every thread it
    /// is done before this returns, on the calling thread.
    void submit(work_item& item) noexcept;

    [[nodiscard]] unsigned threads_max() const noexcept { return threads_max_; }

    /// Threads started so far; any thread.
    [[nodiscard]] unsigned threads() const noexcept;

private:
    static void* thread_main(void* pool) noexcept;
    void work() noexcept;
    void append(work_item& item) noexcept;
    bool start_thread() noexcept;

    const unsigned threads_max_;
    mutable std::mutex mutex_;
    std::condition_variable work_came_;
    work_item* first_ = nullptr;
    work_item* last_ = nullptr;
    unsigned queued_ = 0;
    unsigned idle_ = 0;
    bool stopping_ = false;
    std::vector<pthread_t> threads_;
};

}  // namespace ringway
