#include <ringway/http/connection_gate.hpp>

#include <arpa/inet.h>
#include <array>
#include <cstring>

#include <ringway/base/assert.hpp>

namespace ringway::http {

connection_gate::verdict connection_gate::enter(const std::string& address) {
    if (open_.fetch_add(1) >= limits_.total_max && limits_.total_max != 0) {
        open_.fetch_sub(1);
        return verdict::limit_total;
    }
    if (limits_.per_address_max == 0 || address.empty()) {
        return verdict::admitted;
    }
    const std::lock_guard lock{mutex_};
    std::size_t& count = by_address_[address];
    if (count >= limits_.per_address_max) {
        open_.fetch_sub(1);
        return verdict::limit_address;
    }
    ++count;
    return verdict::admitted;
}

connection_gate::verdict connection_gate::would_admit(const std::string& address) {
    if (limits_.total_max != 0 && open() >= limits_.total_max) {
        return verdict::limit_total;
    }
    if (limits_.per_address_max == 0 || address.empty()) {
        return verdict::admitted;
    }
    const std::lock_guard lock{mutex_};
    const auto found = by_address_.find(address);
    return found != by_address_.end() && found->second >= limits_.per_address_max
               ? verdict::limit_address
               : verdict::admitted;
}

void connection_gate::leave(const std::string& address) noexcept {
    open_.fetch_sub(1);
    if (limits_.per_address_max == 0 || address.empty()) {
        return;
    }
    const std::lock_guard lock{mutex_};
    const auto found = by_address_.find(address);
    RW_ASSERT(found != by_address_.end());
    if (--found->second == 0) {
        by_address_.erase(found);
    }
}

std::string connection_gate::address_text(const endpoint& peer) {
    if (!peer.is_ip()) {
        return {};
    }
    std::string text = peer.to_text();
    text.resize(text.rfind(':'));
    if (text.starts_with('[')) {
        text = text.substr(1, text.size() - 2);
    }
    constexpr std::string_view mapped = "::ffff:";
    return text.starts_with(mapped) ? text.substr(mapped.size()) : text;
}

std::string connection_gate::key_of(std::string_view address) {
    std::string text{address.substr(0, address.find('%'))};
    in6_addr six{};
    if (::inet_pton(AF_INET6, text.c_str(), &six) != 1) {
        return text;
    }
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        ::inet_ntop(AF_INET, &six.s6_addr[12], out.data(), out.size());
        return out.data();
    }
    std::memset(&six.s6_addr[8], 0, 8);
    ::inet_ntop(AF_INET6, &six, out.data(), out.size());
    return std::string{out.data()} + "/64";
}

}  // namespace ringway::http
