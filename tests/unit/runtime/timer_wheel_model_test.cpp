// Random adds, cancels and advances of the timer wheel, held against a sorted map.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/runtime/timer_wheel.hpp>

namespace ringway {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// The same as the wheel, said in the simplest way: timers by the time of their tick.
class wheel_and_model {
public:
    explicit wheel_and_model(std::uint64_t seed)
        : random_{seed}, now_{random_() % 1'000'000'000'000'000}, wheel_{now_} {
        for (int i = 0; i < 200; ++i) {
            timers_.push_back(std::make_unique<checked_timer>(*this));
        }
    }
    ~wheel_and_model() {
        for (const auto& each : timers_) {
            wheel_.cancel(*each);
        }
    }

    void step() {
        const auto what = random_() % 16;
        if (what < 7) {
            add(pick());
        } else if (what < 10) {
            cancel(pick());
        } else {
            advance();
        }
        ASSERT_EQ(wheel_.size(), model_.size());
        const auto next = wheel_.next_deadline();
        ASSERT_EQ(next.has_value(), !model_.empty());
        if (next) {
            EXPECT_LE(*next, std::max(model_.begin()->first, now_));
        }
    }

    [[nodiscard]] int told() const { return told_; }

private:
    struct checked_timer : timer {
        explicit checked_timer(wheel_and_model& owner)
            : timer{[](timer& self) noexcept {
                  auto& me = static_cast<checked_timer&>(self);
                  me.owner_.on_told(me);
              }},
              owner_{owner} {}
        std::optional<std::multimap<nanoseconds, checked_timer*>::iterator> place;

    private:
        wheel_and_model& owner_;
    };

    static nanoseconds round_up(nanoseconds time) {
        return (time + timer_wheel::tick - 1ns) / timer_wheel::tick * timer_wheel::tick;
    }

    checked_timer& pick() { return *timers_[random_() % timers_.size()]; }

    // Any distance is as likely as one of another magnitude; now and then the past.
    nanoseconds random_distance() {
        const std::uint64_t magnitude = std::uint64_t{1} << (random_() % 56);
        return nanoseconds{static_cast<nanoseconds::rep>(random_() % magnitude)};
    }

    void add(checked_timer& which) {
        if (!which.armed()) {
            const auto distance = random_distance();
            const auto deadline = random_() % 8 == 0 ? now_ - distance : now_ + distance;
            wheel_.add(which, deadline);
            which.place = model_.emplace(round_up(deadline), &which);
            if (advancing_) {
                added_meanwhile_.insert(&which);
            }
        }
        EXPECT_TRUE(which.armed());
    }

    void cancel(checked_timer& which) {
        EXPECT_EQ(which.armed(), which.place.has_value());
        wheel_.cancel(which);
        if (which.place) {
            model_.erase(*which.place);
            which.place.reset();
            added_meanwhile_.erase(&which);
        }
        EXPECT_FALSE(which.armed());
    }

    void advance() {
        const auto next = wheel_.next_deadline();
        if (next && random_() % 2 == 0) {
            now_ = std::max(now_, *next);
        } else {
            now_ += random_distance() / 64;
        }
        advancing_ = true;
        last_told_ = nanoseconds::min();
        wheel_.advance(now_);
        advancing_ = false;
        for (const auto& [time, which] : model_) {
            EXPECT_TRUE(time > now_ || added_meanwhile_.contains(which)) << "forgotten";
        }
        added_meanwhile_.clear();
        advanced_to_ = now_;
    }

    void on_told(checked_timer& which) {
        ++told_;
        ASSERT_TRUE(which.place.has_value());
        const auto time = (*which.place)->first;
        EXPECT_LE(time, now_) << "early";
        EXPECT_FALSE(added_meanwhile_.contains(&which));
        // What was late when it was added counts as of the advance before.
        EXPECT_GE(std::max(time, advanced_to_), last_told_) << "out of order";
        last_told_ = std::max(time, advanced_to_);
        model_.erase(*which.place);
        which.place.reset();
        const auto what = random_() % 8;
        if (what == 0) {
            add(which);
        } else if (what == 1) {
            add(pick());
        } else if (what == 2) {
            cancel(pick());
        }
    }

    std::mt19937_64 random_;
    nanoseconds now_;
    nanoseconds advanced_to_{0};
    nanoseconds last_told_{0};
    timer_wheel wheel_;
    std::vector<std::unique_ptr<checked_timer>> timers_;
    std::multimap<nanoseconds, checked_timer*> model_;
    std::set<checked_timer*> added_meanwhile_;
    bool advancing_ = false;
    int told_ = 0;
};

TEST(timer_wheel, behaves_like_the_model) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        wheel_and_model both{seed};
        for (int step = 0; step < 3000; ++step) {
            both.step();
            if (::testing::Test::HasFailure()) {
                return;
            }
        }
        EXPECT_GT(both.told(), 500);
    }
}

}  // namespace
}  // namespace ringway
