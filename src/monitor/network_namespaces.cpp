#include "monitor/network_namespaces.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <sched.h>
#include <sys/stat.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway::monitor {
namespace {

constexpr const char* own = "/proc/thread-self/ns/net";
constexpr const char* named = "/run/netns";

// The number of the namespace behind a path; 0 if it is gone.
ino_t number_of(const std::string& path) {
    struct stat about{};
    return ::stat(path.c_str(), &about) == 0 ? about.st_ino : 0;
}

std::vector<std::string> candidates(const std::vector<std::uint32_t>& processes) {
    std::vector<std::string> paths;
    paths.reserve(processes.size());
    for (const std::uint32_t each : processes) {
        paths.push_back(fmt::format("/proc/{}/ns/net", each));
    }
    std::error_code failed;
    for (std::filesystem::directory_iterator at{named, failed}, end; !failed && at != end;
         at.increment(failed)) {
        paths.push_back(at->path().native());
    }
    return paths;
}

bool enter(const std::string& path) {
    const unique_fd there{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    return there && ::setns(there.get(), CLONE_NEWNET) == 0;
}

}  // namespace

visited_networks visit_networks(const std::vector<std::uint32_t>& processes,
                                std::size_t networks_max, const std::function<void()>& look) {
    visited_networks counts{.visited = {number_of(own)}};
    const unique_fd home{::open(own, O_RDONLY | O_CLOEXEC)};
    std::set<ino_t> known{number_of(own)};
    look();
    for (const std::string& path : candidates(processes)) {
        const ino_t number = number_of(path);
        if (number == 0 || !known.insert(number).second) {
            continue;
        }
        if (!home || known.size() > networks_max || !enter(path)) {
            ++counts.closed;
            continue;
        }
        look();
        counts.visited.insert(number);
        const bool back = ::setns(home.get(), CLONE_NEWNET) == 0;
        RW_ASSERT(back);  // It was ours a moment ago.
    }
    return counts;
}

}  // namespace ringway::monitor
