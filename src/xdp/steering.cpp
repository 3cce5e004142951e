#include <ringway/xdp/steering.hpp>

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <expected>
#include <fmt/core.h>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/bpf_log.hpp>
#include <ringway/bpf/bpf_ready.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/bpf/xdp_link.hpp>
#include <ringway/xdp/match.hpp>
#include <ringway/xdp/socket.hpp>

#include "xdp/dispatcher.hpp"
#include "xdp/received_hints.hpp"
#include "xdp/steer_object.hpp"

#include "xdp_steer.h"

namespace ringway::xdp {
namespace {

constexpr int attach_tcx_egress = 47;                  // BPF_TCX_EGRESS, Linux 6.6
constexpr std::uint32_t flag_device_bound = 1U << 6U;  // BPF_F_XDP_DEV_BOUND_ONLY, Linux 6.3

steer_u32 number_of(verdict matched) noexcept {
    switch (matched) {
        case verdict::pass: return STEER_PASS;
        case verdict::drop: return STEER_DROP;
        case verdict::reflect: return STEER_REFLECT;
        case verdict::copy: return STEER_COPY;
        case verdict::to_socket: break;
    }
    return STEER_SOCKET;
}

steer_config config_of(const steering_options& options) {
    steer_config made{};
    made.verdict = number_of(options.matched);
    made.captured_max = std::min<std::uint32_t>(options.copied_bytes_max, STEER_COPY_MAX);
    made.whole_max = options.whole_bytes_max;
    for (const match_rule& each : options.rules) {
        const auto compiled = each.compile();
        steer_rule& into = made.rule[made.rules++];
        std::ranges::copy(compiled.value, &into.value[0]);
        std::ranges::copy(compiled.mask, &into.mask[0]);
    }
    return made;
}

void bind_to_device(bpf_program* received, unsigned interface) {
    ::bpf_program__set_ifindex(received, interface);
    ::bpf_program__set_flags(received, ::bpf_program__flags(received) | flag_device_bound);
}

// The program itself is what the plain one is, so what is refused is the hints.
std::unexpected<bpf::refusal> refuse_hints(int failed, const std::string& reason) {
    if (failed == -EOPNOTSUPP) {
        return bpf::refuse({errc::unsupported, EOPNOTSUPP},
                           "the driver of the interface tells nothing of packets beside them "
                           "(ringway xdp status lists those that do)");
    }
    if (failed == -EINVAL) {
        return bpf::refuse({errc::unsupported, EINVAL},
                           fmt::format("what cards tell of packets needs Linux 6.3: {}", reason));
    }
    return bpf::refuse(error_from_errno(-failed),
                       fmt::format("the kernel refuses the program: {}", reason));
}

}  // namespace

struct steering::program {
    steer_config config{};
    std::unique_ptr<steer_object> loaded;
    std::unique_ptr<steer_object> extension;  // The same once more, to be run by a dispatcher.
    std::unique_ptr<dispatcher_member> dispatched;
    unsigned hints_from = 0;

    program() = default;
    program(const program&) = delete;
    program& operator=(const program&) = delete;
    ~program() {
        ::ring_buffer__free(copies);
        dispatched.reset();  // Before the objects.
    }

