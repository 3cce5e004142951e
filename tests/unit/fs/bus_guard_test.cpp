#include <atomic>
#include <csetjmp>
#include <csignal>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "fs/bus_guard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

// Two pages of which the second is gone.
class cut_mapping {
public:
    cut_mapping() : fd_{test::file_with(std::string(8192, 'x'))} {
        memory_ = static_cast<std::byte*>(
            ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0));
        EXPECT_EQ(::ftruncate(fd_.get(), 4096), 0);
    }
    ~cut_mapping() { ::munmap(memory_, 8192); }
    cut_mapping(const cut_mapping&) = delete;
    cut_mapping& operator=(const cut_mapping&) = delete;
    [[nodiscard]] byte_view all() const { return {memory_, 8192}; }
    [[nodiscard]] std::byte* memory() const { return memory_; }

private:
    unique_fd fd_;
    std::byte* memory_;
};

// A store that no compiler leaves out. Not atomic: the thread sanitizer does that with a lock held.
void touch(std::byte* memory) {
    *memory = std::byte{1};
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

TEST(bus_guard, copies_what_is_there_and_says_what_is_not) {
    install_bus_guard();
    const cut_mapping cut;
    std::string back(4096, '?');
    EXPECT_TRUE(guarded_copy(back.data(), cut.memory(), 4096, cut.all()));
    EXPECT_EQ(back, std::string(4096, 'x'));
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(guarded_copy(back.data(), cut.memory() + 1, 4096, cut.all()));
        EXPECT_FALSE(guarded_copy(cut.memory() + 4096, back.data(), 1, cut.all()));
    }
}

TEST(bus_guard, every_thread_is_guarded) {
    install_bus_guard();
    const cut_mapping cut;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&cut] {
            std::string back(8192, '?');
            for (int j = 0; j < 1000; ++j) {
                EXPECT_FALSE(guarded_copy(back.data(), cut.memory(), 8192, cut.all()));
                EXPECT_TRUE(guarded_copy(back.data(), cut.memory(), 100, cut.all()));
            }
        });
    }
}

// Whoever handled SIGBUS before goes on doing so for what is not ours.
TEST(bus_guard, what_is_not_ours_goes_to_whom_it_belongs) {
    static sigjmp_buf elsewhere;
    struct sigaction theirs{};
    struct sigaction before{};
    theirs.sa_handler = [](int) { siglongjmp(elsewhere, 1); };
    theirs.sa_flags = SA_NODEFER;
    ASSERT_EQ(::sigaction(SIGBUS, &theirs, &before), 0);
    install_bus_guard();
    install_bus_guard();  // Twice is as once.
    const cut_mapping cut;
    bool was_told = false;
    if (sigsetjmp(elsewhere, 1) == 0) {
        touch(cut.memory() + 5000);
    } else {
        was_told = true;
    }
    EXPECT_TRUE(was_told);
    EXPECT_FALSE(guarded_copy(cut.memory() + 4096, "x", 1, cut.all()));
    ASSERT_EQ(::sigaction(SIGBUS, &before, nullptr), 0);
}

// Not because the stack was full. A sanitizer ends the process with a report and a status.
bool ends_for_what_it_did(int status) {
    return WIFSIGNALED(status) ? WTERMSIG(status) == SIGBUS : WEXITSTATUS(status) != 0;
}

// Somebody who came after us and asks us, whom we ask in turn: the process ends, and not by
// recursion.
TEST(bus_guard_death, handlers_that_ask_each_other_come_to_an_end) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    static struct sigaction replaced{};
    EXPECT_EXIT(
        {
            install_bus_guard();
            struct sigaction theirs{};
            theirs.sa_sigaction = [](int number, siginfo_t* about, void* context) {
                replaced.sa_sigaction(number, about, context);
            };
            theirs.sa_flags = SA_SIGINFO | SA_NODEFER;
            EXPECT_EQ(::sigaction(SIGBUS, &theirs, &replaced), 0);
            install_bus_guard();
            const cut_mapping cut;
            touch(cut.memory() + 5000);
        },
        ends_for_what_it_did, "");
}

TEST(bus_guard_death, a_bug_of_the_program_still_ends_it) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            install_bus_guard();
            const cut_mapping cut;
            touch(cut.memory() + 5000);
        },
        "");
}

}  // namespace
}  // namespace ringway
