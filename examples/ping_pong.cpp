// Shows two shards that work for each other: each call runs on the other shard's thread.
// usage: ping_pong [ROUNDS]     prints the round trips and how long each took
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/run_on.hpp>

using namespace ringway;

static task<int> next(int number) {
    co_return number + 1;  // On shard 1.
}

static task<void> play(shard& other, int rounds) {
    const auto begin = std::chrono::steady_clock::now();
    int number = 0;
    while (number < rounds) {
        number = co_await run_on(other, [number] { return next(number); });
    }
    const std::chrono::nanoseconds passed = std::chrono::steady_clock::now() - begin;
    std::printf("%d round trips, %lld ns each\n", number,
                static_cast<long long>(passed.count() / rounds));
}

static task<void> serve() {
    co_return;  // A shard serves the others until all mains have ended.
}

int main(int count, char** words) {
    const int rounds = count > 1 ? std::atoi(words[1]) : 10'000;
    auto made = cluster::make({.shards = 2});
    if (rounds <= 0 || !made) {
        return 1;
    }
    auto& shards = **made;
    const auto done = shards.run(
        [&](shard& here) { return here.id() == 0 ? play(shards.at(1), rounds) : serve(); });
    return done ? 0 : 1;
}
