#include <ringway/observe/access_log.hpp>

#include <atomic>
#include <bit>
#include <cerrno>
#include <csignal>
#include <fmt/core.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/log.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/observe/counter.hpp>

#include "observe/access_format.hpp"
#include "observe/byte_ring.hpp"
#include "observe/log_file.hpp"

namespace ringway::observe {
namespace {

constexpr std::size_t ring_bytes_min = std::size_t{128} * 1024;
constexpr std::size_t ring_bytes_most = std::size_t{1} << 30U;
static_assert(detail::access_line_bytes_max <= ring_bytes_min / 2);

// What a shard has of the log.
struct alignas(64) shard_log {
    shard_log(log_format format, std::size_t ring_bytes)
        : formatter{format}, ring{ring_bytes, detail::access_line_bytes_max} {}

    detail::access_formatter formatter;
    counter dropped;
    std::atomic<bool> calling{false};  // The writer has been told that the ring is half full.
    detail::byte_ring ring;
};

// Starts a thread that no signal is delivered to.
template <class Function>
std::thread start_without_signals(Function run) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread started{run};
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
}

}  // namespace

struct access_log::state {
    state(const access_log_options& options, unique_fd bell)
        : file{options.path, ending}, interval{options.interval}, bell{std::move(bell)} {
        for (unsigned i = 0; i < options.shards; ++i) {
            shards.push_back(std::make_unique<shard_log>(options.format, options.ring_bytes));
        }
    }

    void ring_bell() const noexcept {
        const int before = errno;
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto ignored = ::write(bell.get(), &one, sizeof one);
        errno = before;
    }

    void wait_for_bell() const noexcept {
        pollfd waiting{.fd = bell.get(), .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(interval.count())) > 0) {
            std::uint64_t rings = 0;
            [[maybe_unused]] const auto ignored = ::read(bell.get(), &rings, sizeof rings);
        }
    }

    void write_all() noexcept {
        for (const auto& shard : shards) {
            shard->calling.store(false, std::memory_order_relaxed);
            const auto parts = shard->ring.readable();
            file.write(parts);
            shard->ring.consume(parts[0].size() + parts[1].size());
        }
    }

    void reopen_if_asked() noexcept {
        if (!reopen_wanted.exchange(false, std::memory_order_relaxed)) {
            return;
        }
        if (const auto opened = file.open(); !opened) {
            log_line(log_level::warning,
                     fmt::format("access log: cannot reopen {}: {}; writing to the old file",
                                 file.path(), describe(opened.error())));
        }
    }

    void run() noexcept {
        ::pthread_setname_np(::pthread_self(), "ringway-log");
        for (bool last = false; !last;) {
            wait_for_bell();
            last = ending.load(std::memory_order_acquire);
            const auto asked = flush_asked.load(std::memory_order_acquire);
            write_all();
            reopen_if_asked();
            flush_done.store(asked, std::memory_order_release);
            flush_done.notify_all();
        }
    }

    std::atomic<bool> ending{false};
    std::atomic<bool> reopen_wanted{false};
    std::atomic<std::uint32_t> flush_asked{0};
    std::atomic<std::uint32_t> flush_done{0};
    detail::log_file file;
    std::chrono::milliseconds interval;
    unique_fd bell;  // An eventfd.
    std::vector<std::unique_ptr<shard_log>> shards;
    std::thread writer;
};

result<std::unique_ptr<access_log>> access_log::open(const access_log_options& options) {
    if (options.shards == 0 || options.interval.count() < 1 || options.interval.count() > 60'000 ||
        options.ring_bytes < ring_bytes_min || options.ring_bytes > ring_bytes_most ||
        !std::has_single_bit(options.ring_bytes)) {
        return fail(errc::invalid_argument);
    }
    unique_fd bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!bell) {
        return fail_errno(errno);
    }
    auto made = std::make_unique<state>(options, std::move(bell));
    if (const auto opened = made->file.open(); !opened) {
        return std::unexpected{opened.error()};
    }
    made->writer = start_without_signals([own = made.get()] { own->run(); });
    return std::unique_ptr<access_log>{new access_log{std::move(made)}};
}

access_log::access_log(std::unique_ptr<state> made) noexcept : state_{std::move(made)} {}

access_log::~access_log() {
    state_->ending.store(true, std::memory_order_release);
    state_->ring_bell();
    state_->writer.join();
}

void access_log::submit(unsigned shard, const access_record& record) noexcept {
    RW_ASSERT(shard < state_->shards.size());
    auto& own = *state_->shards[shard];
    char* const place = own.ring.begin_write();
    if (place == nullptr) {
        own.dropped.add();
        return;
    }
    own.ring.end_write(own.formatter.format(record, place));
    if (own.ring.over_half() && !own.calling.load(std::memory_order_relaxed)) {
        own.calling.store(true, std::memory_order_relaxed);
        state_->ring_bell();
    }
}

void access_log::reopen() noexcept {
    state_->reopen_wanted.store(true, std::memory_order_relaxed);
    state_->ring_bell();
}

void access_log::flush() noexcept {
    const auto asked = state_->flush_asked.fetch_add(1, std::memory_order_acq_rel) + 1;
    state_->ring_bell();
    for (auto done = state_->flush_done.load(std::memory_order_acquire);
         static_cast<std::int32_t>(asked - done) > 0;
         done = state_->flush_done.load(std::memory_order_acquire)) {
        state_->flush_done.wait(done, std::memory_order_acquire);
    }
}

std::uint64_t access_log::dropped(unsigned shard) const noexcept {
    RW_ASSERT(shard < state_->shards.size());
    return state_->shards[shard]->dropped.get();
}

std::uint64_t access_log::lost() const noexcept { return state_->file.lost(); }

}  // namespace ringway::observe
