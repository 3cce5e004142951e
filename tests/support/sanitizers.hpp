// Whether the tests run under a sanitizer, for what can't be seen there.
#pragma once

namespace ringway::test {

/// Keeps freed memory for a while, needs /proc for its search for leaks, and makes mlock(2) do
/// nothing.
#if __has_feature(address_sanitizer)
inline constexpr bool under_address_sanitizer = true;
#else
inline constexpr bool under_address_sanitizer = false;
#endif

#if __has_feature(thread_sanitizer)
inline constexpr bool under_thread_sanitizer = true;
#else
inline constexpr bool under_thread_sanitizer = false;
#endif

}  // namespace ringway::test
