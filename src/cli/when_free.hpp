// Patience with a port that is free in a moment.
#pragma once

#include <cerrno>
#include <chrono>
#include <thread>

namespace ringway::cli {

/// Calls `open`, which yields a result, again for up to `patience` while the address is in use. Of
/// a process that was killed the kernel cancels the io_uring operations after its death, and these
/// hold its sockets until then: a service that is started anew at once would find its own port
/// taken. Blocks: for the start of a program.
template <class Open>
[[nodiscard]] auto when_free(Open open,
                             std::chrono::milliseconds patience = std::chrono::seconds{1}) {
    constexpr std::chrono::milliseconds between_tries{10};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto made = open();
    while (!made && made.error().sys == EADDRINUSE && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(between_tries);
        made = open();
    }
    return made;
}

}  // namespace ringway::cli
