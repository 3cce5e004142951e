// Opening beneath a root through the shard's driver.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/file.hpp>
#include <ringway/fs/root.hpp>

namespace ringway {

/// The flags of open(2) for `mode`.
[[nodiscard]] std::uint64_t flags_of(open_mode mode) noexcept;

/// Opens `path` beneath `where` with `flags` of open(2); see `root::open_beneath`.
[[nodiscard]] task<result<opened_file>> open_task(const root& where, std::string path,
                                                  symlink_policy policy, std::uint64_t flags);

/// Opens `path` for reading if that waits for nothing: `would_block` else; see
/// `root::try_open_now`.
[[nodiscard]] result<unique_fd> open_cached(const root& where, std::string_view path,
                                            symlink_policy policy) noexcept;

/// What fstat(2) says of `fd`, and, for a regular file, without O_NONBLOCK: that served its purpose
/// in open, and reads must not fail with EAGAIN where the file system can't read without waiting.
/// Of the `flags` it was opened with, O_DIRECT and O_APPEND are kept.
[[nodiscard]] result<opened_file> look_at(unique_fd fd, std::uint64_t flags = 0) noexcept;

}  // namespace ringway
