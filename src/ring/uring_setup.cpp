#include "ring/uring_setup.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace ringway {
namespace {

// IORING_FEAT_NO_IOWAIT of Linux 6.15, which liburing 2.9 does not know yet.
constexpr unsigned feature_no_iowait = 1U << 17;

// From all that is wanted down to what Linux 5.19 knows. A kernel that refuses a set (EINVAL) may
// take the next one; version numbers say nothing, distributions backport.
constexpr std::array<unsigned, 4> flag_ladder = {
    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_COOP_TASKRUN |
        IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_NO_SQARRAY,
    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_COOP_TASKRUN |
        IORING_SETUP_TASKRUN_FLAG,
    IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
    0,
};

// With a thread of the kernel that submits, completions are its work: nothing is deferred.
constexpr std::array<unsigned, 3> sqpoll_ladder = {
    IORING_SETUP_SQPOLL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_NO_SQARRAY,
    IORING_SETUP_SQPOLL | IORING_SETUP_SINGLE_ISSUER,
    IORING_SETUP_SQPOLL,
};

constexpr std::chrono::milliseconds sqpoll_idle_max{3'600'000};

constexpr unsigned always = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_R_DISABLED;

bool probe_has(io_uring& ring, int opcode) {
    io_uring_probe* const probe = io_uring_get_probe_ring(&ring);
    const bool has = probe != nullptr && io_uring_opcode_supported(probe, opcode) != 0;
    io_uring_free_probe(probe);
    return has;
}

result<uring_features> climb_down(io_uring& ring, const driver_options& options,
                                  std::span<const unsigned> ladder) {
    int refused = EINVAL;
    for (const unsigned flags : ladder) {
        for (const unsigned submit_all : {unsigned{IORING_SETUP_SUBMIT_ALL}, 0U}) {
            io_uring_params parameters{};
            parameters.flags = always | flags | submit_all;
            parameters.cq_entries = options.completion_entries;
            parameters.sq_thread_idle =
                static_cast<unsigned>(std::min(options.sqpoll_idle, sqpoll_idle_max).count());
            const int outcome =
                io_uring_queue_init_params(options.submission_entries, &ring, &parameters);
            if (outcome == 0) {
                uring_features features;
                features.setup_flags = parameters.flags;
                features.sqpoll = (parameters.flags & IORING_SETUP_SQPOLL) != 0;
                features.no_iowait = (parameters.features & feature_no_iowait) != 0;
                return features;
            }
            refused = -outcome;
            if (refused != EINVAL) {
                return fail_errno(refused);
            }
        }
    }
    return fail_errno(refused);
}

}  // namespace

result<uring_features> set_up_ring(io_uring& ring, const driver_options& options) {
    std::string shortfall;
    if (options.sqpoll_idle > std::chrono::milliseconds{0}) {
        auto polled = climb_down(ring, options, sqpoll_ladder);
        if (polled) {
            return polled;
        }
        shortfall =
            "the kernel has no submission thread for us (SQPOLL: " + describe(polled.error()) +
            "): shards submit themselves";
    }
    auto usual = climb_down(ring, options, flag_ladder);
    if (usual) {
        usual->shortfall = std::move(shortfall);
    }
    return usual;
}

void poll_cards(io_uring& ring, std::chrono::microseconds how_long,
                uring_features& features) noexcept {
    io_uring_napi wanted{};
    wanted.busy_poll_to = static_cast<unsigned>(how_long.count());
    wanted.prefer_busy_poll = 1;
    const int outcome = io_uring_register_napi(&ring, &wanted);
    if (outcome >= 0) {
        features.napi_poll = how_long;
        return;
    }
    features.shortfall += features.shortfall.empty() ? "" : "; ";
    features.shortfall += "waiting does not poll network cards (IORING_REGISTER_NAPI: " +
                          describe(error_from_errno(-outcome)) + "), which came with Linux 6.9";
}

result<void> enable_ring(io_uring& ring, uring_features& features) {
    if (const int outcome = io_uring_enable_rings(&ring); outcome < 0) {
        return fail_errno(-outcome);
    }
    io_uring_ring_dontfork(&ring);
    features.ring_fd_registered = io_uring_register_ring_fd(&ring) == 1;
    // Multishot accept and buffer rings came with 5.19, multishot receive with 6.0 (as SEND_ZC,
    // which can be asked for; multishot itself can't).
    features.multishot_accept = probe_has(ring, IORING_OP_SOCKET);
    features.multishot_receive = probe_has(ring, IORING_OP_SEND_ZC);
    features.message_ring = probe_has(ring, IORING_OP_MSG_RING);
    features.truncates = probe_has(ring, IORING_OP_FTRUNCATE);
    return {};
}

std::string describe_features(const uring_features& features) {
    std::string text;
    const auto add = [&text](bool has, const char* name) {
        if (has) {
            text += text.empty() ? "" : ", ";
            text += name;
        }
    };
    add((features.setup_flags & IORING_SETUP_SINGLE_ISSUER) != 0, "SINGLE_ISSUER");
    add((features.setup_flags & IORING_SETUP_DEFER_TASKRUN) != 0, "DEFER_TASKRUN");
    add((features.setup_flags & IORING_SETUP_DEFER_TASKRUN) == 0 &&
            (features.setup_flags & IORING_SETUP_COOP_TASKRUN) != 0,
        "COOP_TASKRUN");
    add(features.sqpoll, "SQPOLL");
    add(features.napi_poll.count() > 0, "NAPI polling");
    add(features.buffer_ring, "buffer ring");
    add(features.multishot_accept, "multishot accept");
    add(features.multishot_receive, "multishot receive");
    add(features.message_ring, "MSG_RING");
    return text;
}

}  // namespace ringway
