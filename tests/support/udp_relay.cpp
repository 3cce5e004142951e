#include "support/udp_relay.hpp"

#include <array>
#include <gtest/gtest.h>
#include <utility>

namespace ringway::test {

udp_relay::udp_relay(const endpoint& server, const path_faults& faults)
    : server_{server}, faults_{faults}, random_{faults.seed} {
    auto made = datagram_socket::bind(endpoint::loopback(0), {.receive_bytes = 4 << 20});
    EXPECT_TRUE(made.has_value());
    front_ = std::make_unique<side>(datagram_socket::adopt(*std::move(made)));
    carrying_.spawn(carry(*front_, heading::to_server));
    open_back();
}

endpoint udp_relay::where() const { return *local_endpoint(front_->socket.fd()); }

void udp_relay::open_back() {
    auto made = datagram_socket::bind(endpoint::loopback(0), {.receive_bytes = 4 << 20});
    EXPECT_TRUE(made.has_value());
    backs_.push_back(std::make_unique<side>(datagram_socket::adopt(*std::move(made))));
    carrying_.spawn(carry(*backs_.back(), heading::to_client));
}

void udp_relay::rebind(bool forgets) {
    for (const auto& each : backs_) {
        each->forgotten |= forgets;
    }
    open_back();
}

task<void> udp_relay::stop() {
    carrying_.request_stop();
    co_await carrying_.join();
}

task<void> udp_relay::carry(side& from, heading way) {
    std::array<std::byte, 2048> room;
    for (;;) {
        const auto got = from.socket.receive_now(room);
        if (got) {
            if (way == heading::to_server) {
                client_ = got->from;
            }
            if (!from.forgotten) {
                pass_on(way, byte_view{room}.first(got->bytes));
            }
        } else if (!(co_await from.socket.readable())) {
            co_return;
        }
    }
}

bool udp_relay::happens(unsigned of_thousand) { return random_() % 1000 < of_thousand; }

void udp_relay::pass_on(heading way, byte_view bytes) {
    flow& counted = way == heading::to_server ? to_server_ : to_client_;
    const std::uint64_t index = counted.datagrams++;
    counted.bytes += bytes.size();
    if (happens(faults_.lost) || (rule_ && rule_(way, index, bytes))) {
        return;
    }
    auto& held = held_[static_cast<std::size_t>(way)];
    if (!held && happens(faults_.reordered)) {
        held.emplace(bytes.begin(), bytes.end());
        return;
    }
    if (happens(faults_.spoiled)) {
        std::vector<std::byte> spoiled{bytes.begin(), bytes.end()};
        spoiled[random_() % spoiled.size()] ^= std::byte{0x55};
        deliver(way, spoiled);
    } else {
        deliver(way, bytes);
    }
    if (happens(faults_.repeated)) {
        deliver(way, bytes);
    }
    if (held) {
        deliver(way, *held);
        held.reset();
    }
}

void udp_relay::deliver(heading way, byte_view bytes) {
    const bool to_server = way == heading::to_server;
    const endpoint& to = to_server ? server_ : client_;
    side& through = to_server ? *backs_.back() : *front_;
    if (to.is_ip()) {
        static_cast<void>(through.socket.send_now(bytes, {.to = &to}));
    }
}

}  // namespace ringway::test
