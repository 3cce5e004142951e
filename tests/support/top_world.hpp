// What tests of `ringway top` have in common: the program at work, in namespaces of its own.
#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "support/child_process.hpp"
#include "support/need_kernel.hpp"
#include "support/patience.hpp"
#include "support/sockets.hpp"
#include "support/virtual_network.hpp"

namespace ringway::test {

using nlohmann::json;

inline constexpr const char* near_address = "10.77.0.1";
inline constexpr const char* far_address = "10.77.0.2";

inline sockaddr_in v4(const std::string& address, int port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address.c_str(), &made.sin_addr);
    return made;
}

inline const sockaddr* any(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

/// Skips the test with the reason where top can't work.
class top_world : public ::testing::Test {
protected:
    void SetUp() override {
        RW_NEED_KERNEL(5, 17, "all of what top shows");  // But for io_uring: 6.0.
        const auto tried =
            run_program({.program = RINGWAY_BINARY, .arguments = {"top", "--once", "-i", "100ms"}});
        if (tried.exit_status != 0) {
            GTEST_SKIP() << tried.standard_error;
        }
        std::string why_not;
        net_ = virtual_network::make({}, why_not);
        if (!net_) {
            GTEST_SKIP() << why_not;
        }
    }

    // Starts it in the near namespace; it is at work when this returns.
    void start(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"top", "--json", "-i", "200ms"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        net_->in(net_side::near,
                 [&] { top_.emplace(launch{.program = RINGWAY_BINARY, .arguments = arguments}); });
        ASSERT_TRUE(eventually([this] { return top_->standard_output().contains('\n'); }))
            << top_->standard_error();
    }

    // The last look that is there as a whole.
    json look() const {
        const auto text = top_->standard_output();
        const auto end = text.rfind('\n');
        const auto begin = end == 0 ? end : text.rfind('\n', end - 1);
        const auto from = begin == std::string::npos ? 0 : begin + 1;
        return json::parse(text.substr(from, end - from), nullptr, false);
    }

    // The rows of the view for which all of `wanted` is so.
    std::vector<json> rows(const std::string& view, const json& wanted) const {
        std::vector<json> found;
        const json seen = look();
        if (seen.is_discarded()) {
            return found;
        }
        for (const json& row : seen["views"][view]["rows"]) {
            bool same = true;
            for (const auto& each : wanted.items()) {
                same = same && row[each.key()] == each.value();
            }
            if (same) {
                found.push_back(row);
            }
        }
        return found;
    }

    // Waits for a row with `wanted` for which `is_right` holds.
    json find_row(const std::string& view, const json& wanted,
                  const std::function<bool(const json&)>& is_right) const {
        json found;
        EXPECT_TRUE(eventually([&] {
            for (const json& each : rows(view, wanted)) {
                if (is_right(each)) {
                    found = each;
                    return true;
                }
            }
            return false;
        })) << view
            << " " << wanted << " in " << look();
        return found;
    }

    std::uint64_t lost(const std::string& what) const {
        for (const json& each : look()["lost"]) {
            if (each["what"] == what) {
                return each["count"];
            }
        }
        ADD_FAILURE() << "there is no counter of " << what;
        return 0;
    }

    unique_fd socket_at(net_side side, int type) const {
        unique_fd made;
        net_->in(side, [&] { made = unique_fd{::socket(AF_INET, type | SOCK_CLOEXEC, 0)}; });
        EXPECT_TRUE(bool{made});
        return made;
    }

    // Listens at the far side; `port` is chosen.
    unique_fd listen_far(int backlog, int& port) const {
        unique_fd made = socket_at(net_side::far, SOCK_STREAM);
        const auto where = v4(far_address, 0);
        EXPECT_EQ(::bind(made.get(), any(where), sizeof where), 0);
        EXPECT_EQ(::listen(made.get(), backlog), 0);
        port = port_of(made.get());
        return made;
    }

    unique_fd connect_near(int port, const std::string& to = far_address, int flags = 0) const {
        unique_fd made = socket_at(net_side::near, SOCK_STREAM | flags);
        const auto where = v4(to, port);
        static_cast<void>(::connect(made.get(), any(where), sizeof where));
        return made;
    }

    // Datagrams to a socket of near that has no room for them.
    void fill_a_socket() const {
        const unique_fd full = socket_at(net_side::near, SOCK_DGRAM);
        constexpr int little = 1;
        ::setsockopt(full.get(), SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
        auto where = v4(near_address, 0);
        ASSERT_EQ(::bind(full.get(), any(where), sizeof where), 0);
        where = v4(near_address, port_of(full.get()));
        const std::string datagram(1000, 'x');
        for (int i = 0; i < 50; ++i) {
            ::sendto(full.get(), datagram.data(), datagram.size(), 0, any(where), sizeof where);
        }
    }

    // What near sends is lost on the wire from now on.
    void lose_packets_to(const char* address) const {
        ASSERT_EQ(net_->run(net_side::near, std::string{"ip neigh replace "} + address +
                                                " lladdr 02:00:00:00:00:99 dev near nud permanent"),
                  0);
    }

    std::unique_ptr<virtual_network> net_;
    std::optional<child_process> top_;
};

inline std::string remote(int port) {
    return std::string{far_address} + ":" + std::to_string(port);
}

// Records are of all namespaces, where others use the same ports.
inline bool is_at(const json& flow, const std::string& end, int port) {
    return flow.is_object() && flow[end] == far_address && flow[end + "_port"] == port;
}

inline std::vector<json> lines_of_file(const std::string& path) {
    std::vector<json> lines;
    std::ifstream in{path};
    for (std::string line; std::getline(in, line);) {
        lines.push_back(json::parse(line, nullptr, false));
    }
    return lines;
}

}  // namespace ringway::test
