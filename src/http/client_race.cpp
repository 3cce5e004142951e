#include "http/client_race.hpp"

#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway::http::detail {
namespace {

struct race {
    std::vector<client_attempt> attempts;
    client_timings before;
    client_race_result result;
    std::size_t next = 0;
    std::size_t running = 0;
    bool won = false;
    scope beside;
    event news{false};
};

void note_failure(race& all, std::size_t index, client_failure why) {
    if (why.what.code == errc::canceled) {
        return;
    }
    all.result.failed[index] = !all.won;
    if (!all.won && !all.result.made.error().certificate) {
        all.result.made = std::unexpected{std::move(why)};
    }
}

task<void> run_attempt(race& all, std::size_t index) {
    client_timings timings = all.before;
    auto made = co_await all.attempts[index](timings);
    --all.running;
    if (!made) {
        note_failure(all, index, std::move(made.error()));
    } else if (all.won) {
        co_await (*made)->close();
    } else {
        all.won = true;
        all.result.made = *std::move(made);
        all.result.winner = index;
        all.result.timings = timings;
        all.beside.request_stop();
    }
    all.news.set();
}

task<result<void>> wait_for(event& what) { co_return co_await what.wait(); }

}  // namespace

task<client_race_result> race_connections(std::vector<client_attempt> attempts,
                                          client_timings timings, nanoseconds stagger) {
    RW_ASSERT(!attempts.empty());
    race all;
    all.attempts = std::move(attempts);
    all.before = timings;
    all.result.timings = timings;
    all.result.made = std::unexpected{client_failure{
        .stage = client_stage::connect, .what = {errc::canceled}, .text = "stopped"}};
    all.result.failed.assign(all.attempts.size(), false);
    bool stopped = false;
    while (!all.won && !stopped && (all.next < all.attempts.size() || all.running > 0)) {
        if (all.next < all.attempts.size()) {
            ++all.running;
            all.beside.spawn(run_attempt(all, all.next++));
        }
        all.news.reset();
        result<void> waited;
        if (all.next < all.attempts.size()) {
            waited = co_await with_timeout(stagger, wait_for(all.news));
        } else {
            waited = co_await all.news.wait();
        }
        stopped = !waited && waited.error().code == errc::canceled;
    }
    all.beside.request_stop();
    co_await all.beside.join();
    if (stopped && !all.won) {
        all.result.made.error().what = {errc::canceled};
    }
    co_return std::move(all.result);
}

}  // namespace ringway::http::detail
