// Whether two files hold the same bytes, and what their bytes sum up to.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <ringway/base/result.hpp>

namespace ringway {

/// The number of bytes, at most `length`, that `one` and `other` have in common from their begin
/// on, in whole blocks but for the last. Fails with the errno of pread(2), or `canceled`. Blocks.
[[nodiscard]] result<std::uint64_t> common_prefix(int one, int other, std::uint64_t length,
                                                  const std::atomic<bool>& stop);

/// The SHA-256 of the file, in hexadecimal; with `from_storage` what is on the device, as far as
/// that can be told apart (it is synced and dropped from the page cache first). Fails as above.
[[nodiscard]] result<std::string> sha256_of(int file, bool from_storage,
                                            const std::atomic<bool>& stop);

}  // namespace ringway
