// Where the firewall hangs: on an interface of its own, or in front of others in a dispatcher.
#include <bpf/libbpf.h>
#include <cstring>
#include <expected>
#include <string_view>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/xdp_link.hpp>

#include "guard/firewall.hpp"
#include "xdp/dispatcher.hpp"

#include "guard.skel.h"

namespace ringway::guard {

using xdp::dispatcher_member;

told<void> firewall::attach(std::string_view name, bpf::xdp_mode mode) {
    RW_ASSERT(!link_ && member_ == nullptr);
    const auto where = bpf::find_interface(name);
    if (!where) {
        return std::unexpected{where.error().text};
    }
    if (const auto there = dispatcher_member::find(*where); there && there->is_dispatcher) {
        return join(*where, *there);
    }
    auto made = bpf::xdp_link::attach(program_fd(), *where, {.mode = mode});
    if (!made) {
        return std::unexpected{made.error().text};
    }
    link_.emplace(*std::move(made));
    return {};
}

// An extension is loaded for one dispatcher, so the program is opened once more.
told<void> firewall::join(const bpf::network_interface& where, const bpf::xdp_hook& there) {
    extension_ = ::guard_bpf__open();
    if (extension_ == nullptr || !share_maps()) {
        return std::unexpected{"the firewall's maps can't be shared with libxdp's dispatcher"};
    }
    auto joined =
        dispatcher_member::join(extension_->obj, where, there, dispatcher_member::first_priority);
    if (!joined) {
        return std::unexpected{joined.error().text};
    }
    member_ = *std::move(joined);
    return {};
}

// Settings are copied, since the verifier wants them fixed; all else is one for both.
bool firewall::share_maps() {
    extension_->rodata->guard_settings = object_->rodata->guard_settings;
    bpf_map* fresh = nullptr;
    while ((fresh = ::bpf_object__next_map(extension_->obj, fresh)) != nullptr) {
        if (fresh == extension_->maps.rodata) {
            continue;
        }
        const bpf_map* const used =
            ::bpf_object__find_map_by_name(object_->obj, ::bpf_map__name(fresh));
        if (used == nullptr || ::bpf_map__reuse_fd(fresh, ::bpf_map__fd(used)) != 0) {
            return false;
        }
    }
    return true;
}

void firewall::detach() noexcept {
    link_.reset();
    member_.reset();
}

bpf::xdp_mode firewall::mode() const noexcept {
    return link_ ? link_->mode() : member_ ? member_->mode() : bpf::xdp_mode::automatic;
}

std::string_view firewall::driver_refused() const noexcept {
    return link_ ? std::string_view{link_->driver_refused()} : std::string_view{};
}

bool firewall::is_attached() noexcept {
    return link_ ? link_->is_attached() : member_ != nullptr && member_->keep();
}

bool firewall::outlives_process() const noexcept {
    return member_ != nullptr && member_->outlives_process();
}

}  // namespace ringway::guard
