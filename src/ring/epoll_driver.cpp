#include "ring/epoll_driver.hpp"

#include <bit>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

#include "ring/blocking_calls.hpp"
#include "ring/send_file.hpp"

namespace ringway {
namespace {

using outcome = attempt::outcome;

// One direction of one descriptor gets this many tries in a turn: then it is others' turn.
constexpr int tries_per_turn = 4;

// `operation::driver_state` while in flight.
enum : std::uint32_t { state_waiting = 1, state_deferred = 2, state_at_worker = 3 };

}  // namespace

result<std::unique_ptr<driver>> make_epoll_driver(const driver_options& options) {
    if (!std::has_single_bit(options.buffer_count) || options.buffer_count > 32768 ||
        options.buffer_bytes == 0) {
        return fail(errc::invalid_argument);
    }
    return std::make_unique<epoll_driver>(options);
}

epoll_driver::epoll_driver(const driver_options& options)
    : busy_poll_{options.busy_poll},
      napi_poll_{options.napi_poll},
      buffers_{options.buffer_count, options.buffer_bytes},
      workers_{*this, options.worker_threads} {
    if (options.sqpoll_idle.count() > 0) {
        shortfall_ = "a submission thread of the kernel (SQPOLL) is a matter of io_uring";
    }
}

epoll_driver::~epoll_driver() { RW_ASSERT(counters_.in_flight() == 0); }

result<void> epoll_driver::attach() {
    block_broken_pipe_signal();
    const auto opened = waiter_.open();
    if (opened && napi_poll_.count() > 0) {
        const auto polls = waiter_.poll_cards(napi_poll_);
        polls_cards_ = polls.has_value();
        if (!polls) {
            shortfall_ =
                "waiting does not poll network cards (EPIOCSPARAMS: " + describe(polls.error()) +
                "), which came with Linux 6.9";
        }
    }
    return opened;
}

void epoll_driver::submit(operation& op) noexcept {
    begin(op);
    RW_ASSERT(waiter_.is_open());
    RW_ASSERT(!op.multishot || op.kind == op_kind::accept || op.kind == op_kind::poll ||
              op.select_buffer);
    op.driver_done = 0;
    switch (op.kind) {
        case op_kind::nop: finish_later(op, 0); return;
        case op_kind::fsync:
        case op_kind::statx:
        case op_kind::fallocate:
        case op_kind::ftruncate:
        case op_kind::fadvise:
        case op_kind::rename:
        case op_kind::link:
        case op_kind::unlink:
        case op_kind::mkdir:
        case op_kind::splice: give_to_worker(op); return;
        case op_kind::openat2: open(op); return;
        case op_kind::close: forget(op.fd); [[fallthrough]];
        case op_kind::shutdown:
            counters_.enters.add();
            finish(op, {.result = perform_blocking(op)});
            return;
        case op_kind::connect:
            if (const watched_fd* const entry = table_.find(op.fd); entry && entry->idle()) {
                forget(op.fd);  // A socket that connects is new.
            }
            [[fallthrough]];
        default: enqueue(op);
    }
}

void epoll_driver::cancel(operation& op) noexcept {
    RW_ASSERT(op.in_flight);
    if (op.driver_state == state_waiting) {  // In other states it ends by itself.
        const place where = place_of(op);
        table_.at(where.fd).on(where.side).remove(op);
        finish_later(op, result_when_canceled(op));
    }
}

void epoll_driver::turn(nanoseconds deadline) noexcept {
    RW_ASSERT(waiter_.is_open() && telling_ == 0);
    const bool told = !deferred_.empty();
    finish_deferred();
    const bool at_once = told || busy_poll_ || !deferred_.empty() || !listed_.empty();
    nanoseconds timeout = at_once ? nanoseconds::zero() : deadline;
    if (timeout != nanoseconds::zero() && timeout != nanoseconds::max()) {
        timeout -= now();
    }
    counters_.enters.add();
    waiter_.wait(timeout);
    if (waiter_.was_woken()) {
        counters_.wakes.add();
    }
    for (const epoll_event& event : waiter_.events()) {
        note(event);
    }
    workers_.take([this](operation& op, int result) { settle_worked(op, result); });
    run_listed();
}

void epoll_driver::wake(driver* /*from*/) noexcept { waiter_.wake(); }

nanoseconds epoll_driver::now() const noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

std::string epoll_driver::features() const {
    return "edge-triggered, speculative system calls, " + std::to_string(workers_.threads_max()) +
           " workers" + (polls_cards_ ? ", NAPI polling" : "");
}

int epoll_driver::socket_flags() const noexcept { return SOCK_NONBLOCK; }

void epoll_driver::close_now(int fd) noexcept {
    forget(fd);
    driver::close_now(fd);
}

epoll_driver::place epoll_driver::place_of(const operation& op) noexcept {
    switch (op.kind) {
        case op_kind::poll: return {op.fd, wait_side::polling};
        case op_kind::accept:
        case op_kind::recv:
        case op_kind::recvmsg:
        case op_kind::read: return {op.fd, wait_side::reading};
        case op_kind::splice:
            return splice_waits_for_output(op) ? place{op.other_fd, wait_side::writing}
                                               : place{op.fd, wait_side::reading};
        default: return {op.fd, wait_side::writing};
    }
}

void epoll_driver::open(operation& op) noexcept {
    counters_.enters.add();
    const attempt tried = try_now(op, buffers_);
    if (tried.how == outcome::blocks) {
        give_to_worker(op);
        return;
    }
    forget(tried.result);
    finish(op, {.result = tried.result});
}

void epoll_driver::give_to_worker(operation& op) noexcept {
    op.driver_state = state_at_worker;
    workers_.give(op);
}

void epoll_driver::settle_worked(operation& op, int result) noexcept {
    if (op.kind == op_kind::splice && result == -EAGAIN && (op.flags & SPLICE_F_NONBLOCK) == 0) {
        note_splice_not_ready(op);
        enqueue(op);
        return;
    }
    if (op.kind == op_kind::openat2) {
        forget(result);
    }
    finish(op, {.result = result});
}

// Behind those that wait already; tried at once if there are none. Not while a completion is told:
// its receiver would be told again before it returns, and so on without an end.
void epoll_driver::enqueue(operation& op) noexcept {
    const place where = place_of(op);
    if (where.fd < 0) {
        finish_later(op, -EBADF);
        return;
    }
    watched_fd& entry = table_.at(where.fd);
    op_list& waiting = entry.on(where.side);
    const bool first = waiting.empty();
    op.driver_state = state_waiting;
    waiting.push_back(op);
    if (telling_ > 0) {
        list(entry, watched_fd::bit(where.side));
    } else if (where.side == wait_side::polling) {
        run_once(entry, op, waiting);
    } else if (first) {
        run_queue(entry, where.side);
    }
}

void epoll_driver::run_queue(watched_fd& entry, wait_side side) noexcept {
    op_list& waiting = entry.on(side);
    for (int tries = 0; !waiting.empty(); ++tries) {
        if (tries == tries_per_turn) {
            list(entry, watched_fd::bit(side));
            return;
        }
        if (!run_once(entry, waiting.front(), waiting)) {
            return;
        }
    }
}

void epoll_driver::run_polls(watched_fd& entry) noexcept {
    op_list& waiting = entry.on(wait_side::polling);
    ++poll_round_;
    while (!waiting.empty() && waiting.front().driver_done != poll_round_) {
        operation& op = waiting.pop_front();
        op.driver_done = poll_round_;
        waiting.push_back(op);
        run_once(entry, op, waiting);
    }
}

// What is listed meanwhile is for the next turn.
void epoll_driver::run_listed() noexcept {
    running_.swap(listed_);
    for (watched_fd* const entry : running_) {
        entry->listed = false;
        const unsigned sides = std::exchange(entry->ready, std::uint8_t{0});
        for (const wait_side side : {wait_side::reading, wait_side::writing}) {
            if ((sides & watched_fd::bit(side)) != 0) {
                run_queue(*entry, side);
            }
        }
        if ((sides & watched_fd::bit(wait_side::polling)) != 0) {
            run_polls(*entry);
        }
    }
    running_.clear();
}

// Tries `op`, which is in `waiting`, and moves it on. False: it waits for an edge.
bool epoll_driver::run_once(watched_fd& entry, operation& op, op_list& waiting) noexcept {
    const attempt tried = try_or_watch(entry, op);
    if (tried.how == outcome::waits || tried.how == outcome::progressed) {
        return tried.how == outcome::progressed;
    }
    if (tried.how == outcome::blocks) {
        waiting.remove(op);
        give_to_worker(op);
        return true;
    }
    const bool accepted = op.kind == op_kind::accept && tried.result >= 0;
    const bool more = op.multishot && (accepted || tried.result > 0);
    if (!more) {
        waiting.remove(op);
    }
    if (accepted) {
        forget(tried.result);
    }
    if (op.select_buffer && tried.result == -ENOBUFS) {
        counters_.buffers_exhausted.add();
    }
    finish(op, {.result = tried.result, .more = more, .buffer = tried.buffer});
    return true;
}

// Registering reports what has become ready by then as an edge: nothing is lost between the two.
attempt epoll_driver::try_or_watch(watched_fd& entry, operation& op) noexcept {
    counters_.enters.add();
    const attempt tried = try_now(op, buffers_);
    const bool waits = tried.how == outcome::waits || (op.kind == op_kind::poll && op.multishot);
    if (!waits || entry.registered) {
        return tried;
    }
    const int failure = waiter_.watch(entry.fd, entry.key());
    if (failure == 0) {
        entry.registered = true;
        return tried;
    }
    const bool transfers = op.kind == op_kind::read || op.kind == op_kind::write;
    return failure == EPERM && transfers ? attempt{outcome::blocks}
                                         : attempt{outcome::finished, -failure};
}

void epoll_driver::note(const epoll_event& event) noexcept {
    watched_fd* const entry = table_.find_key(event.data.u64);
    if (entry == nullptr) {
        return;  // The file is closed; the number may be another's.
    }
    constexpr std::uint32_t ends = EPOLLHUP | EPOLLERR;
    unsigned sides = watched_fd::bit(wait_side::polling);
    if ((event.events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | ends)) != 0) {
        sides |= watched_fd::bit(wait_side::reading);
    }
    if ((event.events & (EPOLLOUT | ends)) != 0) {
        sides |= watched_fd::bit(wait_side::writing);
    }
    list(*entry, sides);
}

