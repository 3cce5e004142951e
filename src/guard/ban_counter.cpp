#include "guard/ban_counter.hpp"

#include <algorithm>

namespace ringway::guard {
namespace {

constexpr unsigned client_bits = 64;  // Of an IPv6 address: who has one has them all.

}  // namespace

bool ban_counter::report(const cidr& client, time_point now) {
    auto there = clients_.find(client);
    if (there == clients_.end()) {
        if (clients_.size() >= clients_max && !make_room(now)) {
            return false;
        }
        there = clients_.try_emplace(client, count{.times = 0, .since = now}).first;
    }
    count& mine = there->second;
    if (now - mine.since >= window) {
        mine = {.times = 0, .since = now};
    }
    if (++mine.times < threshold_) {
        return false;
    }
    clients_.erase(there);
    return true;
}

bool ban_counter::make_room(time_point now) {
    if (now - swept_ < std::chrono::seconds{1}) {
        return false;  // Looking through all of them is not for every report.
    }
    swept_ = now;
    return std::erase_if(clients_,
                         [now](const auto& each) { return now - each.second.since >= window; }) > 0;
}

told<cidr> client_of(std::string_view address) {
    if (address.starts_with('[')) {
        address = address.substr(1, address.find(']') - 1);
    }
    auto client = parse_cidr(address.substr(0, address.find('%')));
    if (client && client->v6) {
        client->length = client_bits;
        std::fill(client->address.begin() + client_bits / 8, client->address.end(),
                  std::uint8_t{0});
    }
    return client;
}

}  // namespace ringway::guard
