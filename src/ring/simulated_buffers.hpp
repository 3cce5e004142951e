// The receive buffers of a simulated kernel: whoever uses one after giving it back is found out.
#pragma once

#include <cstdint>
#include <vector>

#include <ringway/ring/buffer_pool.hpp>

#include "ring/simulated_random.hpp"

namespace ringway::detail {

/// Hands buffers out in random order, and makes free ones unreadable: overwritten always, and
/// forbidden to touch where the address sanitizer watches.
class simulated_buffers final : public buffer_pool {
public:
    simulated_buffers(std::uint16_t count, std::uint32_t bytes_each, simulated_random& random);
    ~simulated_buffers() override;

    /// A free buffer, or `completion::no_buffer`.
    [[nodiscard]] std::uint16_t take() noexcept;
    /// Puts back a buffer that was taken and not leased.
    void put_back(std::uint16_t id) noexcept { recycle(id); }

private:
    void recycle(std::uint16_t id) noexcept override;

    simulated_random& random_;
    std::vector<std::uint16_t> free_;
};

}  // namespace ringway::detail
