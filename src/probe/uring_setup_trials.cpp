// Trials of io_uring: whether there are rings, with which flags, and what the kernel says of them.
#include <array>
#include <cerrno>
#include <cstdint>
#include <fmt/core.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/small_ring.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

// Of kernels newer than liburing 2.9: linux/io_uring.h of 6.15 and 6.18.
constexpr unsigned feature_no_iowait = 1U << 17;
constexpr unsigned flag_cqe_mixed = 1U << 18;
constexpr unsigned register_query = 35;

using argument = const std::string&;

outcome why_no_ring(int failure) {
    const auto sysctl = first_line_of("/proc/sys/kernel/io_uring_disabled");
    if (failure == EPERM && !sysctl.empty() && sysctl != "0") {
        return refused(failure, "sudo sysctl -w kernel.io_uring_disabled=0");
    }
    if (failure == EPERM || (failure == ENOSYS && !sysctl.empty())) {
        return found_no(error_text(failure) + ", by a seccomp filter",
                        "allow io_uring_setup, _enter and _register in the container's seccomp "
                        "profile (docker run --security-opt seccomp=PROFILE.json)");
    }
    if (failure == ENOSYS) {
        return refused(failure, "run a kernel with CONFIG_IO_URING, 5.19 or newer");
    }
    if (failure == ENOMEM) {
        return refused(failure, "ulimit -l 8192 # systemd: LimitMEMLOCK=8M");
    }
    return refused(failure);
}

outcome rings(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return why_no_ring(ring.error());
    }
    const int done = ring.run([](io_uring_sqe* entry) { ::io_uring_prep_nop(entry); });
    return done == 0 ? found_yes()
                     : found_no(done == small_ring::no_answer ? "a NOP never completed"
                                                              : error_text(-done));
}

outcome no_ring() { return found_no("there are no rings"); }

// A ring set up with these flags must also complete something.
outcome with_flags(unsigned flags) {
    small_ring ring{flags};
    if (ring.error() != 0) {
        return small_ring{}.error() != 0 ? no_ring() : refused(ring.error());
    }
    const int done = ring.run([](io_uring_sqe* entry) { ::io_uring_prep_nop(entry); });
    return done == 0 ? found_yes() : found_no("it was set up, but a NOP did not complete");
}

template <unsigned Flags>
outcome flags(argument) {
    return with_flags(Flags);
}

template <unsigned Feature>
outcome feature(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    return (ring.features() & Feature) != 0 ? found_yes() : found_no("the bit is not set");
}

outcome wakes_shards(argument) {
    small_ring from;
    small_ring to;
    if (from.error() != 0 || to.error() != 0) {
        return no_ring();
    }
    const int done = from.run(
        [&to](io_uring_sqe* entry) { ::io_uring_prep_msg_ring(entry, to.get().ring_fd, 7, 1, 0); });
    if (done < 0) {
        return refused(-done);
    }
    return to.wait().result == 7 ? found_yes() : found_no("the message did not arrive");
}

outcome registered_ring(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    const int done = ::io_uring_register_ring_fd(&ring.get());
    return done == 1 ? found_yes() : refused(-done);
}

outcome resized(argument) {
    small_ring ring{IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    if (ring.error() != 0) {
        return small_ring{}.error() != 0 ? no_ring() : refused(ring.error());
    }
    io_uring_params wanted{};
    wanted.flags = IORING_SETUP_CQSIZE;
    wanted.sq_entries = 16;
    wanted.cq_entries = 64;
    const int done = ::io_uring_resize_rings(&ring.get(), &wanted);
    return done == 0 ? found_yes() : refused(-done);
}

outcome busy_polled(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    io_uring_napi napi{};
    napi.busy_poll_to = 50;
    const int done = ::io_uring_register_napi(&ring.get(), &napi);
    return done == 0 ? found_yes() : refused(-done);
}

// struct io_uring_query_hdr and io_uring_query_opcode of 6.18.
struct query_head {
    std::uint64_t next;
    std::uint64_t data;
    std::uint32_t what;
    std::uint32_t size;
    std::int32_t result;
    std::array<std::uint32_t, 3> reserved;
};
struct query_operations {
    std::uint32_t operations;
    std::uint32_t registrations;
    std::array<std::uint64_t, 4> flags;
    std::array<std::uint32_t, 2> rest;
};

outcome query(argument) {
    query_operations told{};
    query_head head{};
    head.data = reinterpret_cast<std::uintptr_t>(&told);
    head.size = sizeof told;
    if (::syscall(SYS_io_uring_register, -1, register_query, &head, 0) != 0) {
        return refused(errno);
    }
    return head.result == 0 ? found_yes(fmt::format("{} operations, {} registrations",
                                                    told.operations, told.registrations))
                            : refused(-head.result);
}

constexpr auto about = topic::io_uring;
constexpr std::string_view by_setup = "io_uring_setup(2), NOP";
constexpr std::string_view by_feature = "features of io_uring_setup(2)";
constexpr std::string_view newer = fix_by_kernel;

trial flag_row(const char* id, const char* name, std::string_view since, std::string_view why,
               outcome (*run)(argument), bool for_serve = false) {
    return {id, about, name, since, by_setup, why, newer, for_serve, run};
}

trial feature_row(const char* id, const char* name, std::string_view since, std::string_view why,
                  outcome (*run)(argument)) {
    return {id, about, name, since, by_feature, why, newer, false, run};
}

}  // namespace

