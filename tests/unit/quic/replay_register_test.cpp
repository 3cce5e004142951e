#include <ringway/quic/replay_register.hpp>

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <memory>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ringway::quic {
namespace {

using verdict = replay_register::verdict;
using std::chrono::seconds;

constexpr std::size_t some_entries = 4096;
constexpr seconds hour{3600};

std::int64_t unix_now() {
    return std::chrono::duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::unique_ptr<replay_register> made(std::size_t entries = some_entries) {
    auto outcome = replay_register::make(entries);
    EXPECT_TRUE(outcome.has_value());
    return *std::move(outcome);
}

std::array<std::byte, 8> key_of(std::uint64_t number) {
    std::array<std::byte, 8> key{};
    std::memcpy(key.data(), &number, sizeof number);
    return key;
}

TEST(quic_replay_register, takes_a_key_once_within_its_retention) {
    const auto at = made();
    const std::int64_t now = unix_now();
    const auto key = key_of(1);
    EXPECT_EQ(at->add(key, now, hour), verdict::fresh);
    EXPECT_EQ(at->add(key, now, hour), verdict::seen);
    EXPECT_EQ(at->add(key, now + 3600, hour), verdict::seen);
    EXPECT_EQ(at->add(key, now + 3602, hour), verdict::fresh);
    EXPECT_EQ(at->add(key_of(2), now, hour), verdict::fresh);
}

TEST(quic_replay_register, a_clock_that_is_set_back_forgets_nothing) {
    const auto at = made();
    const std::int64_t now = unix_now();
    EXPECT_EQ(at->add(key_of(1), now, hour), verdict::fresh);
    EXPECT_EQ(at->add(key_of(1), now - 100'000, hour), verdict::seen);
    EXPECT_EQ(at->add(key_of(1), 0, hour), verdict::seen);
}

TEST(quic_replay_register, refuses_what_it_can_not_remember) {
    const auto at = made(64);
    const std::int64_t now = unix_now();
    std::size_t fresh = 0;
    std::vector<std::uint64_t> taken;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const verdict said = at->add(key_of(i), now, hour);
        ASSERT_NE(said, verdict::seen);
        if (said == verdict::fresh) {
            ++fresh;
            taken.push_back(i);
        }
    }
    EXPECT_EQ(fresh, at->entries());
    for (const std::uint64_t each : taken) {  // None of them made room for another.
        EXPECT_EQ(at->add(key_of(each), now, hour), verdict::seen);
    }
    EXPECT_EQ(at->add(key_of(5000), now + 4000, hour), verdict::fresh);  // The others have ended.
    EXPECT_EQ(at->add(key_of(1), now, std::chrono::hours{100'000}), verdict::full);
}

// Half full, hardly anything is refused for want of room.
TEST(quic_replay_register, has_room_for_half_its_entries) {
    const auto at = made(std::size_t{1} << 16U);
    const std::int64_t now = unix_now();
    std::size_t full = 0;
    for (std::uint64_t i = 0; i < at->entries() / 2; ++i) {
        full += at->add(key_of(i), now, hour) == verdict::fresh ? 0U : 1U;
    }
    EXPECT_LT(full, at->entries() / 100);
}

TEST(quic_replay_register, of_many_threads_at_once_at_most_one_gets_a_key) {
    constexpr std::size_t threads = 4;
    constexpr std::uint64_t keys = 20'000;
    const auto at = made(std::size_t{1} << 17U);
    const std::int64_t now = unix_now();
    std::vector<std::atomic<unsigned>> fresh(keys);
    std::barrier start{threads};
    std::vector<std::thread> running;
    for (std::size_t thread = 0; thread < threads; ++thread) {
        running.emplace_back([&] {
            start.arrive_and_wait();
            for (std::uint64_t i = 0; i < keys; ++i) {
                fresh[i] += at->add(key_of(i), now, hour) == verdict::fresh ? 1U : 0U;
            }
        });
    }
    for (std::thread& each : running) {
        each.join();
    }
    std::size_t lost = 0;  // Nobody's: asked for at the very same moment, or no room.
    for (const auto& each : fresh) {
        ASSERT_LE(each.load(), 1U);
        lost += each.load() == 0 ? 1U : 0U;
    }
    EXPECT_LT(lost, keys / 100);
}

// The hardest case: everybody fights for the few slots of the same buckets, which end all the time.
TEST(quic_replay_register, at_most_one_while_slots_are_used_again) {
    constexpr std::size_t threads = 4;
    constexpr int rounds = 3000;
    const auto at = made(64);
    const std::int64_t start_s = unix_now();
    for (int round = 0; round < rounds; round += 100) {
        std::array<std::atomic<unsigned>, 100> fresh{};
        std::barrier start{threads};
        std::vector<std::thread> running;
        for (std::size_t thread = 0; thread < threads; ++thread) {
            running.emplace_back([&] {
                start.arrive_and_wait();
                for (std::size_t i = 0; i < fresh.size(); ++i) {
                    const std::int64_t now = start_s + (round + static_cast<int>(i)) * 2;
                    const auto key = key_of(static_cast<std::uint64_t>(round) + i);
                    // Others may lag behind; the keys of this moment have not ended for anybody.
                    fresh[i] += at->add(key, now, seconds{250}) == verdict::fresh ? 1U : 0U;
                }
            });
        }
        for (std::thread& each : running) {
            each.join();
        }
        for (const auto& each : fresh) {
            ASSERT_LE(each.load(), 1U);
        }
    }
}

TEST(quic_replay_register, processes_share_it) {
    const auto at = made();
    const std::int64_t now = unix_now();
    ASSERT_EQ(at->add(key_of(1), now, hour), verdict::fresh);
    const pid_t child = ::fork();
    if (child == 0) {
        auto mine = replay_register::attach(unique_fd{::dup(at->descriptor())});
        const bool right = mine.has_value() && (*mine)->entries() == at->entries() &&
                           (*mine)->add(key_of(1), now, hour) == verdict::seen &&
                           (*mine)->add(key_of(2), now, hour) == verdict::fresh;
        ::_exit(right ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(at->add(key_of(2), now, hour), verdict::seen);
}

TEST(quic_replay_register, attaches_to_registers_only) {
    EXPECT_EQ(replay_register::attach(unique_fd{::open("/dev/null", O_RDWR)}).error().code,
              errc::malformed);
    unique_fd other{::memfd_create("other", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    ASSERT_EQ(::ftruncate(other.get(), 64 + 8 * 4096), 0);
    ASSERT_EQ(::fcntl(other.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
    EXPECT_EQ(replay_register::attach(std::move(other)).error().code, errc::malformed);
    EXPECT_FALSE(replay_register::make(replay_register::entries_max + 1).has_value());
}

}  // namespace
}  // namespace ringway::quic
