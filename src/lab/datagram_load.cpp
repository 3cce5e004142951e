#include "lab/datagram_load.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include <ringway/observe/histogram.hpp>

#include "lab/bench_load.hpp"
#include "lab/bench_parts.hpp"
#include "lab/usage_meter.hpp"
#include "lab/veth_pair.hpp"
#include "observe/print_text.hpp"

namespace ringway::lab {
namespace {

constexpr std::array<std::string_view, 8> ways{"udp",         "udp-spinning", "udp-batches",
                                               "xdp-waiting", "xdp-runtime",  "xdp",
                                               "xdp-generic", "xdp-reflector"};
constexpr std::size_t argument_count = 6;

using clock = std::chrono::steady_clock;

bool is_xdp(datagram_way way) { return way >= datagram_way::xdp_waiting; }

template <class Number>
bool read_number(std::string_view text, Number& into) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

// Which datagrams are under way, and since when.
class flights {
public:
    explicit flights(unsigned depth) : depth_{depth} {}

    // As many as may start now, numbered from `next()`.
    [[nodiscard]] unsigned room() const noexcept { return depth_ - under_way_; }
    [[nodiscard]] std::uint32_t next() const noexcept { return next_; }

    void start(unsigned count, clock::time_point now) {
        for (unsigned i = 0; i < count; ++i) {
            since_[next_ % since_.size()] = now;
            ++next_;
        }
        under_way_ += count;
    }
    // Since when; nothing for one that was given up.
    std::optional<clock::time_point> end(std::uint32_t number) {
        if (number < oldest_ || number >= next_ || under_way_ == 0) {
            return std::nullopt;
        }
        --under_way_;
        return since_[number % since_.size()];
    }
    // Whatever is under way will not come back: how many.
    unsigned give_up() {
        oldest_ = next_;
        return std::exchange(under_way_, 0);
    }

private:
    unsigned depth_;
    unsigned under_way_ = 0;
    std::uint32_t next_ = 0;
    std::uint32_t oldest_ = 0;
    std::array<clock::time_point, 4096> since_{};  // More than can be under way.
};

struct counts {
    observe::histogram latency;
    std::uint64_t answered = 0;
    std::uint64_t lost = 0;
};

void ask_until(datagram_client& client, flights& all, clock::time_point end, counts& into) {
    std::array<std::uint32_t, datagram_depth_max> numbers{};
    for (auto now = clock::now(); now < end; now = clock::now()) {
        if (const auto room = all.room(); room > 0) {
            const auto first = all.next();
            all.start(room, now);
            client.send(first, room);
        }
        const auto count = client.receive(numbers);
        const auto came = clock::now();
        for (std::size_t i = 0; i < count; ++i) {
            if (const auto began = all.end(numbers[i])) {
                into.latency.record(
                    static_cast<std::uint64_t>(std::chrono::nanoseconds{came - *began}.count()));
                ++into.answered;
            }
        }
        if (count == 0) {
            into.lost += all.give_up();
        }
    }
}

clock::duration of_seconds(double seconds) {
    return std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{seconds});
}

outcome<measurement> run(const datagram_options& options) {
    const auto way = options.way;
    auto peer = veth_peer::start(
        static_cast<unsigned>(options.server_core), [way](const std::function<void()>& ready) {
            return is_xdp(way) ? serve_xdp_datagrams(way, ready) : serve_udp_datagrams(way, ready);
        });
    if (!peer) {
        return std::unexpected{peer.error()};
    }
    auto client = is_xdp(way) ? make_xdp_client(way) : make_udp_client(way);
    if (!client) {
        return std::unexpected{client.error()};
    }
    auto found = ask(**client, options, peer->id());
    if (found.operations == 0) {
        return std::unexpected{std::string{"no datagram came back"}};
    }
    return found;
}

}  // namespace

std::string_view name_of(datagram_way way) noexcept { return ways[static_cast<std::size_t>(way)]; }

std::optional<datagram_way> find_datagram_way(std::string_view name) noexcept {
    const auto found = std::ranges::find(ways, name);
    return found == ways.end() ? std::nullopt
                               : std::optional{static_cast<datagram_way>(found - ways.begin())};
}

std::vector<std::string> to_arguments(const datagram_options& options) {
    return {std::string{name_of(options.way)},  fmt::to_string(options.depth),
            fmt::to_string(options.seconds),    fmt::to_string(options.warm_up),
            options.count_syscalls ? "1" : "0", fmt::to_string(options.server_core)};
}

std::optional<datagram_options> read_datagram_options(std::span<const std::string> arguments) {
    datagram_options options;
    if (arguments.size() != argument_count) {
        return std::nullopt;
    }
    const auto way = find_datagram_way(arguments[0]);
    options.count_syscalls = arguments[4] == "1";
    if (!way || !read_number(arguments[1], options.depth) ||
        !read_number(arguments[2], options.seconds) ||
        !read_number(arguments[3], options.warm_up) ||
        !read_number(arguments[5], options.server_core) || options.depth == 0 ||
        options.depth > datagram_depth_max || options.seconds <= 0 || options.warm_up < 0) {
        return std::nullopt;
    }
    options.way = *way;
    return options;
}

datagram datagram_of(std::uint32_t number) noexcept {
    datagram made{};
    std::memcpy(made.data(), &number, sizeof number);
    for (std::size_t i = sizeof number; i < made.size(); ++i) {
        made[i] = static_cast<std::byte>(number + i * 131);
    }
    return made;
}

std::optional<std::uint32_t> number_of(std::span<const std::byte> content) noexcept {
    if (content.size() != datagram_bytes) {
        return std::nullopt;
    }
    std::uint32_t number = 0;
    std::memcpy(&number, content.data(), sizeof number);
    const auto expected = datagram_of(number);
    return std::ranges::equal(content, expected) ? std::optional{number} : std::nullopt;
}

measurement ask(datagram_client& client, const datagram_options& options, pid_t server) {
    flights all{static_cast<unsigned>(options.depth)};
    counts warm_up;
    ask_until(client, all, clock::now() + of_seconds(options.warm_up), warm_up);
    counts found;
    measurement into;
    const auto own_before = processor_time_of(::getpid());
    usage_meter meter{server, options.count_syscalls};
    const auto begin = clock::now();
    ask_until(client, all, begin + of_seconds(options.seconds), found);
    const std::chrono::duration<double> took = clock::now() - begin;
    meter.finish(into, found.answered, found.answered * datagram_bytes, took.count());
    const std::chrono::duration<double> own = processor_time_of(::getpid()) - own_before;
    into.set(metric::load, own / took * 100);
    into.set_latency(found.latency);
    into.failed = found.lost;
    return into;
}

int run_bench_datagrams(std::span<const std::string> arguments) {
    const auto options = read_datagram_options(arguments);
    if (!options) {
        return 2;
    }
    print_text("{}\n", to_line(run(*options)));
    return 0;
}

}  // namespace ringway::lab
