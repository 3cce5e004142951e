// Datagrams by AF_XDP sockets, in frames of our own making.
#include <algorithm>
#include <array>
#include <cstring>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <ringway/runtime/cluster.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/steering.hpp>
#include <ringway/xdp/umem.hpp>

#include "lab/datagram_load.hpp"
#include "lab/veth_pair.hpp"

namespace ringway::lab {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint16_t client_port = 7000;
constexpr std::size_t head_bytes = sizeof(ethhdr) + sizeof(iphdr) + sizeof(udphdr);
constexpr std::size_t frame_bytes = head_bytes + datagram_bytes;

// As few as can be under way, twice, stay in the caches.
constexpr std::uint32_t receive_frames = 2 * datagram_depth_max;

struct frame_head {
    ethhdr ethernet;
    iphdr ip;
    udphdr udp;
} __attribute__((packed));
static_assert(sizeof(frame_head) == head_bytes);

std::uint16_t checksum_of(const iphdr& head) {
    std::array<std::uint16_t, sizeof head / 2> words{};
    std::memcpy(words.data(), &head, sizeof head);
    std::uint32_t sum = 0;
    for (const auto word : words) {
        sum += word;
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~(sum + (sum >> 16)));
}

// From the client to the server. UDP's checksum is left out, as IPv4 allows (RFC 768).
frame_head make_head() {
    frame_head made{};
    made.ethernet = {
        .h_dest = {2, 0, 0, 0, 0, 2}, .h_source = {2, 0, 0, 0, 0, 1}, .h_proto = htons(ETH_P_IP)};
    iphdr ip{};
    ip.version = 4;
    ip.ihl = sizeof ip / 4;
    ip.tot_len = htons(frame_bytes - sizeof(ethhdr));
    ip.ttl = 64;
    ip.protocol = IPPROTO_UDP;
    ip.saddr = htonl(0x0ad50001);  // 10.213.0.1, as veth_pair.hpp has it.
    ip.daddr = htonl(0x0ad50002);
    ip.check = checksum_of(ip);
    made.ip = ip;
    made.udp = {.source = htons(client_port),
                .dest = htons(datagram_port),
                .len = htons(sizeof(udphdr) + datagram_bytes),
                .check = 0};
    return made;
}

// Back to its sender: what is swapped changes no checksum.
void turn_round(std::span<std::byte> frame) {
    frame_head head{};
    std::memcpy(&head, frame.data(), sizeof head);
    std::swap(head.ethernet.h_dest, head.ethernet.h_source);
    iphdr ip = head.ip;  // Copies: in a frame neither is aligned.
    udphdr udp = head.udp;
    std::swap(ip.saddr, ip.daddr);
    std::swap(udp.source, udp.dest);
    head.ip = ip;
    head.udp = udp;
    std::memcpy(frame.data(), &head, sizeof head);
}

// One end of the wire.
struct xdp_end {
    std::unique_ptr<xdp::umem> memory;
    std::unique_ptr<xdp::steering> program;
    std::unique_ptr<xdp::xdp_socket> socket;  // Gone before the program and the memory.

