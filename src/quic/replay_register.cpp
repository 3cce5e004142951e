#include <ringway/quic/replay_register.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <memory>
#include <span>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway::quic {
namespace {

// One slot is a word: 36 bits of the key's hash, and when it ends in 28 bits of seconds. 0: free.
constexpr unsigned end_bits = 28;
constexpr std::uint64_t end_mask = (std::uint64_t{1} << end_bits) - 1;
constexpr std::size_t bucket_slots = 16;  // Two cache lines. A key can only be in its bucket.
constexpr std::uint64_t magic = 0x72772d7265706c79;

bool has_ended(std::uint64_t slot, std::uint64_t now) noexcept { return (slot & end_mask) <= now; }

bool is_same(std::uint64_t slot, std::uint64_t print) noexcept {
    return (slot & ~end_mask) == print;
}

}  // namespace

struct replay_register::memory {
    std::uint64_t kind = magic;
    std::uint64_t entries = 0;
    std::int64_t start_unix_s = 0;  // What ends is counted from here.
    // Of the hash: so nobody can aim at a bucket.
    std::array<std::byte, 32> key{};
    std::array<std::byte, 8> fills_a_line{};

    [[nodiscard]] std::span<slot> slots() noexcept {
        return {reinterpret_cast<slot*>(this + 1), entries};
    }
};

replay_register::replay_register(unique_fd shared, memory* at, std::size_t bytes) noexcept
    : shared_{std::move(shared)}, memory_{at}, bytes_{bytes} {
    static_assert(sizeof(memory) == 64 && slot::is_always_lock_free);
}

replay_register::~replay_register() { ::munmap(memory_, bytes_); }

result<std::unique_ptr<replay_register>> replay_register::map(unique_fd shared, std::size_t bytes) {
    void* const at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, shared.get(), 0);
    if (at == MAP_FAILED) {
        return fail_errno(errno);
    }
    return std::unique_ptr<replay_register>{
        new replay_register{std::move(shared), static_cast<memory*>(at), bytes}};
}

result<std::unique_ptr<replay_register>> replay_register::make(std::size_t entries) {
    if (entries > entries_max) {
        return fail(errc::invalid_argument);
    }
    entries = std::bit_ceil(std::max<std::size_t>(entries, 64));
    const std::size_t bytes = sizeof(memory) + entries * sizeof(slot);
    unique_fd shared{::memfd_create("ringway-replay", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!shared || ::ftruncate(shared.get(), static_cast<off_t>(bytes)) != 0 ||
        ::fcntl(shared.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
        return fail_errno(errno);
    }
    auto made = map(std::move(shared), bytes);
    if (made) {
        auto* const head = new ((*made)->memory_) memory{};
        head->entries = entries;
        head->start_unix_s = std::chrono::duration_cast<std::chrono::seconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count();
        const int failed = gnutls_rnd(GNUTLS_RND_KEY, head->key.data(), head->key.size());
        RW_ASSERT(failed == 0);
    }
    return made;
}

result<std::unique_ptr<replay_register>> replay_register::attach(unique_fd shared) {
    struct stat facts{};
    if (::fstat(shared.get(), &facts) != 0) {
        return fail_errno(errno);
    }
    // One whose size is not fixed could be cut off under us.
    const int seals = ::fcntl(shared.get(), F_GET_SEALS);
    const auto bytes = static_cast<std::size_t>(facts.st_size);
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || bytes < sizeof(memory)) {
        return fail(errc::malformed);
    }
    auto made = map(std::move(shared), bytes);
    if (made) {
        const memory& head = *(*made)->memory_;
        if (head.kind != magic || !std::has_single_bit(head.entries) ||
            head.entries < bucket_slots || head.entries > entries_max ||
            bytes != sizeof(memory) + head.entries * sizeof(slot)) {
            return fail(errc::malformed);
        }
    }
    return made;
}

std::size_t replay_register::entries() const noexcept { return memory_->entries; }

// Two who add the same key at once may find different slots. So each looks at the whole bucket
// again afterwards: of two, the later in the order of all these operations sees the other's entry.
// Both may; then nobody takes the data, which costs a round trip.
replay_register::verdict replay_register::add(byte_view key, std::int64_t now_unix_s,
                                              std::chrono::seconds retention) noexcept {
    // A second more: the caller's and GnuTLS's may round to different sides.
    const std::int64_t now_s = std::max<std::int64_t>(now_unix_s - memory_->start_unix_s, 0) + 1;
    const auto now = static_cast<std::uint64_t>(now_s);
    const std::uint64_t end = now + static_cast<std::uint64_t>(retention.count()) + 1;
    if (end > end_mask) {
        return verdict::full;
    }
    std::array<std::uint64_t, 4> hash{};
    const int failed = gnutls_hmac_fast(GNUTLS_MAC_SHA256, memory_->key.data(), memory_->key.size(),
                                        key.data(), key.size(), hash.data());
    RW_ASSERT(failed == 0);
    const std::uint64_t print = hash[0] & ~end_mask;
    const std::size_t bucket = (hash[1] & (memory_->entries / bucket_slots - 1)) * bucket_slots;
    const std::span<slot> slots = memory_->slots().subspan(bucket, bucket_slots);
    const auto is_there = [&](const slot* except) {
        return std::ranges::any_of(slots, [&](const slot& each) {
            const std::uint64_t value = each.load();
            return &each != except && is_same(value, print) && !has_ended(value, now);
        });
    };
    if (is_there(nullptr)) {
        return verdict::seen;
    }
    for (slot& each : slots) {
        std::uint64_t value = each.load();
        if (has_ended(value, now) && each.compare_exchange_strong(value, print | end)) {
            return is_there(&each) ? verdict::seen : verdict::fresh;
        }
    }
    return verdict::full;
}

}  // namespace ringway::quic