std::vector<trial> uring_setup_trials() {
    constexpr unsigned single = IORING_SETUP_SINGLE_ISSUER;
    return {
        {"io_uring.rings", about, "rings", "5.1", by_setup,
         "Many operations by one system call; without it serve falls back to epoll", "", true,
         rings},
        feature_row("io_uring.fast_poll", "waiting without threads", "5.7",
                    "An operation that would block does not occupy a kernel thread",
                    feature<IORING_FEAT_FAST_POLL>),
        feature_row("io_uring.ext_arg", "waiting with a time-out", "5.11",
                    "A timer costs no operation of its own", feature<IORING_FEAT_EXT_ARG>),
        feature_row("io_uring.native_workers", "rings without locked memory", "5.12",
                    "RLIMIT_MEMLOCK counts registered buffers only",
                    feature<IORING_FEAT_NATIVE_WORKERS>),
        flag_row("io_uring.submit_all", "SUBMIT_ALL", "5.18",
                 "One bad operation does not hold up those behind it",
                 flags<IORING_SETUP_SUBMIT_ALL>),
        {"io_uring.ring_fd", about, "registered ring", "5.18", "IORING_REGISTER_RING_FDS",
         "Saves looking the ring up in each system call", newer, false, registered_ring},
        flag_row("io_uring.coop_taskrun", "COOP_TASKRUN", "5.19",
                 "Completions do not interrupt the program",
                 flags < IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG >),
        flag_row("io_uring.single_issuer", "SINGLE_ISSUER", "6.0",
                 "One thread for each ring, so no locks", flags<single>, true),
        flag_row("io_uring.defer_taskrun", "DEFER_TASKRUN", "6.1",
                 "Completions are worked off in batches, when the shard asks for them",
                 flags < single | IORING_SETUP_DEFER_TASKRUN >, true),
        flag_row("io_uring.no_sqarray", "NO_SQARRAY", "6.6", "One indirection less",
                 flags<IORING_SETUP_NO_SQARRAY>),
        {"io_uring.msg_ring", about, "MSG_RING", "5.18", "a message between two rings",
         "Shards wake each other without an eventfd", newer, true, wakes_shards},
        feature_row("io_uring.no_iowait", "NO_IOWAIT", "6.15",
                    "A waiting server does not look like a slow disk in top(1)",
                    feature<feature_no_iowait>),
        feature_row("io_uring.min_timeout", "waiting for a batch", "6.12",
                    "Waits a little longer for more completions at once",
                    feature<IORING_FEAT_MIN_TIMEOUT>),
        {"io_uring.resize", about, "resizing rings", "6.13", "IORING_REGISTER_RESIZE_RINGS",
         "Rings begin small and grow", newer, false, resized},
        {"io_uring.napi", about, "busy polling (NAPI)", "6.9", "IORING_REGISTER_NAPI",
         "Spins for packets instead of waiting for interrupts: lower latency, more power", newer,
         false, busy_polled},
        flag_row("io_uring.sqpoll", "SQPOLL", "5.1",
                 "A kernel thread submits: no system calls, a core is spent",
                 flags<IORING_SETUP_SQPOLL>),
        flag_row("io_uring.cqe32", "large entries", "5.19",
                 "Pass-through commands of NVMe need them",
                 flags < IORING_SETUP_SQE128 | IORING_SETUP_CQE32 >),
        flag_row("io_uring.cqe_mixed", "CQE_MIXED", "6.18",
                 "Large completions only where they are needed", flags<flag_cqe_mixed>),
        {"io_uring.query", about, "asking for features", "6.18", "IORING_REGISTER_QUERY",
         "A program learns what there is without trying", newer, false, query},
    };
}

}  // namespace ringway::probe