void epoll_driver::list(watched_fd& entry, unsigned sides) noexcept {
    entry.ready = static_cast<std::uint8_t>(entry.ready | sides);
    if (!entry.listed) {
        entry.listed = true;
        listed_.push_back(&entry);
    }
}

// The file that had the number is gone or about to go: what waited for it ends, and its events
// that are still on their way will find no entry.
void epoll_driver::forget(int fd) noexcept {
    watched_fd* const entry = table_.find(fd);
    if (entry == nullptr) {
        return;
    }
    ++entry->generation;
    entry->registered = false;
    entry->ready = 0;
    for (op_list& waiting : entry->waiting) {
        while (!waiting.empty()) {
            operation& op = waiting.pop_front();
            finish_later(op, result_when_canceled(op));
        }
    }
}

void epoll_driver::finish(operation& op, completion what) noexcept {
    ++telling_;
    if (op.kind == op_kind::send_zc || op.kind == op_kind::sendmsg_zc) {
        zero_copy_pool::ended_plainly(op);  // It was copied: there is nothing to wait for.
    }
    tell(op, what);
    --telling_;
}

void epoll_driver::finish_later(operation& op, int result) noexcept {
    op.driver_state = state_deferred;
    op.driver_done = static_cast<std::uint32_t>(result);
    deferred_.push_back(op);
}

// Those that come in meanwhile are for the next turn.
void epoll_driver::finish_deferred() noexcept {
    op_list due;
    due.swap(deferred_);
    while (!due.empty()) {
        operation& op = due.pop_front();
        finish(op, {.result = static_cast<int>(op.driver_done)});
    }
}

}  // namespace ringway
