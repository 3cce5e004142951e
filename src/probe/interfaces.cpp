#include "probe/interfaces.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fmt/core.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

#include <ringway/base/unique_fd.hpp>

#include "probe/netlink.hpp"

namespace ringway::probe {
namespace {

constexpr std::uint8_t command_device = 1;       // NETDEV_CMD_DEV_GET
constexpr std::uint16_t attribute_index = 1;     // NETDEV_A_DEV_IFINDEX
constexpr std::uint16_t attribute_features = 3;  // NETDEV_A_DEV_XDP_FEATURES
constexpr std::uint16_t attribute_hints = 5;     // NETDEV_A_DEV_XDP_RX_METADATA_FEATURES

// 0 if there is no such family.
std::uint16_t family_of(netlink_socket& socket, std::string_view name) {
    netlink_request request{GENL_ID_CTRL, NLM_F_ACK};
    request.append(genlmsghdr{CTRL_CMD_GETFAMILY, 1, 0});
    request.text(CTRL_ATTR_FAMILY_NAME, name);
    std::vector<std::vector<std::byte>> answers;
    std::uint16_t id = 0;
    if (socket.ask(request, &answers) == 0 && !answers.empty() &&
        answers.front().size() > sizeof(genlmsghdr)) {
        for_each_attribute(std::span<const std::byte>{answers.front()}.subspan(sizeof(genlmsghdr)),
                           [&id](std::uint16_t type, std::span<const std::byte> value) {
                               if (type == CTRL_ATTR_FAMILY_ID) {
                                   id = static_cast<std::uint16_t>(number_in(value));
                               }
                           });
    }
    return id;
}

template <class Value>
ifreq request_for(const std::string& name, Value* value = nullptr) {
    ifreq request{};
    std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(value);
    return request;
}

unsigned count_queues(const std::string& name) {
    std::error_code failed;
    unsigned count = 0;
    const std::filesystem::directory_iterator all{"/sys/class/net/" + name + "/queues", failed};
    if (!failed) {
        for (const auto& each : all) {
            count += each.path().filename().string().starts_with("rx-");
        }
    }
    return count;
}

interface_facts look_at(const std::string& name, std::uint32_t index, int socket) {
    interface_facts found{.name = name, .index = index, .queues = count_queues(name)};
    ethtool_drvinfo driver{};
    driver.cmd = ETHTOOL_GDRVINFO;
    ifreq request = request_for(name, &driver);
    if (::ioctl(socket, SIOCETHTOOL, &request) == 0) {
        found.driver = driver.driver;
    }
    request = request_for<char>(name);
    if (::ioctl(socket, SIOCGIFMTU, &request) == 0) {
        found.mtu = static_cast<unsigned>(request.ifr_mtu);
    }
    return found;
}

}  // namespace

netdev_answer read_netdev_answer(std::span<const std::byte> content) noexcept {
    netdev_answer out;
    if (content.size() > sizeof(genlmsghdr)) {
        for_each_attribute(content.subspan(sizeof(genlmsghdr)),
                           [&out](std::uint16_t type, std::span<const std::byte> value) {
                               if (type == attribute_index) {
                                   out.index = static_cast<std::uint32_t>(number_in(value));
                               } else if (type == attribute_features) {
                                   out.xdp = number_in(value);
                               } else if (type == attribute_hints) {
                                   out.receive_hints = number_in(value);
                               }
                           });
    }
    return out;
}

std::vector<netdev_answer> ask_netdev() {
    netlink_socket socket{NETLINK_GENERIC};
    const std::uint16_t family = socket.error() == 0 ? family_of(socket, "netdev") : 0;
    std::vector<netdev_answer> all;
    if (family != 0) {
        netlink_request request{family, NLM_F_DUMP};
        request.append(genlmsghdr{command_device, 1, 0});
        std::vector<std::vector<std::byte>> answers;
        static_cast<void>(socket.ask(request, &answers));
        for (const auto& each : answers) {
            all.push_back(read_netdev_answer(each));
        }
    }
    return all;
}

std::vector<interface_facts> look_at_interfaces() {
    const unique_fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const auto features = ask_netdev();
    std::vector<interface_facts> all;
    struct if_nameindex* const names = ::if_nameindex();
    for (const auto* each = names; each != nullptr && each->if_index != 0; ++each) {
        const std::string name{each->if_name};
        if (name == "lo") {
            continue;
        }
        all.push_back(look_at(name, each->if_index, socket.get()));
        const auto told = std::ranges::find(features, each->if_index, &netdev_answer::index);
        if (told != features.end()) {
            all.back().xdp = told->xdp;
        }
    }
    ::if_freenameindex(names);
    return all;
}

std::string text_of(const interface_facts& what) {
    auto text = fmt::format("{}{} queue{}, MTU {}; ",
                            what.driver.empty() ? "" : "driver " + what.driver + ", ", what.queues,
                            what.queues == 1 ? "" : "s", what.mtu);
    if (!what.xdp) {
        return text + "the kernel does not tell what it can (6.3)";
    }
    constexpr std::array<std::pair<std::uint64_t, std::string_view>, 6> names{
        {{xdp_basic, "native XDP"},
         {xdp_redirect, "redirect"},
         {xdp_transmit, "transmit"},
         {xdp_zero_copy, "zero copy"},
         {xdp_offload, "offload"},
         {xdp_multi_buffer, "multi-buffer"}}};
    std::string_view between;
    for (const auto& [bit, name] : names) {
        if ((*what.xdp & bit) != 0) {
            text += fmt::format("{}{}", between, name);
            between = ", ";
        }
    }
    return *what.xdp == 0 ? text + "generic XDP only" : text;
}

}  // namespace ringway::probe
