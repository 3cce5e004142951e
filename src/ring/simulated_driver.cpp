#include <ringway/ring/simulated_driver.hpp>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "ring/simulated_state.hpp"

namespace ringway {
namespace {

using event_kind = detail::simulated_agenda::event_kind;
using step = detail::attempt_outcome::step;

constexpr nanoseconds infinite = nanoseconds::max();
constexpr nanoseconds queued_max{50'000};  // How long a full submission queue keeps an operation.

bool is_zero_copy(op_kind kind) noexcept {
    return kind == op_kind::send_zc || kind == op_kind::sendmsg_zc;
}

}  // namespace

static_assert(simulated_driver::first_descriptor == detail::simulated_network::first_descriptor);

simulated_driver::simulated_driver(const simulation_options& options)
    : state_{std::make_unique<detail::simulated_state>(options, counters_)} {
    state_->zero_copy.emplace(*this);
}

simulated_driver::~simulated_driver() {
    if (state_->in_flight > 0 || state_->buffers.leased() > 0) {
        std::fprintf(stderr, "ringway: %s ends in use\n", describe().c_str());
        state_->print_in_flight();
    }
    RW_ASSERT(state_->in_flight == 0 && counters_.in_flight() == 0);
    RW_ASSERT(state_->buffers.leased() == 0);
}

result<void> simulated_driver::attach() { return {}; }

void simulated_driver::submit(operation& op) noexcept {
    begin(op);
    state_->check_slots(op);
    if (is_zero_copy(op.kind)) {
        static_cast<zero_copy_buffer*>(op.extra)->sending = &op;
    }
    const std::uint32_t index = state_->add(op);
    state_->trace("submit", state_->flights[index], nullptr);
    if (state_->faults.strikes(fault::submission_full)) {
        counters_.submission_full.add();
        state_->plan(event_kind::attempt, index, state_->up_to(queued_max) + state_->delay());
        return;
    }
    if (state_->telling || !state_->faults.strikes(fault::complete_inline)) {
        state_->plan(event_kind::attempt, index, state_->delay());
        return;
    }
    attempt(index);
    if (state_->flights[index].results.empty()) {
        state_->faults.missed(fault::complete_inline);
    } else {
        tell_all(index);
    }
}

void simulated_driver::cancel(operation& op) noexcept {
    detail::simulated_flight& flight = state_->flight_of(op);
    if (flight.cancel_asked || flight.ended) {
        return;  // What it achieved before is on its way.
    }
    flight.cancel_asked = true;
    const std::uint32_t index = op.driver_state;
    if (state_->faults.strikes(fault::cancel_late)) {
        state_->plan(event_kind::cancel, index,
                     state_->up_to(state_->options.delay_max + queued_max));
        return;
    }
    state_->cancel_now(index);
}

// One turn: makes happen what is due, tells some of what has happened, or lets time pass.
void simulated_driver::turn(nanoseconds deadline) noexcept {
    counters_.enters.add();
    state_->now += state_->options.turn_time;
    if (counters_.enters.get() > state_->options.turns_max) {
        give_up("does not come to an end");
    }
    for (;;) {
        state_->retry_real_files();
        attempt_what_is_due();
        const bool told = tell_some();
        if (take_wakes() || told || deadline <= state_->now) {
            return;
        }
        if (!state_->agenda.empty()) {
            state_->now = std::min(deadline, state_->agenda.next_time());
        } else if (deadline < infinite) {
            state_->now = deadline;
        } else {
            give_up("would wait forever");
            return;
        }
    }
}

void simulated_driver::attempt(std::uint32_t index) noexcept {
    detail::simulated_flight& flight = state_->flights[index];
    if (flight.ended) {
        return;
    }
    operation& op = *flight.op;
    RW_ASSERT(&state_->flight_of(op) == &flight);
    if (flight.kind == op_kind::close) {
        check_idle(flight.fd, &op);
    }
    const detail::attempt_outcome outcome = state_->calls.attempt(op, flight.done);
    flight.blocked = outcome.next == step::blocked;
    if (outcome.next == step::finished) {
        state_->post(index, outcome.told);
    }
    if (outcome.next == step::again || outcome.told.more) {
        state_->plan(event_kind::attempt, index, state_->delay());
    }
    state_->wake_blocked();
}

void simulated_driver::attempt_what_is_due() noexcept {
    while (const auto event = state_->agenda.take_due(state_->now)) {
        if (event->kind == event_kind::note) {
            counters_.zero_copy_notes.add();
            state_->take_note(event->sequence);
            continue;
        }
        const detail::simulated_flight& flight = state_->flights[event->index];
        if (flight.op == nullptr || flight.sequence != event->sequence) {
            continue;  // It has ended meanwhile.
        }
        switch (event->kind) {
            case event_kind::attempt: attempt(event->index); break;
            case event_kind::cancel: state_->cancel_now(event->index); break;
            case event_kind::show: state_->show(event->index); break;
            case event_kind::note: break;
        }
    }
}

// Tells at least one completion if any can be told. Programs must not rely on getting all.
bool simulated_driver::tell_some() noexcept {
    auto& tellable = state_->tellable;
    if (tellable.empty()) {
        return false;
    }
    std::uint64_t count = 1 + state_->faults.random().below(tellable.size());
    while (count-- > 0 && !tellable.empty()) {
        const std::uint64_t chosen = state_->faults.random().below(tellable.size());
        tell_first(tellable[chosen]);
    }
    return true;
}

void simulated_driver::tell_first(std::uint32_t index) noexcept {
    detail::simulated_flight& flight = state_->flights[index];
    operation& op = *flight.op;
    RW_ASSERT(&state_->flight_of(op) == &flight && flight.visible > 0);
    const completion what = flight.results.front();
    flight.results.pop_front();
    if (--flight.visible == 0) {
        std::erase(state_->tellable, index);
    }
    state_->trace("tell", flight, &what);
    // Descriptors of real files depend on the process: they are no part of the history.
    const bool is_real_file = flight.kind == op_kind::openat2 && what.result >= 0;
    state_->note(flight.sequence << 16 | static_cast<std::uint64_t>(flight.kind));
    state_->note(is_real_file ? 0 : static_cast<std::uint64_t>(what.result));
    state_->note(static_cast<std::uint64_t>(state_->now.count()) << 1 | (what.more ? 1U : 0U));
    if (!what.more) {
        RW_ASSERT(flight.results.empty());
        state_->release(index);
    }
    if (is_zero_copy(op.kind)) {
        note_zero_copy(op, what.result);
    }
    state_->telling = true;
    tell(op, what);
    state_->telling = false;
}

// A failed send may have a notification too (io_uring_enter(2)).
void simulated_driver::note_zero_copy(const operation& op, int result) noexcept {
    auto& first = *static_cast<zero_copy_buffer*>(op.extra);
    const bool noted = result > 0 || state_->faults.random().below(4) == 0;
    first.sending = nullptr;
    first.owner->ended(first, noted);
    if (noted) {
        state_->add_note(first);
    }
}

// All that has happened to one operation so far, visible or not.
void simulated_driver::tell_all(std::uint32_t index) noexcept {
    const std::uint64_t sequence = state_->flights[index].sequence;
    for (std::size_t left = state_->flights[index].results.size(); left > 0; --left) {
        if (state_->flights[index].sequence != sequence || state_->flights[index].results.empty()) {
            return;  // Told by somebody below us.
        }
        if (state_->flights[index].visible == 0) {
            state_->show(index);
        }
        tell_first(index);
    }
}

bool simulated_driver::take_wakes() noexcept {
    const std::uint32_t wakes = state_->wakes.exchange(0, std::memory_order_acquire);
    counters_.wakes.add(wakes);
    return wakes > 0;
}

void simulated_driver::give_up(const char* why) {
    state_->deadlocked = true;
    if (state_->options.on_deadlock == deadlock_action::give_up) {
        return;
    }
    std::fprintf(stderr, "ringway: %s %s\n", describe().c_str(), why);
    state_->print_in_flight();
    std::abort();
}

void simulated_driver::wake(driver* /*from*/) noexcept {
    state_->wakes.fetch_add(1, std::memory_order_release);
}

nanoseconds simulated_driver::now() const noexcept {
    const nanoseconds read = state_->now;
    state_->now += state_->options.clock_step;
    return read;
}

buffer_pool& simulated_driver::buffers() noexcept { return state_->buffers; }

// Closing under an operation in flight is a race for the descriptor's next owner.
void simulated_driver::check_idle(int fd, const operation* except) const noexcept {
    for (const detail::simulated_flight& flight : state_->flights) {
        const bool uses = flight.op != nullptr && flight.op != except && flight.fd == fd;
        if (uses) {
            std::fprintf(stderr, "ringway: %s: %d is closed under an operation\n",
                         describe().c_str(), fd);
            state_->print_in_flight();
        }
        RW_ASSERT(!uses);
    }
}

void simulated_driver::close_now(int fd) noexcept {
    check_idle(fd, nullptr);
    if (!detail::simulated_network::owns(fd)) {
        driver::close_now(fd);
        return;
    }
    const int closed = state_->network.close(fd);
    RW_ASSERT(closed == 0);
    state_->wake_blocked();
}

void simulated_driver::shutdown_now(int fd, int how) noexcept {
    if (!detail::simulated_network::owns(fd)) {
        driver::shutdown_now(fd, how);
        return;
    }
    state_->network.shutdown(fd, how);
    state_->wake_blocked();
}

std::size_t simulated_driver::send_now(int fd, byte_view bytes) noexcept {
    if (!detail::simulated_network::owns(fd)) {
        return driver::send_now(fd, bytes);
    }
    const int sent = state_->network.send(fd, bytes);
    state_->wake_blocked();
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

result<std::uint16_t> simulated_driver::enroll_buffer(byte_span memory) noexcept {
    if (state_->faults.strikes(fault::enomem)) {
        return fail_errno(ENOMEM);
    }
    const auto slot = state_->enrolled_buffers.take(memory);
    return slot ? result<std::uint16_t>{*slot} : fail(errc::limit);
}

void simulated_driver::dismiss_buffer(std::uint16_t slot) noexcept {
    state_->enrolled_buffers.give_back(slot);
}

result<std::uint16_t> simulated_driver::enroll_file(int fd) noexcept {
    const auto slot = state_->enrolled_files.take(fd);
    return slot ? result<std::uint16_t>{*slot} : fail(errc::limit);
}

void simulated_driver::dismiss_file(std::uint16_t slot) noexcept {
    state_->enrolled_files.give_back(slot);
}

int simulated_driver::make_socket() { return state_->network.make_socket(); }

int simulated_driver::make_listener(std::uint16_t port) {
    const int made = state_->network.make_listener(port);
    RW_ASSERT(made >= 0);
    return made;
}

std::uint16_t simulated_driver::port_of(int listener) const noexcept {
    return state_->network.port_of(listener);
}

std::array<int, 2> simulated_driver::make_connection() { return state_->network.make_connection(); }

void simulated_driver::reset_connection(int socket) noexcept {
    state_->network.reset(socket);
    state_->wake_blocked();
}

leak_report simulated_driver::leaks() const noexcept {
    return {.open_sockets = state_->network.open(),
            .in_flight = state_->in_flight,
            .leased = state_->buffers.leased()};
}

std::string simulated_driver::describe() const {
    char line[160];
    std::snprintf(line, sizeof line,
                  "simulated kernel, RINGWAY_SEED=%" PRIu64 ", at %.3f us, %" PRIu64
                  " operations, %zu in flight",
                  state_->options.seed, static_cast<double>(state_->now.count()) / 1000.0,
                  state_->sequence, state_->in_flight);
    return line;
}

std::uint64_t simulated_driver::history() const noexcept { return state_->history; }

const per_fault<std::uint64_t>& simulated_driver::faults() const noexcept {
    return state_->faults.struck();
}

zero_copy_pool* simulated_driver::zero_copy() noexcept { return &*state_->zero_copy; }

bool simulated_driver::deadlocked() const noexcept { return state_->deadlocked; }

const simulation_options& simulated_driver::options() const noexcept { return state_->options; }

}  // namespace ringway
