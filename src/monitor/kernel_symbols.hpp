// Names of the functions of the kernel.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace ringway::monitor {

/// Looks addresses up in a list like /proc/kallsyms, and remembers what it found. Without
/// privilege the kernel tells no addresses there, and names are empty.
class kernel_symbols {
public:
    explicit kernel_symbols(std::string file = "/proc/kallsyms") : file_{std::move(file)} {}

    /// Makes the names of all `addresses` known, in one pass through the file at most.
    void resolve(const std::vector<std::uint64_t>& addresses);

    /// "function+0x1f", or empty. After `resolve` of it.
    [[nodiscard]] std::string name(std::uint64_t address) const;

private:
    std::string file_;
    std::unordered_map<std::uint64_t, std::string> names_;
};

}  // namespace ringway::monitor
