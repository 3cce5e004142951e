#include "monitor/container_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace ringway::monitor {
namespace {

constexpr std::size_t short_id = 12;
constexpr std::size_t long_id = 64;

bool is_id(std::string_view text) {
    return text.size() == long_id &&
           std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::vector<std::string_view> parts_of(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const auto slash = path.find('/');
        if (slash != 0) {
            parts.push_back(path.substr(0, slash));
        }
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return parts;
}

// "docker-<id>.scope" as systemd names what a container manager starts.
std::string scope_name(std::string_view part) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> managers{
        {{"docker-", "docker"},
         {"libpod-", "podman"},
         {"cri-containerd-", "containerd"},
         {"crio-", "crio"}}};
    for (const auto& [prefix, name] : managers) {
        if (part.starts_with(prefix) && part.ends_with(".scope")) {
            const auto id = part.substr(prefix.size(), part.size() - prefix.size() - 6);
            return is_id(id) ? fmt::format("{}:{}", name, id.substr(0, short_id)) : std::string{};
        }
    }
    if (part.starts_with("machine-") && part.ends_with(".scope")) {
        return fmt::format("machine:{}", part.substr(8, part.size() - 14));
    }
    if (part.starts_with("lxc.payload.")) {
        return fmt::format("lxc:{}", part.substr(12));
    }
    return {};
}

// "/docker/<id>" as container managers name their groups without systemd.
std::string folder_name(std::string_view folder, std::string_view part) {
    if (folder == "lxc") {
        return fmt::format("lxc:{}", part);
    }
    if (!is_id(part)) {
        return {};
    }
    if (folder == "docker") {
        return fmt::format("docker:{}", part.substr(0, short_id));
    }
    if (folder == "libpod_parent" || folder == "libpod") {
        return fmt::format("podman:{}", part.substr(0, short_id));
    }
    return fmt::format("container:{}", part.substr(0, short_id));
}

std::string find_mount(const std::string& proc_root) {
    std::ifstream in{proc_root + "/self/mountinfo"};
    for (std::string line; std::getline(in, line);) {
        const auto dash = line.find(" - cgroup2 ");
        if (dash == std::string::npos) {
            continue;
        }
        std::istringstream fields{line};
        std::string field;
        for (int i = 0; i < 5; ++i) {
            fields >> field;
        }
        return field;
    }
    return {};
}

}  // namespace

std::string container_of_cgroup(std::string_view path) {
    const auto parts = parts_of(path);
    for (std::size_t i = parts.size(); i-- > 0;) {
        if (auto name = scope_name(parts[i]); !name.empty()) {
            return name;
        }
        if (auto name = folder_name(i > 0 ? parts[i - 1] : std::string_view{}, parts[i]);
            !name.empty()) {
            return name;
        }
    }
    for (std::size_t i = parts.size(); i-- > 0;) {
        if (parts[i].ends_with(".service") || parts[i].ends_with(".scope")) {
            return std::string{parts[i]};
        }
    }
    return {};
}

container_names::container_names(std::string proc_root)
    : proc_root_{std::move(proc_root)}, mount_{find_mount(proc_root_)} {}

std::string container_names::of_process(std::uint32_t process) const {
    std::ifstream in{fmt::format("{}/{}/cgroup", proc_root_, process)};
    std::string unit;
    for (std::string line; std::getline(in, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first == std::string::npos ? first : first + 1);
        if (second == std::string::npos) {
            continue;
        }
        auto name = container_of_cgroup(std::string_view{line}.substr(second + 1));
        if (name.contains(':')) {
            return name;  // A container is worth more than the unit that some hierarchy tells.
        }
        unit = name.empty() ? unit : std::move(name);
    }
    return unit;
}

std::string container_names::of_cgroup(std::uint64_t id) {
    if (id <= 1 || mount_.empty()) {
        return {};
    }
    if (!names_.contains(id) && may_walk_) {
        walk();
        names_.try_emplace(id);  // One that is gone already is not sought again.
    }
    const auto found = names_.find(id);
    return found != names_.end() ? found->second : std::string{};
}

void container_names::walk() {
    may_walk_ = false;
    if (names_.size() > groups_max) {
        names_.clear();
    }
    std::error_code failed;
    using walker = std::filesystem::recursive_directory_iterator;
    for (walker at{mount_, std::filesystem::directory_options::skip_permission_denied, failed}, end;
         !failed && at != end && names_.size() <= groups_max; at.increment(failed)) {
        struct stat about{};
        if (at->is_directory(failed) && ::stat(at->path().c_str(), &about) == 0) {
            names_[about.st_ino] = container_of_cgroup(at->path().native().substr(mount_.size()));
        }
    }
}

}  // namespace ringway::monitor
