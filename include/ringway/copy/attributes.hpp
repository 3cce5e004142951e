// What a file has beside its bytes.
#pragma once

#include <sys/stat.h>

#include <ringway/base/result.hpp>

namespace ringway {

/// What a copy takes over from its source. The permission bits, less the umask, always.
struct kept_attributes {
    bool mode = false;    ///< Permissions without regard to the umask, set-id bits and all.
    bool owner = false;   ///< User and group; without the right to, what is permitted.
    bool times = false;   ///< Access and modification, to the nanosecond.
    bool xattrs = false;  ///< Extended attributes, POSIX ACLs among them, as far as both can.

    [[nodiscard]] bool any() const noexcept { return mode || owner || times || xattrs; }
};

/// Gives `to` what `kept` says of the source, whose facts are `source`. `from` is the source open
/// for reading. Fails with the errno of the first that failed; the others are done all the same. A
/// user who may not give files away gives no owner, which is no failure, and then no set-id bits.
[[nodiscard]] result<void> copy_attributes(int from, const struct stat& source, int to,
                                           const kept_attributes& kept) noexcept;

/// The same for a symbolic link, or what can't be opened: owner and times of `name` in `directory`.
[[nodiscard]] result<void> copy_attributes_at(const struct stat& source, int directory,
                                              const char* name,
                                              const kept_attributes& kept) noexcept;

}  // namespace ringway
