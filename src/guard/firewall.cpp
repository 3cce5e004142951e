#include "guard/firewall.hpp"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>
#include <ringway/bpf/bpf_log.hpp>
#include <ringway/bpf/bpf_ready.hpp>

#include "xdp/dispatcher.hpp"  // IWYU pragma: keep: what the firewall holds is destroyed here.

#include "guard.skel.h"

namespace ringway::guard {
namespace {

constexpr std::uint64_t second = std::uint64_t{1'000'000'000} << GUARD_TIME_SHIFT;
constexpr std::uint64_t suspected_most = 1024;

guard_limit limit_of(const rate& wanted) {
    if (wanted.per_second == 0) {
        return {};
    }
    const auto increment =
        std::max<std::uint64_t>(1, (second + wanted.per_second / 2) / wanted.per_second);
    return {.increment = increment,
            .tolerance = (std::max<std::uint64_t>(1, wanted.burst) - 1) * increment};
}

// A source that has sent less than this in a window of a second, on each CPU, can't have exceeded a
// limit that lets through as much at once. 1 would give buckets to everybody who sends at all.
std::uint32_t suspected_after(const firewall_settings& settings) {
    const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
    const std::uint64_t cpus = online > 0 ? static_cast<std::uint64_t>(online) : 1;
    std::uint64_t least = suspected_most;
    for (const rate* const each :
         {&settings.per_source, &settings.syn_per_source, &settings.initial_per_source}) {
        if (each->per_second != 0) {
            const std::uint64_t half = std::min(each->burst, each->per_second) / 2;
            least = std::min(least, std::max(half / cpus, std::min<std::uint64_t>(half, 2)));
        }
    }
    return settings.count_sources ? static_cast<std::uint32_t>(least) : 0;
}

void mark(std::uint8_t (&ports)[GUARD_PORTS], const port_range& range, unsigned tcp, unsigned udp) {
    for (unsigned port = range.first; port <= range.last; ++port) {
        ports[port] = static_cast<std::uint8_t>(ports[port] | (range.udp ? udp : tcp));
    }
}

std::size_t page_rounded(std::size_t bytes) { return (bytes + 4095) & ~std::size_t{4095}; }

}  // namespace

struct firewall::ring_buffer_reader {
    ~ring_buffer_reader() { ::ring_buffer__free(ring); }

    static int hear(void* self, void* data, std::size_t size) {
        auto& mine = *static_cast<ring_buffer_reader*>(self);
        if (size >= sizeof(guard_event)) {
            guard_event event{};
            std::memcpy(&event, data, sizeof event);
            (*mine.work)(event);
            ++mine.taken;
        }
        return mine.taken < mine.most ? 0 : -ECANCELED;
    }

