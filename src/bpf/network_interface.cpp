#include <ringway/bpf/network_interface.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <fmt/format.h>
#include <fstream>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/refusal.hpp>

#include "probe/interfaces.hpp"

namespace ringway::bpf {
namespace {

// Asks for one fact by ioctl(2) (netdevice(7)).
class asked {
public:
    explicit asked(const std::string& name) noexcept
        : socket_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
        name.copy(&request_.ifr_name[0], IFNAMSIZ - 1);
    }
    [[nodiscard]] bool get(unsigned long what) noexcept {
        return ::ioctl(socket_.get(), what, &request_) == 0;
    }
    [[nodiscard]] bool ethtool(void* question) noexcept {
        request_.ifr_data = static_cast<char*>(question);
        return get(SIOCETHTOOL);
    }
    [[nodiscard]] const ifreq& answer() const noexcept { return request_; }

private:
    unique_fd socket_;
    ifreq request_{};
};

unsigned receive_queues_of(const std::string& name) {
    ethtool_channels channels{};
    channels.cmd = ETHTOOL_GCHANNELS;
    if (!asked{name}.ethtool(&channels)) {
        return 1;
    }
    return std::max(1U, channels.rx_count + channels.combined_count);
}

std::string driver_of(const std::string& name) {
    ethtool_drvinfo info{};
    info.cmd = ETHTOOL_GDRVINFO;
    return asked{name}.ethtool(&info) ? std::string{&info.driver[0]} : std::string{};
}

network_interface facts_of(unsigned index, const std::string& name) {
    network_interface it{.index = index, .name = name, .driver = driver_of(name)};
    it.receive_queues = receive_queues_of(name);
    if (asked one{name}; one.get(SIOCGIFHWADDR)) {
        std::memcpy(it.mac.data(), &one.answer().ifr_hwaddr.sa_data[0], it.mac.size());
    }
    if (asked one{name}; one.get(SIOCGIFMTU)) {
        it.mtu = static_cast<unsigned>(one.answer().ifr_mtu);
    }
    if (asked one{name}; one.get(SIOCGIFFLAGS)) {
        it.is_up = (one.answer().ifr_flags & IFF_UP) != 0;
        it.is_loopback = (one.answer().ifr_flags & IFF_LOOPBACK) != 0;
    }
    return it;
}

std::string known_names() {
    std::vector<std::string> names;
    for (const auto& each : all_interfaces()) {
        names.push_back(each.name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

// Lines of /proc/net/route: name, destination, gateway, flags, ..., mask.
bool has_v4_default(std::string_view name) {
    std::ifstream routes{"/proc/thread-self/net/route"};
    for (std::string line; std::getline(routes, line);) {
        std::istringstream words{line};
        std::string interface, destination, skipped, mask;
        words >> interface >> destination;
        for (int i = 0; i < 5; ++i) {
            words >> skipped;
        }
        words >> mask;
        if (interface == name && destination == "00000000" && mask == "00000000") {
            return true;
        }
    }
    return false;
}

// Lines of /proc/net/ipv6_route: destination, its length, source, its length, next hop, metric,
// references, uses, flags, name. Unreachable defaults stand there too, on lo.
bool has_v6_default(std::string_view name) {
    std::ifstream routes{"/proc/thread-self/net/ipv6_route"};
    for (std::string line; std::getline(routes, line);) {
        std::istringstream words{line};
        std::string destination, length, skipped, interface;
        words >> destination >> length;
        for (int i = 0; i < 7; ++i) {
            words >> skipped;
        }
        words >> interface;
        if (interface == name && length == "00" && name != "lo" &&
            destination == std::string(32, '0')) {
            return true;
        }
    }
    return false;
}

}  // namespace

outcome<network_interface> find_interface(std::string_view name) {
    const std::string text{name};
    const unsigned index = text.size() < IFNAMSIZ ? ::if_nametoindex(text.c_str()) : 0;
    if (index == 0) {
        return refuse({errc::not_found, ENODEV},
                      fmt::format("there is no interface {}; there are: {}", name, known_names()));
    }
    return facts_of(index, text);
}

std::vector<network_interface> all_interfaces() {
    std::vector<network_interface> all;
    struct if_nameindex* const list = ::if_nameindex();
    for (const auto* each = list; each != nullptr && each->if_index != 0; ++each) {
        all.push_back(facts_of(each->if_index, each->if_name));
    }
    if (list != nullptr) {
        ::if_freenameindex(list);
    }
    return all;
}

bool carries_default_route(std::string_view name) {
    return has_v4_default(name) || has_v6_default(name);
}

offered_hints find_offered_hints(unsigned interface) {
    for (const auto& each : probe::ask_netdev()) {
        if (each.index == interface) {
            return {.time = (each.receive_hints & 1U) != 0,
                    .hash = (each.receive_hints & 2U) != 0,
                    .vlan = (each.receive_hints & 4U) != 0};
        }
    }
    return {};
}

std::string to_text(const offered_hints& hints) {
    std::vector<std::string_view> names;
    for (const auto& [is_there, name] :
         {std::pair{hints.time, "time"}, std::pair{hints.hash, "hash"},
          std::pair{hints.vlan, "vlan"}}) {
        if (is_there) {
            names.emplace_back(name);
        }
    }
    return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace ringway::bpf
