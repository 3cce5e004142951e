// Hearing of changes of certificate files.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>

namespace ringway::tls {

/// Watches whole directories by inotify(7): a renewed certificate is often a new file, or a link
/// that leads elsewhere. What happens behind links is not seen: look from time to time as well.
/// Used on one shard, and lives for as long as that runs.
class certificate_watch {
public:
    /// More directories than this are not watched.
    static constexpr std::size_t directories_max = 4096;

    /// Watches `directories` instead of those before; what does not exist is left out. Fails with
    /// the errno of inotify_init1(2), or of inotify_add_watch(2) when a limit of the system is
    /// reached: some are watched then.
    result<void> watch(std::span<const std::string> directories);

    /// Waits until something happens in one of them, since the last call or `watch`.
    /// Fails with `canceled` when stopped. Resumes: on this shard.
    [[nodiscard]] task<result<void>> changed();

private:
    [[nodiscard]] bool take_events() noexcept;

    unique_fd inotify_;
    std::vector<int> watches_;  // Numbers of the kernel.
};

}  // namespace ringway::tls
