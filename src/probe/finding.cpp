#include <ringway/probe/finding.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

#include <ringway/base/assert.hpp>

namespace ringway::probe {
namespace {

struct topic_names {
    std::string_view name;
    std::string_view title;
};

constexpr std::array<topic_names, static_cast<std::size_t>(topic::count_)> topics{{
    {"serving", "ringway serve"},
    {"technologies", "Technologies"},
    {"io_uring", "io_uring"},
    {"files", "Files to sockets"},
    {"tls", "TLS in the kernel"},
    {"network", "Network, QUIC and HTTP/3"},
    {"xdp", "AF_XDP and XDP"},
    {"bpf", "eBPF"},
    {"confinement", "Confinement"},
    {"limits", "Limits and memory"},
}};

const topic_names& names_of(topic which) noexcept {
    RW_ASSERT(which < topic::count_);
    return topics[static_cast<std::size_t>(which)];
}

}  // namespace

std::string_view name_of(state which) noexcept {
    switch (which) {
        case state::no: return "no";
        case state::partial: return "partial";
        case state::yes: return "yes";
        case state::unknown: break;
    }
    return "unknown";
}

std::string_view name_of(topic which) noexcept { return names_of(which).name; }

std::string_view title_of(topic which) noexcept { return names_of(which).title; }

const finding* find(std::span<const finding> all, std::string_view id) noexcept {
    const auto found = std::ranges::find(all, id, &finding::id);
    return found == all.end() ? nullptr : &*found;
}

state state_of(std::span<const finding> all, std::string_view id) noexcept {
    const finding* const found = find(all, id);
    return found == nullptr ? state::unknown : found->has;
}

verdict judge(std::span<const finding> all) {
    verdict found;
    std::vector<const finding*> untried;
    const finding* const rings = find(all, "io_uring.rings");
    const bool no_rings = rings != nullptr && rings->has != state::yes;
    for (const finding& each : all) {
        const bool follows = no_rings && each.about == topic::io_uring && &each != rings;
        if (each.for_serve && each.has != state::yes && !follows) {
            (each.has == state::unknown ? untried : found.missing).push_back(&each);
        }
    }
    found.untried = untried.size();
    found.missing.insert(found.missing.end(), untried.begin(), untried.end());
    return found;
}

}  // namespace ringway::probe
