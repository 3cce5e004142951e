#include "lab/machine.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <sys/utsname.h>

namespace ringway::lab {
namespace {

std::string processor_name() {
    std::ifstream file{"/proc/cpuinfo"};
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("model name")) {
            const auto colon = line.find(": ");
            return colon == std::string::npos ? line : line.substr(colon + 2);
        }
    }
    return "unknown";
}

std::string time_text() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

}  // namespace

machine_facts look_at_machine() {
    utsname names{};
    ::uname(&names);
    cpu_set_t usable;
    const bool known = ::sched_getaffinity(0, sizeof usable, &usable) == 0;
    double load = 0;
    ::getloadavg(&load, 1);
    return {.kernel = names.release,
            .processor = processor_name(),
            .cores = known ? static_cast<unsigned>(CPU_COUNT(&usable)) : 0,
            .load = load,
            .time = time_text()};
}

machine_ticks parse_machine_ticks(const std::string& line) {
    // cpu user nice system idle iowait irq softirq steal; guests are counted as user already.
    std::istringstream words{line};
    std::string name;
    words >> name;
    machine_ticks ticks;
    std::uint64_t value = 0;
    for (int i = 0; i < 8 && words >> value; ++i) {
        ticks.total += value;
        ticks.idle += i == 3 || i == 4 ? value : 0;
        ticks.stolen += i == 7 ? value : 0;
    }
    return ticks;
}

machine_ticks read_machine_ticks() {
    std::ifstream file{"/proc/stat"};
    std::string line;
    std::getline(file, line);
    return parse_machine_ticks(line);
}

machine_use use_between(const machine_ticks& from, const machine_ticks& to) noexcept {
    const auto total = static_cast<double>(to.total - from.total);
    if (total <= 0) {
        return {};
    }
    const auto idle = static_cast<double>(to.idle - from.idle);
    const auto stolen = static_cast<double>(to.stolen - from.stolen);
    return {.busy = 100 * (total - idle) / total, .stolen = 100 * stolen / total};
}

}  // namespace ringway::lab
