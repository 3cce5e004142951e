#include "copy/compare.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>

#include "copy/lane_memory.hpp"

namespace ringway {
namespace {

constexpr std::size_t block_bytes = std::size_t{256} << 10U;
constexpr std::size_t sha256_bytes = 32;

// Until it is full or the file ends.
result<std::size_t> read_block(int file, byte_span into, std::uint64_t offset) noexcept {
    std::size_t got = 0;
    while (got < into.size()) {
        const ssize_t more =
            ::pread(file, into.data() + got, into.size() - got, static_cast<off_t>(offset + got));
        if (more < 0 && errno == EINTR) {
            continue;
        }
        if (more < 0) {
            return fail_errno(errno);
        }
        if (more == 0) {
            break;
        }
        got += static_cast<std::size_t>(more);
    }
    return got;
}

std::string hexadecimal(const std::array<unsigned char, sha256_bytes>& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

}  // namespace

result<std::uint64_t> common_prefix(int one, int other, std::uint64_t length,
                                    const std::atomic<bool>& stop) {
    const byte_span memory = lane_memory(2 * block_bytes);
    std::uint64_t same = 0;
    while (same < length) {
        if (stop.load(std::memory_order_relaxed)) {
            return fail_errno(ECANCELED);
        }
        const auto wanted = std::min<std::uint64_t>(block_bytes, length - same);
        const byte_span left = memory.first(wanted);
        const byte_span right = memory.subspan(block_bytes, wanted);
        const auto mine = read_block(one, left, same);
        const auto theirs = read_block(other, right, same);
        if (!mine || !theirs) {
            return std::unexpected{mine ? theirs.error() : mine.error()};
        }
        const std::size_t both = std::min(*mine, *theirs);
        if (both == 0 || std::memcmp(left.data(), right.data(), both) != 0) {
            break;
        }
        same += both;
    }
    return same;
}

result<std::string> sha256_of(int file, bool from_storage, const std::atomic<bool>& stop) {
    if (from_storage) {
        if (::fdatasync(file) != 0 && errno != EINVAL) {
            return fail_errno(errno);
        }
        ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    }
    const byte_span memory = lane_memory(block_bytes);
    // A program may have kept GnuTLS from doing so when it was loaded.
    static const bool ready = gnutls_global_init() >= 0;
    gnutls_hash_hd_t hash = nullptr;
    if (!ready || gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0) {
        return fail(errc::unsupported);
    }
    std::array<unsigned char, sha256_bytes> sum{};
    for (std::uint64_t at = 0;;) {
        const bool stopped = stop.load(std::memory_order_relaxed);
        const auto got = read_block(file, memory, at);
        if (!got || *got == 0 || stopped) {
            gnutls_hash_deinit(hash, sum.data());
            if (stopped) {
                return fail_errno(ECANCELED);
            }
            return got ? result<std::string>{hexadecimal(sum)} : std::unexpected{got.error()};
        }
        RW_ASSERT(gnutls_hash(hash, memory.data(), *got) >= 0);
        at += *got;
    }
}

}  // namespace ringway