    // `turns`: the program answers by itself, without a socket.
    static outcome<xdp_end> open(bool turns, bpf::xdp_mode mode) {
        xdp_end made;
        const auto failed = [](const bpf::refusal& why) { return std::unexpected{why.text}; };
        const auto where = bpf::find_interface(veth_name);
        auto memory = xdp::umem::make();
        auto program = xdp::steering::load(
            {.matched = turns ? xdp::verdict::reflect : xdp::verdict::to_socket, .rules = {}});
        if (!where || !memory || !program) {
            return failed(!where ? where.error() : !memory ? memory.error() : program.error());
        }
        made.memory = *std::move(memory);
        made.program = *std::move(program);
        if (!turns) {
            auto socket =
                xdp::xdp_socket::open(*made.memory, *where, {.receive_frames = receive_frames});
            if (!socket) {
                return failed(socket.error());
            }
            made.socket = *std::move(socket);
            if (const auto added = made.program->add(*made.socket); !added) {
                return failed(added.error());
            }
        }
        if (const auto attached = made.program->attach(*where, {.mode = mode}); !attached) {
            return failed(attached.error());
        }
        return made;
    }
};

bpf::xdp_mode mode_of(datagram_way way) {
    return way == datagram_way::xdp_generic ? bpf::xdp_mode::generic : bpf::xdp_mode::automatic;
}

void wait_for_packets(const xdp::xdp_socket& socket) {
    pollfd news{socket.fd(), POLLIN, 0};
    ::poll(&news, 1, static_cast<int>(datagram_client::patience.count()));
}

void turn_all(xdp::packet_batch& batch) {
    for (auto& one : batch.packets()) {
        if (one.length == frame_bytes) {
            turn_round(one.bytes());
        } else {
            one.length = 0;  // Somebody else's.
        }
    }
}

task<void> echo_on_runtime(xdp_end& end, xdp::packet_batch& batch) {
    for (;;) {
        const auto received = co_await end.socket->rx_batch(batch);
        if (!received) {
            co_return;
        }
        turn_all(batch);
        const auto sent = co_await end.socket->tx_batch(batch);
        if (!sent) {
            co_return;
        }
    }
}

std::string serve_on_runtime(xdp_end& end) {
    auto made = cluster::make({.shards = 1, .pin = false});
    if (!made) {
        return explain_driver_refusal(made.error());
    }
    xdp::packet_batch batch{*end.memory};
    const auto ended = (*made)->run([&](shard&) { return echo_on_runtime(end, batch); });
    return ended ? "" : describe(ended.error());
}

void echo(xdp_end& end, bool waits) {
    xdp::packet_batch batch{*end.memory};
    for (;;) {
        if (end.socket->receive_now(batch) == 0) {
            if (waits) {
                wait_for_packets(*end.socket);
            }
            continue;
        }
        turn_all(batch);
        while (!batch.empty()) {
            end.socket->transmit_now(batch);
        }
    }
}

class xdp_client : public datagram_client {
public:
    xdp_client(xdp_end end, bool waits)
        : end_{std::move(end)}, waits_{waits}, in_{*end_.memory}, out_{*end_.memory} {}

    void send(std::uint32_t first, unsigned count) override {
        for (unsigned i = 0; i < count; ++i) {
            auto* const one = out_.add();
            if (one == nullptr) {
                break;  // They are counted as lost, as by a queue that is full.
            }
            const auto content = datagram_of(first + i);
            std::memcpy(one->data, &head_, sizeof head_);
            std::memcpy(one->data + head_bytes, content.data(), content.size());
            one->length = frame_bytes;
        }
        const auto deadline = clock::now() + patience;
        while (!out_.empty() && clock::now() < deadline) {
            end_.socket->transmit_now(out_);
        }
    }

    std::size_t receive(std::span<std::uint32_t> numbers) override {
        const auto deadline = clock::now() + patience;
        for (;;) {
            if (end_.socket->receive_now(in_) > 0) {
                const auto count = take(numbers);
                if (count > 0) {
                    return count;
                }
            } else if (waits_) {
                wait_for_packets(*end_.socket);
            }
            if (clock::now() >= deadline) {
                return 0;
            }
        }
    }

private:
    // None if all that came is somebody else's.
    std::size_t take(std::span<std::uint32_t> numbers) {
        std::size_t count = 0;
        for (const auto& one : in_.packets()) {
            const auto bytes = one.bytes();
            const auto number =
                bytes.size() == frame_bytes ? number_of(bytes.subspan(head_bytes)) : std::nullopt;
            if (number && count < numbers.size()) {
                numbers[count++] = *number;
            }
        }
        in_.release();
        return count;
    }

    xdp_end end_;
    bool waits_;
    xdp::packet_batch in_;
    xdp::packet_batch out_;
    frame_head head_ = make_head();
};

}  // namespace

std::string serve_xdp_datagrams(datagram_way way, const std::function<void()>& ready) {
    auto end = xdp_end::open(way == datagram_way::xdp_reflector, mode_of(way));
    if (!end) {
        return end.error();
    }
    ready();
    if (way == datagram_way::xdp_reflector) {
        for (;;) {
            ::pause();  // The program in the kernel does it all.
        }
    }
    if (way == datagram_way::xdp_runtime) {
        return serve_on_runtime(*end);
    }
    echo(*end, way == datagram_way::xdp_waiting);
    return "";
}

outcome<std::unique_ptr<datagram_client>> make_xdp_client(datagram_way way) {
    auto end = xdp_end::open(false, mode_of(way));
    if (!end) {
        return std::unexpected{end.error()};
    }
    const bool waits = way == datagram_way::xdp_waiting || way == datagram_way::xdp_runtime;
    return std::make_unique<xdp_client>(*std::move(end), waits);
}

}  // namespace ringway::lab