    ::ring_buffer* ring = nullptr;
    const std::function<void(const guard_event&)>* work = nullptr;
    std::size_t taken = 0;
    std::size_t most = 0;
};

told<std::unique_ptr<firewall>> firewall::load(const firewall_settings& settings) {
    if (auto ready = bpf::bpf_ready(bpf::need::programs); !ready) {
        return std::unexpected{ready.error().text};
    }
    std::unique_ptr<firewall> made{new firewall};
    if (auto opened = made->open(settings); !opened) {
        return std::unexpected{opened.error()};
    }
    return made;
}

told<void> firewall::open(const firewall_settings& settings) {
    const bpf::bpf_log log;
    const auto refused = [&log](const char* what) {
        return std::unexpected{fmt::format("{}: {}", what, log.reason_or(errno))};
    };
    object_ = ::guard_bpf__open();
    if (object_ == nullptr) {
        return refused("the firewall's program can't be read");
    }
    cpus_ = static_cast<unsigned>(std::max(1, ::libbpf_num_possible_cpus()));
    ::bpf_map__set_max_entries(object_->maps.sketches, cpus_ * 2);
    if (::getrandom(&seed_, sizeof seed_, 0) != sizeof seed_) {
        return refused("no random numbers");
    }
    apply(settings);
    if (::guard_bpf__load(object_) != 0) {
        return refused("the kernel refuses the firewall's program");
    }
    for (const auto& range : settings.keep) {
        mark(object_->bss->guard_ports, range, GUARD_PORT_KEEP_TCP, GUARD_PORT_KEEP_UDP);
    }
    for (const auto& range : settings.block) {
        mark(object_->bss->guard_ports, range, GUARD_PORT_BLOCK_TCP, GUARD_PORT_BLOCK_UDP);
    }
    for (const auto port : settings.quic_ports) {
        mark(object_->bss->guard_ports, {.udp = true, .first = port, .last = port}, 0,
             GUARD_PORT_QUIC);
    }
    sketch_bytes_ = page_rounded(std::size_t{cpus_} * 2 * sizeof(guard_sketch));
    void* const mapped = ::mmap(nullptr, sketch_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED,
                                ::bpf_map__fd(object_->maps.sketches), 0);
    if (mapped == MAP_FAILED) {
        return refused("the counters can't be mapped");
    }
    sketches_ = static_cast<std::byte*>(mapped);
    events_ = std::make_unique<ring_buffer_reader>();
    events_->ring = ::ring_buffer__new(::bpf_map__fd(object_->maps.events),
                                       &ring_buffer_reader::hear, events_.get(), nullptr);
    if (events_->ring == nullptr) {
        return refused("the ring of events can't be mapped");
    }
    return replace_lists({}, {});
}

void firewall::apply(const firewall_settings& settings) {
    guard_settings& to = object_->rodata->guard_settings;
    to.limit[GUARD_LIMIT_RATE] = limit_of(settings.per_source);
    to.limit[GUARD_LIMIT_SYN] = limit_of(settings.syn_per_source);
    to.limit[GUARD_LIMIT_INITIAL] = limit_of(settings.initial_per_source);
    to.limit[GUARD_LIMIT_SYN_ALL] = limit_of(settings.syn_all);
    to.limit[GUARD_LIMIT_INITIAL_ALL] = limit_of(settings.initial_all);
    to.seed = seed_;
    to.suspected_after = suspected_after(settings);
    to.cpus = cpus_;
    to.dry_run = settings.dry_run ? 1 : 0;
    to.drop_unparsed = settings.drop_unparsed ? 1 : 0;
    to.count = settings.count_sources ? 1 : 0;
    to.limit_any = settings.per_source.per_second + settings.syn_per_source.per_second +
                               settings.initial_per_source.per_second >
                           0
                       ? 1
                       : 0;
}

firewall::~firewall() {
    detach();
    ::guard_bpf__destroy(extension_);
    events_.reset();
    if (sketches_ != nullptr) {
        ::munmap(sketches_, sketch_bytes_);
    }
    ::guard_bpf__destroy(object_);
}

int firewall::program_fd() const noexcept { return ::bpf_program__fd(object_->progs.guard); }

guard_counters firewall::counters() const {
    std::vector<guard_counters> each(cpus_);
    const std::uint32_t only = 0;
    guard_counters sum{};
    if (::bpf_map_lookup_elem(::bpf_map__fd(object_->maps.counters), &only, each.data()) != 0) {
        return sum;
    }
    for (const auto& one : each) {
        for (std::size_t i = 0; i < GUARD_REASONS; ++i) {
            sum.packets[i] += one.packets[i];
            sum.bytes[i] += one.bytes[i];
        }
        sum.events_lost += one.events_lost;
        sum.sampled += one.sampled;
        sum.suspects += one.suspects;
    }
    return sum;
}

std::size_t firewall::take_events(std::size_t most,
                                  const std::function<void(const guard_event&)>& work) {
    if (most == 0) {
        return 0;
    }
    events_->work = &work;
    events_->taken = 0;
    events_->most = most;
    ::ring_buffer__consume(events_->ring);
    return events_->taken;
}

guard_sketch& firewall::sketch(unsigned cpu, bool current) noexcept {
    RW_ASSERT(cpu < cpus_);
    const unsigned turn = (object_->bss->guard_sketch_turn & 1U) ^ (current ? 0U : 1U);
    std::byte* const at = sketches_ + (std::size_t{cpu} * 2 + turn) * sizeof(guard_sketch);
    return *reinterpret_cast<guard_sketch*>(at);
}

void firewall::turn_sketches() noexcept {
    auto& turn = object_->bss->guard_sketch_turn;
    __atomic_store_n(&turn, turn ^ 1U, __ATOMIC_RELEASE);
}

std::vector<firewall::sampled_source> firewall::samples() const {
    std::vector<sampled_source> all;
    const int map = ::bpf_map__fd(object_->maps.samples);
    const std::uint32_t most = ::bpf_map__max_entries(object_->maps.samples);
    std::vector<guard_source> keys(most);
    std::vector<guard_sample> values(most);
    std::uint32_t bucket = 0;  // Where the walk goes on: of hashes that is 32 bits.
    bool begun = false;
    for (bool more = true; more && all.size() < most;) {
        std::uint32_t count = most;
        const int failed = ::bpf_map_lookup_batch(map, begun ? &bucket : nullptr, &bucket,
                                                  keys.data(), values.data(), &count, nullptr);
        if (failed != 0 && failed != -ENOENT) {  // ENOENT: that was all.
            break;
        }
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back({.source = keys[i], .sample = values[i]});
        }
        begun = true;
        more = failed == 0;
    }
    return all;
}

result<test_verdict> firewall::try_frame(std::span<const std::byte> frame, unsigned times) const {
    bpf_test_run_opts how{};
    how.sz = sizeof how;
    how.data_in = frame.data();
    how.data_size_in = static_cast<std::uint32_t>(frame.size());
    how.repeat = static_cast<int>(times);
    if (const int failed = ::bpf_prog_test_run_opts(program_fd(), &how); failed != 0) {
        return fail_errno(-failed);
    }
    return test_verdict{.dropped = how.retval == 1, .nanoseconds = how.duration};  // XDP_DROP
}

}  // namespace ringway::guard
