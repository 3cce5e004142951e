#include "quic/server_hub.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway::quic {
namespace detail {
namespace {

// Answers to strangers, per second and shard.
constexpr std::uint64_t resets_per_second = 200;
constexpr std::uint64_t negotiations_per_second = 1000;
constexpr std::size_t tombstones_max = 16'384;

// A sweep takes two milliseconds at most: a look is 50 ns, packing 30 microseconds.
constexpr std::size_t looks_per_sweep = 2048;
constexpr std::size_t rests_per_sweep = 64;
constexpr std::chrono::milliseconds sweep_period{50};
constexpr std::chrono::milliseconds sweep_period_at_rest{1000};

}  // namespace

nanoseconds wall_clock() noexcept { return std::chrono::system_clock::now().time_since_epoch(); }

server_hub::server_hub(group& shared, service& protocol, unsigned shard)
    : hub{counts_},
      shared_{shared},
      protocol_{protocol},
      shard_{shard},
      resets_{resets_per_second, resets_per_second},
      negotiations_{negotiations_per_second, negotiations_per_second} {
    for (group::bound_socket& each : shared_.take_sockets(shard_)) {
        ports_.push_back(std::make_unique<udp_port>(datagram_socket::adopt(std::move(each.fd)),
                                                    each.local, ports_.size(), false, counts_));
        warn_of_small_buffers(ports_.back()->socket());
    }
    shared_.enroll(shard_, this);
}

server_hub::~server_hub() { RW_ASSERT(links_.empty() && !receiving_); }

void server_hub::start_receiving() {
    if (std::exchange(receiving_, true)) {
        return;
    }
    start();
    for (const auto& port : ports_) {
        receive_on(*port);
    }
}

server_hub::sweeper::sweeper(server_hub& hub) noexcept
    : timer{[](timer& self) noexcept { static_cast<sweeper&>(self).owner.sweep(); }}, owner{hub} {}

void server_hub::sweep_in(nanoseconds time) noexcept {
    const nanoseconds when = shard::current().now() + time;
    if (shared_.options().transport.rest_after > nanoseconds{0} &&
        (!sweeper_.armed() || sweeper_.deadline() > when)) {
        shard::current().timers().cancel(sweeper_);
        shard::current().timers().add(sweeper_, when);
    }
}

void server_hub::sweep() noexcept {
    const nanoseconds now = driver::current().now();
    const nanoseconds limit = shared_.options().transport.rest_after;
    const auto silent_since = static_cast<ngtcp2_tstamp>(std::max(now - limit, limit * 0).count());
    std::size_t looks = std::min(links_.size(), looks_per_sweep);
    std::uint64_t rests_left = rests_per_sweep;
    nanoseconds next = sweep_period;
    for (; looks > 0 && rests_left > 0; --looks) {
        if (sweep_place_ >= links_.size()) {
            sweep_place_ = 0;
            if (!std::exchange(swept_awake_, false)) {
                next = sweep_period_at_rest;
                break;
            }
        }
        const std::uint64_t before = counts_.rests.get();
        swept_awake_ |= !links_[sweep_place_++]->rest(silent_since);
        rests_left -= counts_.rests.get() - before;
    }
    if (!links_.empty()) {
        sweep_in(next);
    }
}

task<void> server_hub::serve() {
    start_receiving();
    const auto stopped = co_await never_.wait();
    RW_ASSERT(!stopped);
    draining_ = true;
}

void server_hub::drain() noexcept {
    draining_ = true;
    for (const auto& each : links_) {
        if (!each->is_over() && each->protocol() != nullptr) {
            each->protocol()->drain();
        }
    }
}

task<result<void>> server_hub::all_gone() {
    while (!links_.empty()) {
        empty_.reset();
        const auto waited = co_await empty_.wait();
        if (!waited) {
            co_return waited;
        }
    }
    co_return result<void>{};
}

task<void> server_hub::finish(std::chrono::milliseconds patience) {
    drain();
    const auto gone = co_await with_timeout(patience, all_gone());
    if (!gone) {
        for (const auto& each : links_) {
            each->close_with(NGTCP2_NO_ERROR, "");
        }
        run_pass();
        for (std::size_t index = 0; index < links_.size(); ++index) {
            links_[index]->abandon({errc::canceled, 0});
        }
    }
    co_await funerals_.join();
    shard::current().timers().cancel(sweeper_);
    shared_.enroll(shard_, nullptr);
    tombstones_.clear();
    co_await stop();
    receiving_ = false;
    ports_.clear();
}

// `ended` is being called from: it dies later, when its application is through.
void server_hub::bury(server_link& ended) { funerals_.spawn(funeral(ended)); }

task<void> server_hub::funeral(server_link& ended) {
    if (application* const protocol = ended.protocol()) {
        co_await protocol->finish();
        ended.drop_protocol();
    }
    const std::size_t place = ended.place;
    RW_ASSERT(place < links_.size() && links_[place].get() == &ended);
    std::swap(links_[place], links_.back());
    links_[place]->place = place;
    links_.pop_back();
    if (links_.empty()) {
        empty_.set();
    }
}

void server_hub::mark(const server_link& closed, const std::vector<ngtcp2_cid>& ids,
                      byte_view packet, nanoseconds lifetime) {
    if (tombstones_.size() >= tombstones_max || ids.empty()) {
        return;
    }
    const auto expired = [](void* owner, tombstone& self) noexcept {
        auto& all = static_cast<server_hub*>(owner)->tombstones_;
        const std::size_t place = self.place;
        RW_ASSERT(place < all.size() && all[place].get() == &self);
        std::swap(all[place], all.back());
        all[place]->place = place;
        all.pop_back();
    };
    tombstones_.push_back(std::make_unique<tombstone>(hub::ids(), ids, packet, closed.peer(),
                                                      lifetime, expired, this));
    tombstones_.back()->place = tombstones_.size() - 1;
}

}  // namespace detail

std::unique_ptr<server_endpoint> server_endpoint::make(server_group& shared, service& protocol) {
    auto& own = static_cast<detail::group&>(shared);
    return std::make_unique<detail::server_hub>(own, protocol, shard::current().id());
}

}  // namespace ringway::quic
