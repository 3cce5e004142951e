// Memory that shrinks while its owner has nothing to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace ringway {

/// What a library keeps for one connection: mostly zeros, small numbers and pointers into itself.
/// `rest` packs all of it into as few bytes as that takes and gives its pages back to the kernel;
/// `wake` puts everything back where it was, so that no pointer changes.
///
/// Comes from a region of its own address space; what does not fit comes from operator new and does
/// not rest. Under AddressSanitizer all of it does, since the sanitizer can't see into a region.
/// Of one thread, from the first allocation to the last release.
class resting_memory {
public:
    static constexpr std::size_t region_bytes = std::size_t{256} * 1024;

    resting_memory() = default;
    resting_memory(const resting_memory&) = delete;
    resting_memory& operator=(const resting_memory&) = delete;
    /// Everything must have been released.
    ~resting_memory();

    /// Aligned like operator new's, which it ends the process like when memory runs out. Must be
    /// awake.
    [[nodiscard]] void* allocate(std::size_t bytes) noexcept;
    /// `bytes`: as it was allocated. Must be awake. The last release gives the region back.
    void release(void* memory, std::size_t bytes) noexcept;

    /// From now on nobody may read or write what was allocated, until `wake`.
    void rest() noexcept;
    /// Takes some tens of microseconds when it rests, and nothing otherwise.
    void wake() noexcept {
        if (packed_ != nullptr) {
            unpack();
        }
    }
    [[nodiscard]] bool rests() const noexcept { return packed_ != nullptr; }

    /// What it takes while it rests, beyond what came from operator new; 0 while awake.
    [[nodiscard]] std::size_t packed_bytes() const noexcept { return packed_bytes_; }
    /// Of its region.
    [[nodiscard]] std::size_t used_bytes() const noexcept { return top_; }

    /// False under AddressSanitizer.
    [[nodiscard]] static bool can_rest() noexcept;

    /// For tests, of any thread: who touches what rests is killed (SIGSEGV).
    static void guard_what_rests(bool guard) noexcept;

private:
    struct free_lists;

    [[nodiscard]] void* take(std::size_t bytes) noexcept;
    [[nodiscard]] bool has(const void* memory) const noexcept;
    void unpack() noexcept;

    std::byte* region_ = nullptr;
    std::unique_ptr<std::byte[]> packed_;
    std::uint32_t packed_bytes_ = 0;
    std::uint32_t top_ = 0;          // Everything behind was never used.
    std::uint32_t allocations_ = 0;  // That live in the region.
    bool guarded_ = false;
};

}  // namespace ringway
