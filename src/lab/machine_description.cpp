// What else a reader of figures has to know of a machine: for files, hence in one piece of JSON.
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/sysinfo.h>
#include <sys/vfs.h>

#include <fmt/core.h>

#include <ringway/ring/driver.hpp>

#include "lab/machine.hpp"
#include "lab/results_json.hpp"

namespace ringway::lab {
namespace {

std::string first_line(const std::string& path) {
    std::ifstream file{path};
    std::string line;
    return std::getline(file, line) && !line.empty() ? line : "unknown";
}

// NAME=value or NAME="value", of os-release(5).
std::string system_name() {
    std::ifstream file{"/etc/os-release"};
    constexpr std::string_view key = "PRETTY_NAME=";
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(key)) {
            line.erase(0, key.size());
            std::erase(line, '"');
            return line;
        }
    }
    return "unknown";
}

bool has_hypervisor() {
    std::ifstream file{"/proc/cpuinfo"};
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("flags")) {
            return line.contains(" hypervisor");
        }
    }
    return false;
}

// The type of the mount that is the longest beginning of `path`, from mountinfo (proc(5)).
std::string file_system_of(const std::string& path) {
    std::array<char, 4096> real{};
    const std::string whole = ::realpath(path.c_str(), real.data()) != nullptr ? real.data() : path;
    std::ifstream mounts{"/proc/self/mounts"};
    std::string best;
    std::string type = "unknown";
    std::string device;
    std::string place;
    std::string kind;
    for (std::string rest; mounts >> device >> place >> kind && std::getline(mounts, rest);) {
        const bool holds = place == "/" || whole == place || whole.starts_with(place + "/");
        if (holds && place.size() >= best.size()) {
            best = place;
            type = fmt::format("{} on {}", kind, device);
        }
    }
    return type;
}

std::string driver_text() {
    const auto chosen = choose_driver(driver_kind::automatic);
    if (!chosen) {
        return "none";
    }
    return fmt::format("{} ({})", chosen->kind == driver_kind::io_uring ? "io_uring" : "epoll",
                       chosen->reason);
}

// The first word of a file; empty if there is none.
std::string word_in(const std::filesystem::path& path) {
    std::ifstream file{path};
    std::string word;
    file >> word;
    return word;
}

}  // namespace

bool host_takes_free_memory(const std::string& devices) {
    constexpr std::string_view balloon = "0x0005";  // Virtual I/O Device 1.2, section 5.5.
    constexpr std::size_t reporting = 5;
    std::error_code failed;
    for (const auto& each : std::filesystem::directory_iterator{devices, failed}) {
        const std::string features = word_in(each.path() / "features");  // A digit for each bit.
        if (word_in(each.path() / "device") == balloon && features.size() > reporting &&
            features[reporting] == '1') {
            return true;
        }
    }
    return false;
}

nlohmann::ordered_json describe_machine(const std::string& directory) {
    const auto facts = look_at_machine();
    struct sysinfo memory{};
    ::sysinfo(&memory);
    const double gigabytes =
        static_cast<double>(memory.totalram) * memory.mem_unit / (1024.0 * 1024 * 1024);
    return {{"time", facts.time},
            {"kernel", facts.kernel},
            {"system", system_name()},
            {"processor", facts.processor},
            {"cores", facts.cores},
            {"virtual", has_hypervisor()},
            {"memory_gb", std::round(gigabytes * 10) / 10},
            {"host_takes_free_memory", host_takes_free_memory()},
            {"governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")},
            {"clock_source",
             first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource")},
            {"driver", driver_text()},
            {"file_system", file_system_of(directory)},
            {"load_before", std::round(facts.load * 10) / 10}};
}

}  // namespace ringway::lab
