// What was found in the page cache a moment ago, so that a hot file is not searched each time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ringway/ring/driver.hpp>
#include <ringway/transfer/payload.hpp>

namespace ringway {

/// Remembers for `trusted_for` what was resident. Asking the kernel for 1 MiB takes 35,000
/// instructions where it is cached page by page, a tenth of what sending it takes. One per shard.
class residency_memory {
public:
    static constexpr nanoseconds trusted_for{100'000'000};

    /// Whether `slice` is in the page cache, as `is_resident` says, or has said at most
    /// `trusted_for` before `now`: so the answer may be wrong for that long after pages were
    /// dropped, and who relies on it then waits for the disk. Of a part that begins within what is
    /// known only the rest is asked for, as sockets take parts in pieces of any size.
    [[nodiscard]] bool is_resident(const shared_file& file, file_slice slice,
                                   nanoseconds now) noexcept;

private:
    struct range {
        std::uint64_t file = 0;  // shared_file::id, which is never 0.
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        nanoseconds until{0};
    };
    static constexpr std::size_t ranges_max = 128;

    [[nodiscard]] range& place_of(std::uint64_t file, std::uint64_t offset) noexcept;

    std::array<range, ranges_max> ranges_{};  // By a hash: a newer one replaces an older one.
};

}  // namespace ringway
