// The network namespaces of this machine.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace ringway::monitor {

struct visited_networks {
    std::set<std::uint64_t> visited;  ///< Their numbers.
    unsigned closed = 0;              ///< That could not be entered, or were too many.
};

/// Calls `look` in the namespace of the calling thread, then in that of each of `processes` and in
/// those that ip-netns(8) has named, each once; the thread comes back to where it was. Where it may
/// not enter (CAP_SYS_ADMIN), they are counted as closed.
visited_networks visit_networks(const std::vector<std::uint32_t>& processes,
                                std::size_t networks_max, const std::function<void()>& look);

}  // namespace ringway::monitor
