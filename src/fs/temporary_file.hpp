// What `replacement`, which works by the shard's driver, and `new_file` of copy, which blocks, have
// in common: files without a name, and names for a moment.
#pragma once

#include <array>
#include <string>

namespace ringway {

/// A name for a file that is to be called `name`: ".NAME.<16 digits>~", at random, at most 255
/// bytes.
[[nodiscard]] std::string temporary_name(const std::string& name);

/// Of names that are taken, before giving up.
inline constexpr int temporary_name_tries = 8;

/// Whether files without a name can get one: that needs /proc (linkat(2), AT_SYMLINK_FOLLOW).
[[nodiscard]] bool can_name_files() noexcept;

/// Whether open(2) with O_TMPFILE failed with `sys` because the file system or the kernel knows no
/// files without a name.
[[nodiscard]] bool lacks_unnamed_files(int sys) noexcept;

/// A path of what is open as `fd`, for linkat(2) with AT_SYMLINK_FOLLOW.
[[nodiscard]] std::array<char, 32> path_of_open_file(int fd) noexcept;

}  // namespace ringway
