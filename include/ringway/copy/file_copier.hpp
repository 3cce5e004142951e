// Copies the bytes of one open file into another.
#pragma once

#include <memory>

#include <ringway/base/result.hpp>
#include <ringway/copy/settings.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/worker_pool.hpp>

namespace ringway {

/// Copies on one shard. What blocks runs on threads of its own, which start when they are needed
/// and end with it; the `ring` methods run on the shard's driver.
class file_copier {
public:
    /// `threads`: for blocking calls of all its copies together, at least 1.
    file_copier(const copy_settings& settings, unsigned threads);
    ~file_copier();

    /// Makes `to` a copy of `from`: the same bytes and, as the settings say, the same holes.
    ///
    /// `to` is open for reading and writing, an empty file of its own, or one that has the first
    /// `present` bytes already (or something that is no regular file and takes a stream).
    /// Positions, and O_DIRECT, of both are changed. The copy holds what `from` held when the call
    /// began; what is appended meanwhile is left out, see `copy_report::grew`. Files that do not
    /// say their size (/proc, pipes, devices) are read until they end. Fails with `truncated` if
    /// the source shrank meanwhile; `unsupported` with the errno if a method that was asked for
    /// can't be used on these files; `canceled`; else with the errno of what failed: ENOSPC,
    /// EDQUOT, EFBIG, EIO. `to` holds a part then: remove it. Lifetime: both descriptors and
    /// `meter` until it resumes. Cancel: heard within a few MiB. Resumes: on this shard. Kernel:
    /// reflinks since 4.5, copy_file_range across file systems 5.3.
    [[nodiscard]] task<result<copy_report>> copy(int from, int to, copy_meter& meter,
                                                 std::uint64_t present = 0);

    [[nodiscard]] const copy_settings& settings() const noexcept { return settings_; }
    [[nodiscard]] worker_pool& workers() noexcept { return workers_; }

private:
    copy_settings settings_;
    worker_pool workers_;
};

}  // namespace ringway
