// What a simulated driver knows: its operations in flight, its time and its parts.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <ringway/ring/simulation_options.hpp>

#include "ring/simulated_agenda.hpp"
#include "ring/simulated_buffers.hpp"
#include "ring/simulated_calls.hpp"
#include "ring/simulated_faults.hpp"
#include "ring/simulated_network.hpp"
#include "ring/slot_table.hpp"

namespace ringway::detail {

/// An operation in flight. `op` is null when its place is free.
struct simulated_flight {
    operation* op = nullptr;
    op_kind kind = op_kind::nop;
    int fd = -1;
    std::uint64_t sequence = 0;
    std::uint32_t done = 0;  // Bytes of a send that have gone.
    bool blocked = false;    // Waits for a change of its descriptor.
    bool ended = false;      // `results` has the terminal one.
    bool cancel_asked = false;
    std::size_t visible = 0;         // How many of `results` can be told.
    std::deque<completion> results;  // In order.
};

/// What was sent without a copy and is still in use, as far as the program can know.
struct simulated_note {
    zero_copy_buffer* first = nullptr;
    std::uint64_t content = 0;  // A hash of all its memory: it must not change meanwhile.
    std::uint64_t sequence = 0;
};

struct simulated_state {
    using event_kind = simulated_agenda::event_kind;

    simulated_state(const simulation_options& wanted, driver_counters& counters);

    [[nodiscard]] std::uint32_t add(operation& op);
    void release(std::uint32_t index) noexcept;
    [[nodiscard]] simulated_flight& flight_of(const operation& op) noexcept;

    void plan(event_kind kind, std::uint32_t index, nanoseconds delay);
    void post(std::uint32_t index, completion what);
    void cancel_now(std::uint32_t index);
    void show(std::uint32_t index);
    void wake_blocked();
    void retry_real_files();

    void check_slots(const operation& op) const noexcept;
    void add_note(zero_copy_buffer& first);
    void take_note(std::uint64_t sequence) noexcept;
    [[nodiscard]] nanoseconds delay() noexcept;
    [[nodiscard]] nanoseconds up_to(nanoseconds most) noexcept;

    void note(std::uint64_t value) noexcept;
    void trace(const char* what, const simulated_flight& flight, const completion* told) const;
    void print_in_flight() const;

    simulation_options options;
    simulated_faults faults;
    simulated_network network;
    simulated_buffers buffers;
    simulated_calls calls;
    simulated_agenda agenda;
    slot_table<byte_span> enrolled_buffers;
    slot_table<int> enrolled_files;

    std::vector<simulated_note> notes;
    std::vector<simulated_flight> flights;
    std::vector<std::uint32_t> free;
    std::vector<std::uint32_t> tellable;  // Those with a visible result, each once.
    std::size_t in_flight = 0;
    std::uint64_t sequence = 0;
    std::uint64_t history = 0;
    nanoseconds now{1'000'000'000};  // Not 0, which means "do not wait" as a deadline.
    std::optional<zero_copy_pool> zero_copy;
    bool telling = false;  // A completion is being told.
    bool deadlocked = false;
    std::atomic<std::uint32_t> wakes{0};
};

}  // namespace ringway::detail
