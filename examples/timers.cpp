// Shows tasks beside each other: five sleep at the same time, their results come back in order, and
// one that takes too long is stopped.
#include <chrono>
#include <cstdio>
#include <vector>

#include <ringway/coro/when_all.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/sleep.hpp>

using namespace ringway;
using namespace std::chrono_literals;

static task<result<int>> count_down(int number, std::chrono::milliseconds duration) {
    co_await or_return(co_await sleep_for(duration));
    std::printf("timer %d is done\n", number);
    co_return number* number;
}

static task<void> run_timers() {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<task<result<int>>> timers;
    for (int number = 1; number <= 5; ++number) {
        timers.push_back(count_down(number, 60ms - number * 10ms));  // The last one ends first.
    }
    const auto squares = co_await when_all(std::move(timers));
    const auto passed = std::chrono::steady_clock::now() - begin;
    for (const auto& square : squares) {
        std::printf("%d ", *square);
    }
    std::printf("in %s time than one after the other\n", passed < 150ms ? "less" : "more");

    const auto late = co_await with_timeout(10ms, count_down(6, 1h));
    std::printf("timer 6: %s\n", describe(late.error()).c_str());
}

int main() {
    auto made = cluster::make({});
    return made && (*made)->run([](shard&) { return run_timers(); }) ? 0 : 1;
}
