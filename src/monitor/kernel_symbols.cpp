#include "monitor/kernel_symbols.hpp"

#include <charconv>
#include <fmt/core.h>
#include <fstream>
#include <map>

namespace ringway::monitor {
namespace {

constexpr std::uint64_t function_bytes_most = 1U << 20U;

struct nearest {
    std::uint64_t begin = 0;
    std::string name;
};

}  // namespace

void kernel_symbols::resolve(const std::vector<std::uint64_t>& addresses) {
    std::map<std::uint64_t, nearest> sought;
    for (const std::uint64_t each : addresses) {
        if (each != 0 && !names_.contains(each)) {
            sought.try_emplace(each);
        }
    }
    if (sought.empty()) {
        return;
    }
    std::ifstream in{file_};
    for (std::string line; std::getline(in, line);) {
        std::uint64_t begin = 0;
        const auto read = std::from_chars(line.data(), line.data() + line.size(), begin, 16);
        const auto left = static_cast<std::size_t>(line.data() + line.size() - read.ptr);
        if (begin == 0 || left < 4 || (read.ptr[1] != 't' && read.ptr[1] != 'T')) {
            continue;
        }
        // Everything from `begin` on may be in this function, unless a later one is nearer.
        for (auto at = sought.lower_bound(begin);
             at != sought.end() && at->first - begin < function_bytes_most; ++at) {
            if (begin > at->second.begin) {
                const std::string_view rest{read.ptr + 3, left - 3};
                at->second = {begin, std::string{rest.substr(0, rest.find_first_of(" \t"))}};
            }
        }
    }
    for (auto& [address, found] : sought) {
        names_[address] = found.name.empty()
                              ? std::string{}
                              : fmt::format("{}+0x{:x}", found.name, address - found.begin);
    }
}

std::string kernel_symbols::name(std::uint64_t address) const {
    const auto found = names_.find(address);
    return found != names_.end() ? found->second : std::string{};
}

}  // namespace ringway::monitor