    ring_buffer* copies = nullptr;
    std::move_only_function<void(const packet_copy&)>* told = nullptr;
    std::size_t left = 0;
};

steering::steering(std::unique_ptr<program> loaded) noexcept : program_{std::move(loaded)} {}
steering::~steering() { detach(); }

bpf::outcome<std::unique_ptr<steering>> steering::load(const steering_options& options) {
    static_assert(rules_max == STEER_RULES_MAX && match_rule::words == STEER_WORDS);
    if (options.rules.size() > rules_max) {
        return bpf::refuse({errc::limit, 0}, fmt::format("{} rules are too many: {} at most",
                                                         options.rules.size(), rules_max));
    }
    if (const auto ready = bpf::bpf_ready(bpf::need::programs); !ready) {
        return std::unexpected{ready.error()};
    }
    const bpf::bpf_log log;
    auto made = std::make_unique<program>();
    const bool asks_card = options.hints_from != 0;
    made->hints_from = options.hints_from;
    made->loaded = steer_object::open(asks_card);
    int failed = made->loaded == nullptr ? -errno : 0;
    if (failed == 0) {
        steer_object& object = *made->loaded;
        made->config = config_of(options);
        std::memcpy(object.config, &made->config, sizeof(made->config));
        if (options.matched == verdict::copy) {
            ::bpf_map__set_max_entries(object.copies, options.copy_buffer_bytes);
        }
        ::bpf_program__set_autoload(object.sent, options.copies_sent);
        if (asks_card) {
            bind_to_device(object.received, options.hints_from);
        }
        failed = object.load();
    }
    if (failed != 0 && asks_card) {
        return refuse_hints(failed, log.reason_or(failed));
    }
    if (failed != 0) {
        return bpf::refuse(
            error_from_errno(-failed),
            fmt::format("the kernel refuses the program: {}", log.reason_or(failed)));
    }
    return std::unique_ptr<steering>{new steering{std::move(made)}};
}

bpf::outcome<void> steering::add(const xdp_socket& socket) { return add_to_map(map_fd(), socket); }

bpf::outcome<void> add_to_map(int map_fd, const xdp_socket& socket) {
    const std::uint32_t queue = socket.queue();
    const int fd = socket.fd();
    if (::bpf_map_update_elem(map_fd, &queue, &fd, BPF_ANY) != 0) {
        const int failed = errno;
        return bpf::refuse(error_from_errno(failed), fmt::format("queue {} for the socket: {}",
                                                                 queue, std::strerror(failed)));
    }
    return {};
}

bpf::outcome<void> steering::attach(const bpf::network_interface& where,
                                    const bpf::xdp_attach_options& options) {
    const auto there = dispatcher_member::find(where);
    const bool is_dispatched = there && there->is_dispatcher;
    auto how = options;
    if (program_->hints_from != 0) {
        if (const auto can = check_hints(where, options.mode, is_dispatched); !can) {
            return can;
        }
        how.mode = bpf::xdp_mode::driver;
    } else if (is_dispatched) {
        return join(where, *there);
    }
    auto attached = bpf::xdp_link::attach(program_fd(), where, how);
    if (!attached) {
        return std::unexpected{std::move(attached.error())};
    }
    link_.emplace(*std::move(attached));
    return {};
}

// What the kernel would refuse with less of a reason.
bpf::outcome<void> steering::check_hints(const bpf::network_interface& where, bpf::xdp_mode mode,
                                         bool is_dispatched) const {
    if (where.index != program_->hints_from) {
        return bpf::refuse({errc::invalid_argument, EINVAL},
                           fmt::format("a program that asks a card for hints is for one "
                                       "interface, and {} is another",
                                       where.name));
    }
    if (mode == bpf::xdp_mode::generic) {
        return bpf::refuse({errc::unsupported, EINVAL},
                           "hints come from the driver, which generic mode goes without");
    }
    if (is_dispatched) {
        return bpf::refuse({errc::unsupported, EOPNOTSUPP},
                           fmt::format("{} is run by the dispatcher of libxdp, whose programs "
                                       "can't ask the card for hints",
                                       where.name));
    }
    return {};
}

// An extension is loaded for one dispatcher, so the program is opened once more, on the same maps.
bpf::outcome<void> steering::join(const bpf::network_interface& where, const bpf::xdp_hook& there) {
    program_->extension = steer_object::open(false);
    if (program_->extension == nullptr) {
        return bpf::refuse(error_from_errno(errno), "the program could not be opened");
    }
    const steer_object& opened = *program_->extension;
    const steer_object& used = *program_->loaded;
    std::memcpy(opened.config, &program_->config, sizeof(program_->config));
    ::bpf_program__set_autoload(opened.sent, false);
    for (const auto& [fresh, shared] :
         {std::pair{opened.sockets, used.sockets}, std::pair{opened.counts, used.counts},
          std::pair{opened.copies, used.copies}}) {
        if (const int failed = ::bpf_map__reuse_fd(fresh, ::bpf_map__fd(shared)); failed != 0) {
            return bpf::refuse(error_from_errno(-failed), "the program's maps could not be shared");
        }
    }
    auto joined = dispatcher_member::join(opened.object, where, there);
    if (!joined) {
        return std::unexpected{std::move(joined.error())};
    }
    program_->dispatched = *std::move(joined);
    return {};
}

bpf::xdp_mode steering::mode() const noexcept {
    return link_                  ? link_->mode()
           : program_->dispatched ? program_->dispatched->mode()
                                  : bpf::xdp_mode::automatic;
}

bool steering::is_dispatched() const noexcept { return program_->dispatched != nullptr; }

bpf::outcome<void> steering::attach_sent(const bpf::network_interface& where) {
    const int fd = ::bpf_program__fd(program_->loaded->sent);
    RW_ASSERT(fd >= 0);  // Only with `copies_sent`.
    const bpf::bpf_log log;
    // The headers are older than that one.
    // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
    constexpr auto kind = static_cast<bpf_attach_type>(attach_tcx_egress);
    const int made = ::bpf_link_create(fd, static_cast<int>(where.index), kind, nullptr);
    if (made == -EINVAL || made == -EOPNOTSUPP) {
        return bpf::refuse({errc::unsupported, -made},
                           "copying what an interface sends needs Linux 6.6");
    }
    if (made < 0) {
        return bpf::refuse(error_from_errno(-made), fmt::format("the sending side of {}: {}",
                                                                where.name, std::strerror(-made)));
    }
    sent_link_ = unique_fd{made};
    return {};
}

void steering::detach() noexcept {
    if (sent_link_) {
        ::bpf_link_detach(sent_link_.get());
        sent_link_.reset();
    }
    program_->dispatched.reset();
    if (link_) {
        link_->detach();
        link_.reset();
    }
}

int steering::map_fd() const noexcept { return ::bpf_map__fd(program_->loaded->sockets); }

int steering::program_fd() const noexcept { return ::bpf_program__fd(program_->loaded->received); }

steering_counts steering::counts() const noexcept {
    const int map = ::bpf_map__fd(program_->loaded->counts);
    std::vector<steer_count> by_processor(
        static_cast<std::size_t>(std::max(1, ::libbpf_num_possible_cpus())));
    const auto sum = [&](steer_u32 key) {
        steering_counts::count all;
        if (::bpf_map_lookup_elem(map, &key, by_processor.data()) == 0) {
            for (const steer_count& each : by_processor) {
                all.packets += each.packets;
                all.bytes += each.bytes;
            }
        }
        return all;
    };
    return {.passed = sum(STEER_PASS),
            .dropped = sum(STEER_DROP),
            .reflected = sum(STEER_REFLECT),
            .to_socket = sum(STEER_SOCKET),
            .copied = sum(STEER_COPY),
            .lost = sum(STEER_LOST),
            .without_socket = sum(STEER_NO_SOCKET)};
}

int steering::copies_fd() const noexcept { return ::bpf_map__fd(program_->loaded->copies); }

// libbpf calls back for all that is there; a negative value ends that, behind the record.
std::size_t steering::take_copies(std::move_only_function<void(const packet_copy&)> told,
                                  std::size_t count_max) {
    constexpr int enough = -ECANCELED;
    const auto tell = [](void* own, void* record, std::size_t /*size*/) {
        auto& me = *static_cast<program*>(own);
        const auto& copied = *static_cast<const steer_copy*>(record);
        (*me.told)({.time = std::chrono::nanoseconds{static_cast<std::int64_t>(copied.time_ns)},
                    .length = copied.length,
                    .is_sent = copied.is_sent != 0,
                    .bytes = std::as_bytes(std::span{
                        reinterpret_cast<const unsigned char*>(&copied + 1), copied.captured}),
                    .hints = to_hints(copied.hints)});
        return --me.left == 0 ? enough : 0;
    };
    if (count_max == 0) {
        return 0;
    }
    if (program_->copies == nullptr) {
        program_->copies = ::ring_buffer__new(copies_fd(), tell, program_.get(), nullptr);
        if (program_->copies == nullptr) {
            return 0;
        }
    }
    program_->told = &told;
    program_->left = count_max;
    ::ring_buffer__consume(program_->copies);
    return count_max - program_->left;
}

}  // namespace ringway::xdp
