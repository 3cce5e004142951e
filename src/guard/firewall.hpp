// The XDP program of the firewall with its maps: loaded, filled, read and attached.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/xdp_link.hpp>

#include "guard/cidr.hpp"
#include "guard/shared.hpp"
#include "guard/told.hpp"

struct guard_bpf;  // The skeleton that bpftool makes.

namespace ringway::xdp {
class dispatcher_member;
}

namespace ringway::guard {

/// A token bucket: so many a second, and so many at once. 0 a second: no limit.
struct rate {
    std::uint64_t per_second = 0;
    std::uint64_t burst = 0;

    friend bool operator==(const rate&, const rate&) = default;
};

/// Ports of one protocol, the last one included.
struct port_range {
    bool udp = false;
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    friend bool operator==(const port_range&, const port_range&) = default;
};

/// "tcp/22", "udp/1900-1910".
[[nodiscard]] std::string to_text(const port_range& ports);

/// What is fixed when the program is loaded: the verifier drops what is not wanted.
struct firewall_settings {
    rate per_source;
    rate syn_per_source;
    rate initial_per_source;
    rate syn_all;
    rate initial_all;
    bool dry_run = false;
    bool drop_unparsed = false;
    bool count_sources = true;
    std::vector<port_range> keep;   ///< Never dropped, whoever sends.
    std::vector<port_range> block;  ///< Dropped, but for sources on the allow list.
    std::vector<std::uint16_t> quic_ports{443};
};

enum class list_kind : std::uint8_t { allow = GUARD_LIST_ALLOW, block = GUARD_LIST_BLOCK };

/// What came of one packet, for tests and measurements.
struct test_verdict {
    bool dropped = false;
    std::uint32_t nanoseconds = 0;  ///< Each, on average.
};

/// Not for several threads at once.
class firewall {
public:
    /// Loads the program. Fails with the line of `bpf::bpf_ready` where this process may not, and
    /// with the verifier's last words otherwise.
    [[nodiscard]] static told<std::unique_ptr<firewall>> load(const firewall_settings& settings);
    ~firewall();
    firewall(const firewall&) = delete;
    firewall& operator=(const firewall&) = delete;

    /// Attaches to the interface called `name`, see `bpf::xdp_link::attach`. Where libxdp's
    /// dispatcher runs the programs of others, it joins them and runs before them.
    [[nodiscard]] told<void> attach(std::string_view name, bpf::xdp_mode mode);
    /// Detaches at once; the destructor does so too, and the kernel when the process ends.
    void detach() noexcept;
    /// As it is attached; `automatic` before.
    [[nodiscard]] bpf::xdp_mode mode() const noexcept;
    /// Why it is not in the driver although that was tried; empty otherwise.
    [[nodiscard]] std::string_view driver_refused() const noexcept;
    /// Whether packets are judged. To be asked about once a second: in a dispatcher that others
    /// have changed, the program gets its hold anew, without which it would outlive the process.
    [[nodiscard]] bool is_attached() noexcept;
    [[nodiscard]] bool is_dispatched() const noexcept { return member_ != nullptr; }
    /// Whether the program would stay if the process were killed now.
    [[nodiscard]] bool outlives_process() const noexcept;

    /// Puts these lists in force, both at the same time, in place of those that are. Until then the
    /// old ones count; a failure leaves them. Hits begin at 0.
    [[nodiscard]] told<void> replace_lists(std::span<const cidr> allow,
                                           std::span<const cidr> block);
    /// Adds to a list that is in force. What is there already stays.
    [[nodiscard]] told<void> add(list_kind list, const cidr& range);
    /// Takes out of it. What is not there is no failure.
    void remove(list_kind list, const cidr& range);
    /// How many packets the entry has decided about. Of an entry that is not there: those of the
    /// next longer range that is, or none.
    [[nodiscard]] std::optional<std::uint64_t> hits(list_kind list, const cidr& range) const;

    /// The sum over all CPUs.
    [[nodiscard]] guard_counters counters() const;

    /// Calls `work` with each event since the last time. At most `most` of them.
    std::size_t take_events(std::size_t most, const std::function<void(const guard_event&)>& work);

    /// Where the sketch of a CPU is, of this turn or the one before. Written by the kernel if
    /// `current`.
    [[nodiscard]] guard_sketch& sketch(unsigned cpu, bool current) noexcept;
    [[nodiscard]] unsigned cpus() const noexcept { return cpus_; }
    /// Lets the CPUs count in the other sketches. Those should be zero.
    void turn_sketches() noexcept;
    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }

    struct sampled_source {
        guard_source source;
        guard_sample sample;
    };
    /// The sources in the table of samples.
    [[nodiscard]] std::vector<sampled_source> samples() const;

    /// Runs the program on a frame, `times` times (BPF_PROG_TEST_RUN). Counts as traffic.
    [[nodiscard]] result<test_verdict> try_frame(std::span<const std::byte> frame,
                                                 unsigned times = 1) const;
    [[nodiscard]] int program_fd() const noexcept;

private:
    firewall() = default;
    told<void> open(const firewall_settings& settings);
    void apply(const firewall_settings& settings);
    [[nodiscard]] told<void> join(const bpf::network_interface& where, const bpf::xdp_hook& there);
    [[nodiscard]] bool share_maps();
    [[nodiscard]] int list_fd(list_kind list, bool v6) const noexcept;
    void set_has(list_kind list, bool v6) noexcept;

    struct list_maps {
        std::array<unique_fd, 4> map;  // allow4, block4, allow6, block6
    };
    static std::size_t place_of(list_kind list, bool v6) noexcept {
        return static_cast<std::size_t>(list) + (v6 ? 2 : 0);
    }
    [[nodiscard]] told<list_maps> make_lists(std::span<const cidr> allow,
                                             std::span<const cidr> block) const;
    [[nodiscard]] bool put_lists(const list_maps& lists, unsigned generation) const;

    guard_bpf* object_ = nullptr;
    std::optional<bpf::xdp_link> link_;
    guard_bpf* extension_ = nullptr;  // The same once more, on the same maps, for a dispatcher.
    std::unique_ptr<xdp::dispatcher_member> member_;
    list_maps lists_;
    std::byte* sketches_ = nullptr;
    std::size_t sketch_bytes_ = 0;
    unsigned cpus_ = 0;
    std::uint64_t seed_ = 0;
    struct ring_buffer_reader;
    std::unique_ptr<ring_buffer_reader> events_;
};

}  // namespace ringway::guard
