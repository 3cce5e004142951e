// The facts of a name in a directory.
#pragma once

#include <ringway/base/result.hpp>
#include <ringway/fs/file_status.hpp>

namespace ringway {

/// fstatat(2) of `name`, a symbolic link itself and not its target. May wait for storage.
[[nodiscard]] result<file_status> status_at(int directory, const char* name) noexcept;

}  // namespace ringway
