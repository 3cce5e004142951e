#include <ringway/ring/worker_pool.hpp>

#include <algorithm>
#include <csignal>

#include <ringway/base/assert.hpp>

namespace ringway {

namespace {

// The cores of the process, from before any thread bound itself.
const cpu_set_t cores_at_start = [] {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    ::sched_getaffinity(0, sizeof(cores), &cores);
    return cores;
}();

}  // namespace

worker_pool::worker_pool(unsigned threads_max) : threads_max_{std::max(threads_max, 1U)} {
    threads_.reserve(threads_max_);
}

worker_pool::~worker_pool() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    work_came_.notify_all();
    for (const pthread_t thread : threads_) {
        RW_ASSERT(::pthread_join(thread, nullptr) == 0);
    }
    RW_ASSERT(first_ == nullptr);
}

void worker_pool::submit(work_item& item) noexcept {
    RW_ASSERT(item.run != nullptr && item.finished != nullptr);
    {
        const std::lock_guard lock{mutex_};
        RW_ASSERT(!stopping_);
        // An idle thread may have been woken for an earlier item without having taken it yet.
        if (queued_ < idle_ || threads_.size() == threads_max_ || start_thread() ||
            !threads_.empty()) {
            append(item);
            work_came_.notify_one();
            return;
        }
    }
    item.run(item);
    item.finished(item);
}

unsigned worker_pool::threads() const noexcept {
    const std::lock_guard lock{mutex_};
    return static_cast<unsigned>(threads_.size());
}

void* worker_pool::thread_main(void* pool) noexcept {
    static_cast<worker_pool*>(pool)->work();
    return nullptr;
}

void worker_pool::work() noexcept {
    std::unique_lock lock{mutex_};
    for (;;) {
        ++idle_;
        work_came_.wait(lock, [this] { return first_ != nullptr || stopping_; });
        --idle_;
        if (first_ == nullptr) {
            return;
        }
        work_item& item = *first_;
        first_ = item.next;
        --queued_;
        lock.unlock();
        item.run(item);
        item.finished(item);
        lock.lock();
    }
}

void worker_pool::append(work_item& item) noexcept {
    item.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &item;
    last_ = &item;
    ++queued_;
}

// With the mutex held. The thread inherits the mask: signals are for the threads that expect them.
bool worker_pool::start_thread() noexcept {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    RW_ASSERT(::pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    // A shard's thread is bound to one core, and its workers are there to leave that core alone.
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    if (CPU_COUNT(&cores_at_start) > 0) {
        ::pthread_attr_setaffinity_np(&attributes, sizeof(cores_at_start), &cores_at_start);
    }
    pthread_t thread{};
    const bool started = ::pthread_create(&thread, &attributes, thread_main, this) == 0;
    ::pthread_attr_destroy(&attributes);
    RW_ASSERT(::pthread_sigmask(SIG_SETMASK, &before, nullptr) == 0);
    if (started) {
        ::pthread_setname_np(thread, "rw-worker");
        threads_.push_back(thread);
    }
    return started;
}

}  // namespace ringway
