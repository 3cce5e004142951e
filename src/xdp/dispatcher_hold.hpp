// A program in libxdp's dispatcher that leaves it when its process dies.
#pragma once

#include <cstdint>
#include <string>

#include <ringway/base/unique_fd.hpp>

namespace ringway::xdp {

/// libxdp pins the link by which a program hangs in its dispatcher, so that it stays when the
/// process ends. This takes the link off the file system and keeps its descriptor: the kernel then
/// takes the program out with the process, and the others run on. libxdp wants a file of that name
/// when it makes a new dispatcher, so the program itself is pinned in its place; where that program
/// is linked nowhere, its process has died. A new dispatcher that is made after that links it once
/// more; so while it is held, the program is also pinned as ringway/held-INTERFACE-PROGRAM, which
/// tells whose it was.
class dispatcher_hold {
public:
    dispatcher_hold() = default;
    dispatcher_hold(const dispatcher_hold&) = delete;
    dispatcher_hold& operator=(const dispatcher_hold&) = delete;
    ~dispatcher_hold();

    /// Takes the link of `program` in `dispatcher`, both by their numbers, on `interface`. False
    /// where it is not found: then it stays as libxdp left it.
    [[nodiscard]] bool take(unsigned interface, std::uint32_t dispatcher,
                            std::uint32_t program) noexcept;

    /// Whether `dispatcher` runs `program`, as libxdp has it on its list.
    [[nodiscard]] static bool is_listed(unsigned interface, std::uint32_t dispatcher,
                                        std::uint32_t program) noexcept;

    /// Which dispatcher the link is of; 0 before `take`, and after one that failed.
    [[nodiscard]] std::uint32_t dispatcher() const noexcept { return dispatcher_; }

    /// Number of a program in `dispatcher` that was held, and whose process has died; 0: none.
    /// Blocks for three seconds where one was linked anew: that its process has not taken the link
    /// by then is how this is known.
    [[nodiscard]] static std::uint32_t find_abandoned(unsigned interface,
                                                      std::uint32_t dispatcher) noexcept;

    /// Takes away what tells of programs on `interface` that `dispatcher` does not run; 0: of all.
    static void forget_gone(unsigned interface, std::uint32_t dispatcher) noexcept;

private:
    unique_fd link_;
    std::string marker_;  // Path of the program's second pin.
    std::uint32_t dispatcher_ = 0;
};

}  // namespace ringway::xdp
