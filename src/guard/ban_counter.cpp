#include "guard/ban_counter.hpp"

namespace ringway::guard {
namespace {

constexpr std::uint8_t client_bits = 64;  // Of an IPv6 address: who has one has them all.

}  // namespace

bool ban_counter::report(const cidr& client, time_point now, std::uint64_t points) {
    auto there = clients_.find(client);
    if (there == clients_.end()) {
        if (clients_.size() >= clients_max && !make_room(now)) {
            return false;
        }
        there = clients_.try_emplace(client, count{.points = 0, .since = now}).first;
    }
    count& mine = there->second;
    if (now - mine.since >= window) {
        mine = {.points = 0, .since = now};
    }
    mine.points += points;
    if (mine.points < threshold_) {
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
    const auto is_of_link = [](const cidr& range) {
        return range.address[0] == 0xfe && (range.address[1] & 0xc0U) == 0x80;
    };
    return client && client->v6 && !is_of_link(*client) ? client->cut_to(client_bits) : client;
}

}  // namespace ringway::guard
