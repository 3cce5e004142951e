#include "ring/simulated_state.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>

namespace ringway::detail {
namespace {

// FNV-1a, eight bytes at a time.
std::uint64_t hash_of(const zero_copy_buffer& first) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const zero_copy_buffer* each = &first; each != nullptr; each = each->next) {
        for (const byte_view part : {byte_view{each->head}, byte_view{each->memory}}) {
            for (std::size_t at = 0; at + sizeof hash <= part.size(); at += sizeof hash) {
                std::uint64_t word = 0;
                std::memcpy(&word, part.data() + at, sizeof word);
                hash = (hash ^ word) * 0x100000001b3;
            }
        }
    }
    return hash;
}

bool lies_in(byte_view part, byte_view whole) noexcept {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

simulated_state::simulated_state(const simulation_options& wanted, driver_counters& counters)
    : options{wanted},
      faults{options},
      network{options.socket_buffer_bytes, options.backlog, faults.random()},
      buffers{options.base.buffer_count, options.base.buffer_bytes, faults.random()},
      calls{network, buffers, faults, counters},
      agenda{faults.random()} {
    options.trace |= std::getenv("RINGWAY_TRACE") != nullptr;
    note(options.seed);
}

std::uint32_t simulated_state::add(operation& op) {
    if (free.empty()) {
        free.push_back(static_cast<std::uint32_t>(flights.size()));
        flights.emplace_back();
    }
    const std::uint32_t index = free.back();
    free.pop_back();
    simulated_flight& flight = flights[index];
    flight = simulated_flight{};
    flight.op = &op;
    flight.kind = op.kind;
    flight.fd = op.fd;
    flight.sequence = ++sequence;
    op.driver_state = index;
    ++in_flight;
    return index;
}

void simulated_state::release(std::uint32_t index) noexcept {
    RW_ASSERT(in_flight > 0);
    flights[index].op = nullptr;
    free.push_back(index);
    --in_flight;
}

// An operation that moved, died or was changed in flight is found out here.
simulated_flight& simulated_state::flight_of(const operation& op) noexcept {
    RW_ASSERT(op.in_flight && op.driver_state < flights.size());
    simulated_flight& flight = flights[op.driver_state];
    RW_ASSERT(flight.op == &op && flight.kind == op.kind && flight.fd == op.fd);
    return flight;
}

// What a kernel answers with EFAULT or by using another file is a bug of the program.
void simulated_state::check_slots(const operation& op) const noexcept {
    if (op.buffer_slot != operation::no_slot) {
        const byte_span* const memory = enrolled_buffers.find(op.buffer_slot);
        RW_ASSERT(memory != nullptr);
        if (op.kind == op_kind::sendmsg_zc) {
            const auto& message = *static_cast<const msghdr*>(op.address);
            for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
                const iovec& part = message.msg_iov[i];
                RW_ASSERT(lies_in({static_cast<std::byte*>(part.iov_base), part.iov_len}, *memory));
            }
        } else {
            RW_ASSERT(lies_in({static_cast<const std::byte*>(op.address), op.length}, *memory));
        }
    }
    if (op.file_slot != operation::no_slot) {
        const int* const fd = enrolled_files.find(op.file_slot);
        RW_ASSERT(fd != nullptr && *fd == op.fd);
    }
}

void simulated_state::add_note(zero_copy_buffer& first) {
    notes.push_back({&first, hash_of(first), ++sequence});
    agenda.add(now + up_to(options.zero_copy_max), event_kind::note, 0, sequence);
}

// A real network would send what is there by then, not what was there when it was asked to.
void simulated_state::take_note(std::uint64_t which) noexcept {
    const auto note = std::ranges::find(notes, which, &simulated_note::sequence);
    RW_ASSERT(note != notes.end());
    zero_copy_buffer& first = *note->first;
    RW_ASSERT(note->content == hash_of(first));
    notes.erase(note);
    first.owner->notified(first, faults.random().below(2) == 0, now);
}

nanoseconds simulated_state::up_to(nanoseconds most) noexcept {
    const auto bound = static_cast<std::uint64_t>(most.count()) + 1;
    return nanoseconds{static_cast<std::int64_t>(faults.random().below(bound))};
}

nanoseconds simulated_state::delay() noexcept {
    const nanoseconds usual = up_to(options.delay_max);
    return faults.strikes(fault::stall) ? usual + up_to(options.stall_max) : usual;
}

void simulated_state::plan(event_kind kind, std::uint32_t index, nanoseconds delay) {
    agenda.add(now + delay, kind, index, flights[index].sequence);
}

void simulated_state::post(std::uint32_t index, completion what) {
    simulated_flight& flight = flights[index];
    RW_ASSERT(!flight.ended);
    flight.results.push_back(what);
    flight.ended = !what.more;
    plan(event_kind::show, index, up_to(options.notification_max));
}

void simulated_state::show(std::uint32_t index) {
    simulated_flight& flight = flights[index];
    if (flight.visible == flight.results.size()) {
        return;  // Told already.
    }
    if (flight.visible == 0) {
        tellable.push_back(index);
    }
    ++flight.visible;
}

// As on a real kernel, a send that has begun says how far it came.
void simulated_state::cancel_now(std::uint32_t index) {
    simulated_flight& flight = flights[index];
    if (!flight.ended) {
        const bool begun = flight.done > 0;
        post(index, {.result = begun ? static_cast<int>(flight.done) : -ECANCELED});
    }
}

void simulated_state::wake_blocked() {
    for (const int fd : network.take_changed()) {
        for (std::uint32_t index = 0; index < flights.size(); ++index) {
            simulated_flight& flight = flights[index];
            if (flight.op != nullptr && flight.blocked &&
                (flight.fd == fd || flight.op->other_fd == fd)) {
                flight.blocked = false;
                plan(event_kind::attempt, index, up_to(options.delay_max));
            }
        }
    }
}

// Real descriptors tell nobody that they have changed.
void simulated_state::retry_real_files() {
    for (std::uint32_t index = 0; index < flights.size(); ++index) {
        simulated_flight& flight = flights[index];
        if (flight.op != nullptr && flight.blocked && !flight.ended &&
            !simulated_network::owns(flight.fd)) {
            flight.blocked = false;
            plan(event_kind::attempt, index, nanoseconds{0});
        }
    }
}

void simulated_state::note(std::uint64_t value) noexcept {
    std::uint64_t mixed = history ^ value;
    history = splitmix(mixed);
}

void simulated_state::trace(const char* what, const simulated_flight& flight,
                            const completion* told) const {
    if (!options.trace) {
        return;
    }
    std::fprintf(stderr, "%12.3f us %s #%llu %s(%d)", static_cast<double>(now.count()) / 1000.0,
                 what, static_cast<unsigned long long>(flight.sequence), name_of(flight.kind),
                 flight.fd);
    if (told != nullptr) {
        std::fprintf(stderr, " = %d%s", told->result, told->more ? ", more" : "");
    }
    std::fputc('\n', stderr);
}

void simulated_state::print_in_flight() const {
    for (const simulated_flight& flight : flights) {
        if (flight.op != nullptr) {
            std::fprintf(stderr, "  in flight: #%llu %s(%d)%s%s\n",
                         static_cast<unsigned long long>(flight.sequence), name_of(flight.kind),
                         flight.fd, flight.blocked ? ", blocked" : "",
                         flight.cancel_asked ? ", cancelled" : "");
        }
    }
}

}  // namespace ringway::detail
