// RW_ASSERT: our own bugs end the process, in release builds too.
#pragma once

namespace ringway::detail {
/// Prints what was violated and where to standard error, then aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}  // namespace ringway::detail

/// Aborts when `condition` is false. For violated invariants only: what a peer, the kernel, a file
/// or a user can cause is a `result`.
#define RW_ASSERT(condition)      \
    (static_cast<bool>(condition) \
         ? static_cast<void>(0)   \
         : ::ringway::detail::assertion_failed(#condition, __FILE__, __LINE__))
