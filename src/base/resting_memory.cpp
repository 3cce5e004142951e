#include "base/resting_memory.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>

#include "base/packed_words.hpp"
#include "base/sanitizers.hpp"

namespace ringway {
namespace {

constexpr std::size_t step = alignof(std::max_align_t);
constexpr std::size_t fine_max = 1024;    // Up to here a size class has `step` bytes,
constexpr std::size_t coarse_step = 512;  // above this many,
constexpr std::size_t coarse_max = std::size_t{16} * 1024;  // and none above this: they are seldom.
constexpr std::size_t fine_classes = fine_max / step;
constexpr std::size_t class_count = fine_classes + (coarse_max - fine_max) / coarse_step;
constexpr std::size_t regions_per_slab = 32;

constexpr std::size_t class_of(std::size_t bytes) noexcept {
    return bytes <= fine_max ? (bytes - 1) / step
                             : fine_classes + (bytes - fine_max - 1) / coarse_step;
}

constexpr std::size_t bytes_of(std::size_t of_class) noexcept {
    return of_class < fine_classes ? (of_class + 1) * step
                                   : fine_max + (of_class - fine_classes + 1) * coarse_step;
}

std::atomic<bool> guarding{false};

std::size_t whole_pages(std::size_t bytes) noexcept {
    static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
}

// Regions of a thread that nobody uses. They take address space only.
class region_pool {
public:
    region_pool() = default;
    region_pool(const region_pool&) = delete;
    region_pool& operator=(const region_pool&) = delete;
    ~region_pool() {
        for (void* const slab : slabs_) {
            ::munmap(slab, slab_bytes);
        }
    }

    // Null when there is no address space.
    std::byte* take() noexcept {
        if (free_.empty() && !add_slab()) {
            return nullptr;
        }
        std::byte* const taken = free_.back();
        free_.pop_back();
        return taken;
    }

    void give_back(std::byte* region, std::size_t used) noexcept {
        ::madvise(region, whole_pages(used), MADV_DONTNEED);
        free_.push_back(region);
    }

private:
    static constexpr std::size_t slab_bytes = regions_per_slab * resting_memory::region_bytes;

    bool add_slab() noexcept {
        void* const slab = ::mmap(nullptr, slab_bytes, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (slab == MAP_FAILED) {
            return false;
        }
        // A huge page would take as much as many connections.
        ::madvise(slab, slab_bytes, MADV_NOHUGEPAGE);
        slabs_.push_back(slab);
        for (std::size_t i = regions_per_slab; i > 0; --i) {
            free_.push_back(static_cast<std::byte*>(slab) + (i - 1) * resting_memory::region_bytes);
        }
        return true;
    }

    std::vector<void*> slabs_;
    std::vector<std::byte*> free_;
};

region_pool& pool_here() noexcept {
    thread_local region_pool pool;
    return pool;
}

}  // namespace

// At the beginning of the region, so that they are packed with it.
struct resting_memory::free_lists {
    std::array<void*, class_count> first{};
};

resting_memory::~resting_memory() { RW_ASSERT(allocations_ == 0 && region_ == nullptr); }

bool resting_memory::has(const void* memory) const noexcept {
    const auto* const at = static_cast<const std::byte*>(memory);
    return region_ != nullptr && at >= region_ && at < region_ + region_bytes;
}

void* resting_memory::allocate(std::size_t bytes) noexcept {
    RW_ASSERT(!rests());
    bytes = std::max<std::size_t>(bytes, 1);
    void* const taken = under_address_sanitizer || bytes > coarse_max ? nullptr : take(bytes);
    return taken != nullptr ? taken : ::operator new(bytes);
}

void* resting_memory::take(std::size_t bytes) noexcept {
    if (region_ == nullptr) {
        region_ = pool_here().take();
        if (region_ == nullptr) {
            return nullptr;
        }
        ::new (region_) free_lists{};
        static_assert(sizeof(free_lists) % step == 0);
        top_ = sizeof(free_lists);
    }
    const std::size_t kind = class_of(bytes);
    void*& first = reinterpret_cast<free_lists*>(region_)->first[kind];
    void* taken = first;
    if (taken != nullptr) {
        std::memcpy(static_cast<void*>(&first), taken, sizeof first);
    } else if (top_ + bytes_of(kind) <= region_bytes) {
        taken = region_ + top_;
        top_ += static_cast<std::uint32_t>(bytes_of(kind));
    } else {
        return nullptr;
    }
    ++allocations_;
    return taken;
}

void resting_memory::release(void* memory, std::size_t bytes) noexcept {
    RW_ASSERT(!rests());
    if (!has(memory)) {
        ::operator delete(memory);
        return;
    }
    void*& first =
        reinterpret_cast<free_lists*>(region_)->first[class_of(std::max<std::size_t>(bytes, 1))];
    std::memcpy(memory, static_cast<const void*>(&first), sizeof first);
    first = memory;
    RW_ASSERT(allocations_ > 0);
    if (--allocations_ == 0) {
        pool_here().give_back(std::exchange(region_, nullptr), std::exchange(top_, 0));
    }
}

void resting_memory::rest() noexcept {
    if (region_ == nullptr || rests()) {
        return;
    }
    thread_local std::vector<std::byte> room(packed_words_max(region_bytes));
    const auto base = reinterpret_cast<std::uint64_t>(region_);
    const std::size_t size = pack_words({region_, top_}, base, room);
    packed_ = std::make_unique_for_overwrite<std::byte[]>(size);
    packed_bytes_ = static_cast<std::uint32_t>(size);
    std::copy_n(room.begin(), size, packed_.get());
    ::madvise(region_, whole_pages(top_), MADV_DONTNEED);
    if (guarding.load(std::memory_order_relaxed)) {
        guarded_ = ::mprotect(region_, region_bytes, PROT_NONE) == 0;
    }
}

void resting_memory::unpack() noexcept {
    if (std::exchange(guarded_, false)) {
        const int failed = ::mprotect(region_, region_bytes, PROT_READ | PROT_WRITE);
        RW_ASSERT(failed == 0);
    }
    unpack_words({packed_.get(), packed_bytes_}, reinterpret_cast<std::uint64_t>(region_),
                 {region_, top_});
    packed_.reset();
    packed_bytes_ = 0;
}

bool resting_memory::can_rest() noexcept { return !under_address_sanitizer; }

void resting_memory::guard_what_rests(bool guard) noexcept { guarding.store(guard); }

}  // namespace ringway
