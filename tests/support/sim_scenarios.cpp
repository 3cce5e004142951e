#include "support/sim_scenarios.hpp"

#include <algorithm>

#include "support/simulated_shard.hpp"

namespace ringway::test {
namespace {

using dice = ringway::detail::simulated_random;

constexpr std::size_t everything = ~std::size_t{0};

simulation_options pick_kernel(std::uint64_t seed, sim_weather weather, dice& random) {
    switch (weather) {
        case sim_weather::gentle: return gentle(seed);
        case sim_weather::stormy: return stormy(seed);
        case sim_weather::perfect: break;
    }
    simulation_options options;
    options.seed = seed;
    options.delay_max = nanoseconds{random.below(3) == 0 ? 0 : random.below(1'000'000)};
    options.notification_max = nanoseconds{random.below(100'000)};
    options.socket_buffer_bytes = static_cast<std::uint32_t>(random.between(2048, 128 * 1024));
    options.base.buffer_bytes = static_cast<std::uint32_t>(random.between(128, 16 * 1024));
    return options;
}

std::size_t request_bytes(const sim_client_plan& plan) {
    std::size_t total = plan.behind.size();
    for (const sim_exchange& each : plan.exchanges) {
        total += each.request.size();
    }
    return total;
}

// Slow enough to be split everywhere, and fast enough for every deadline.
void pick_pace(sim_client_plan& plan, dice& random) {
    if (random.below(2) == 0) {
        const std::size_t least = request_bytes(plan) / 50 + 1;
        plan.piece_max = std::max<std::size_t>(least, random.between(1, 300));
        plan.pause_max = nanoseconds{random.below(20'000'000)};
    }
    if (random.below(3) == 0) {
        plan.read_max = random.between(500, 8000);
        plan.read_pause = nanoseconds{random.below(5'000'000)};
    }
}

sim_client_plan pick_client(const sim_site& site, std::size_t bytes_max, dice& random) {
    sim_client_plan plan;
    plan.seed = random.next();
    for (auto count = random.between(0, 6); count > 0; --count) {
        plan.exchanges.push_back(pick_exchange(site, bytes_max, random));
    }
    const auto last = random.below(6);
    if (last < 2) {
        plan.exchanges.push_back(last == 0 ? pick_last(site, bytes_max, random)
                                           : pick_malformed(random));
    }
    if (last < 2 && random.below(2) == 0) {
        plan.behind = get_whole(site.file("/one.txt")).request;
    }
    plan.pipelined = random.below(2) == 0;
    constexpr std::array endings{sim_ending::half_close_early,
                                 sim_ending::half_close_late,
                                 sim_ending::wait,
                                 sim_ending::close,
                                 sim_ending::leave_early,
                                 sim_ending::reset};
    plan.ending = endings[random.below(endings.size())];
    plan.start = nanoseconds{random.below(4) == 0 ? random.below(30'000'000) : 0};
    pick_pace(plan, random);
    return plan;
}

}  // namespace

sim_scenario pick_scenario(const sim_site& site, std::uint64_t seed, sim_weather weather) {
    dice random{seed * 2 + 1};
    sim_scenario made;
    made.kernel = pick_kernel(seed, weather, random);
    constexpr std::array methods{transfer_method::automatic, transfer_method::automatic,
                                 transfer_method::copy, transfer_method::sendfile,
                                 transfer_method::splice};
    made.method = methods[random.below(methods.size())];
    if (weather == sim_weather::stormy && random.below(8) == 0) {
        made.gate.total_max = random.between(1, 4);
    }
    if (random.below(8) == 0) {
        made.limits.requests_max = random.between(1, 4);
    }
    if (random.below(4) == 0) {  // Little is kept.
        made.cache.body_bytes_max = random.below(5000);
        made.cache.bytes_max = random.below(20'000);
        made.cache.open_files_max = random.below(3);
        made.cache.time_to_live = nanoseconds{random.below(5'000'000)};
    }
    if (random.below(5) == 0) {
        made.drain_at = nanoseconds{random.below(60'000'000)};
        made.patience = weather == sim_weather::stormy
                            ? std::chrono::milliseconds{random.below(10'000)}
                            : std::chrono::hours{1};  // Small buffers make slow connections.
    }
    // Large files through small buffers take very many steps; some seeds are enough.
    const bool slow = made.kernel.socket_buffer_bytes < 8192 && random.below(8) != 0;
    const auto trouble = made.kernel.per_mille;
    for (auto count = random.below(5) == 0 ? random.between(5, 20) : random.between(1, 4);
         count > 0; --count) {
        const std::size_t bytes_max = slow || random.below(3) != 0 ? 5000 : everything;
        sim_client_plan& plan = made.clients.emplace_back(pick_client(site, bytes_max, random));
        plan.allows_close = made.drain_at.has_value() || made.limits.requests_max > 0;
        plan.allows_trouble =
            trouble[fault::file_error] + trouble[fault::enomem] + trouble[fault::eintr] > 0;
    }
    return made;
}

namespace {

bool leaves(const sim_client_plan& plan) {
    return plan.ending == sim_ending::leave_early || plan.ending == sim_ending::reset;
}

// What must be true of a client that stayed, on a kernel that harmed nobody.
std::string judge_patient(const sim_client_plan& plan, const sim_client_result& got, bool drained) {
    if (got.cut_off) {
        return "a response was cut off";
    }
    if (got.timed_out) {
        return "a request timed out";
    }
    if (drained) {
        return {};  // Requests may have come too late.
    }
    if (!got.connected) {
        return "no connection";
    }
    if (got.answered < plan.exchanges.size() && !got.said_close) {
        return "only " + std::to_string(got.answered) + " of " +
               std::to_string(plan.exchanges.size()) + " requests were answered";
    }
    if (!got.reached_end && plan.ending != sim_ending::close) {
        return "the connection broke";
    }
    return {};
}

std::string judge_remains(const sim_remains& remains) {
    if (remains == sim_remains{}) {
        return {};
    }
    return "left behind: " + std::to_string(remains.kernel.open_sockets) + " sockets, " +
           std::to_string(remains.kernel.in_flight) + " operations, " +
           std::to_string(remains.kernel.leased) + " buffers, " + std::to_string(remains.sessions) +
           " sessions, " + std::to_string(remains.admitted) + " admitted, " +
           std::to_string(remains.timers) + " timers, " + std::to_string(remains.in_flight) +
           " requests, " + std::to_string(remains.active) + " active and " +
           std::to_string(remains.idle) + " idle connections";
}

}  // namespace

std::string judge(const sim_scenario& scenario, const sim_run& run, sim_weather weather) {
    std::string wrong = judge_remains(run.remains);
    for (std::size_t i = 0; wrong.empty() && i < run.clients.size(); ++i) {
        const sim_client_plan& plan = scenario.clients[i];
        wrong = run.clients[i].problem;
        if (wrong.empty() && weather != sim_weather::stormy && !leaves(plan)) {
            wrong = judge_patient(plan, run.clients[i], scenario.drain_at.has_value());
        }
        wrong += wrong.empty() ? "" : "; client " + std::to_string(i);
    }
    const bool late = run.timed_out(observe::timeout_kind::drain) > 0;
    if (wrong.empty() && weather != sim_weather::stormy && late) {
        wrong = "sessions did not end by themselves";
    }
    return wrong.empty() ? wrong : wrong + "; " + run.description;
}

}  // namespace ringway::test
