#include "cli/bench_signals.hpp"

#include <atomic>
#include <csignal>

namespace ringway::cli {
namespace {

std::atomic<bool> signal_came{false};

void set_action(void (*what)(int), int flags) {
    struct sigaction wanted{};
    wanted.sa_handler = what;
    wanted.sa_flags = flags;
    ::sigaction(SIGINT, &wanted, nullptr);
    ::sigaction(SIGTERM, &wanted, nullptr);
}

void note(int) { signal_came.store(true, std::memory_order_relaxed); }

}  // namespace

void watch_signals() { set_action(note, static_cast<int>(SA_RESETHAND)); }

void watch_signals_as_child() { set_action(note, 0); }

void forget_signals() { set_action(SIG_DFL, 0); }

bool interrupted() noexcept { return signal_came.load(std::memory_order_relaxed); }

}  // namespace ringway::cli
