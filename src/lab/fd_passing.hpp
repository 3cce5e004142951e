// Descriptors that one process makes and another one uses.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include <ringway/base/unique_fd.hpp>

namespace ringway::lab {

/// How a helper process that makes descriptors has ended.
struct helper_report {
    static constexpr std::size_t fds_max = 8;

    int step = 0;   ///< What was tried last; its meaning is the helper's.
    int error = 0;  ///< The errno that it failed with; 0 after success.
    std::size_t count = 0;
    std::array<unique_fd, fds_max> fds;
};

/// What a helper has to say, as plain data.
struct helper_result {
    int step = 0;
    int error = 0;
    std::array<int, helper_report::fds_max> fds{};
    std::size_t count = 0;
};

/// Runs `work` in a forked process and yields the descriptors that it has opened there. `work` may
/// make only system calls (signal-safety(7)): other threads' locks are held for ever in there.
/// Nothing if there is no process or no socket to be had, or the helper died.
[[nodiscard]] std::optional<helper_report> run_helper(helper_result (*work)(const void* argument),
                                                      const void* argument);

}  // namespace ringway::lab
