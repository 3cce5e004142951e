#include "fs/bus_guard.hpp"

#include <atomic>
#include <csetjmp>
#include <csignal>
#include <cstring>
#include <mutex>

#include <ringway/base/assert.hpp>

#include "base/sanitizers.hpp"

namespace ringway {
namespace {

// What this thread is copying. The handler runs on the thread whose access failed.
struct guarded_range {
    const std::byte* begin = nullptr;
    const std::byte* end = nullptr;
    sigjmp_buf back;
};
constinit thread_local guarded_range* copying = nullptr;

// Who was there before us; more than one when somebody installed a handler after us and we did so
// again. Never freed: a handler may be reading it.
struct earlier_action {
    struct sigaction action;
    const earlier_action* earlier;
};
std::atomic<const earlier_action*> previous{nullptr};

// Whether a jump out of the handler has to restore the signals that are blocked, which costs a
// system call for each copy. The handler blocks none, but the thread sanitizer does.
constexpr int restores_mask = under_thread_sanitizer ? 1 : 0;

// The failure that this thread is asking an earlier handler about. It may ask us in turn: whom it
// replaced.
constinit thread_local const void* asked_about = nullptr;

void ask_earlier(const struct sigaction& whom, int number, siginfo_t* about, void* context) {
    if ((whom.sa_flags & SA_SIGINFO) != 0) {
        whom.sa_sigaction(number, about, context);
    } else if (whom.sa_handler != SIG_DFL && whom.sa_handler != SIG_IGN) {
        whom.sa_handler(number);
    } else {
        std::signal(number, SIG_DFL);  // The access is repeated, and ends the process.
        if (about->si_code <= 0) {
            std::raise(number);  // Somebody sent it: nothing would be repeated.
        }
    }
}

void on_bus_error(int number, siginfo_t* about, void* context) noexcept {
    const auto* const address = static_cast<const std::byte*>(about->si_addr);
    if (guarded_range* const mine = copying;  // Ours, most often.
        mine != nullptr && about->si_code > 0 && address >= mine->begin && address < mine->end) {
        siglongjmp(mine->back, 1);  // Over memcpy only, which holds nothing.
    }
    const earlier_action* whom = previous.load(std::memory_order_acquire);
    if (asked_about == address) {
        while (whom->earlier != nullptr) {
            whom = whom->earlier;
        }
    }
    asked_about = address;
    ask_earlier(whom->action, number, about, context);
    asked_about = nullptr;
}

}  // namespace

void install_bus_guard() noexcept {
    static std::mutex one_at_a_time;
    const std::lock_guard lock{one_at_a_time};
    struct sigaction now{};
    RW_ASSERT(::sigaction(SIGBUS, nullptr, &now) == 0);
    if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == on_bus_error) {
        return;
    }
    // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): without memory the process ends.
    previous.store(new earlier_action{now, previous.load()}, std::memory_order_release);
    struct sigaction ours{};
    ours.sa_sigaction = on_bus_error;
    // Not blocked in the handler, which is left without returning.
    ours.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    ::sigemptyset(&ours.sa_mask);
    RW_ASSERT(::sigaction(SIGBUS, &ours, nullptr) == 0);
}

[[gnu::noinline]] bool guarded_copy(void* to, const void* from, std::size_t bytes,
                                    byte_view mapping) noexcept {
    RW_ASSERT(copying == nullptr);
    guarded_range range{
        .begin = mapping.data(), .end = mapping.data() + mapping.size(), .back = {}};
    if (sigsetjmp(range.back, restores_mask) != 0) {
        copying = nullptr;
        return false;
    }
    copying = &range;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::memcpy(to, from, bytes);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    copying = nullptr;
    return true;
}

}  // namespace ringway
