// Memory for output: taken from the shard's list while there is something to send.
#pragma once

#include <cstddef>
#include <memory>

namespace ringway::tls {

/// A block of `output_block_bytes`, or none. Goes back to the list of its thread when it dies.
class output_block {
public:
    output_block() = default;
    output_block(output_block&&) = default;
    output_block& operator=(output_block&& other) noexcept;
    ~output_block() { release(); }

    [[nodiscard]] static output_block take();
    [[nodiscard]] std::byte* data() const noexcept { return memory_.get(); }
    [[nodiscard]] explicit operator bool() const noexcept { return memory_ != nullptr; }
    /// Gives the block back now.
    void release() noexcept;

private:
    std::unique_ptr<std::byte[]> memory_;
};

/// Plaintext that one flush takes, and the room that its records need around it: the smallest
/// records make the most headers.
constexpr std::size_t output_plain_bytes = std::size_t{64} * 1024;
constexpr std::size_t output_block_bytes = output_plain_bytes + 2048;

}  // namespace ringway::tls
