// Whether this is built for a sanitizer, for what can't be as usual there.
#pragma once

namespace ringway {

/// Keeps freed memory for a while, and watches memory that really comes and goes.
#if !defined(__has_feature)
inline constexpr bool under_address_sanitizer = false;
#elif __has_feature(address_sanitizer)
inline constexpr bool under_address_sanitizer = true;
#else
inline constexpr bool under_address_sanitizer = false;
#endif

/// Blocks every signal around a handler, whatever sigaction(2) was asked.
#if !defined(__has_feature)
inline constexpr bool under_thread_sanitizer = false;
#elif __has_feature(thread_sanitizer)
inline constexpr bool under_thread_sanitizer = true;
#else
inline constexpr bool under_thread_sanitizer = false;
#endif

/// Has an allocator of its own, needs /proc, makes mlock(2) do nothing.
inline constexpr bool under_sanitizer = under_address_sanitizer || under_thread_sanitizer;

}  // namespace ringway
