#include "tls/output_memory.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace ringway::tls {
namespace {

// Blocks that stay with the shard; more go back to the system.
constexpr std::size_t kept_max = 64;

std::vector<std::unique_ptr<std::byte[]>>& kept() {
    thread_local std::vector<std::unique_ptr<std::byte[]>> list = [] {
        std::vector<std::unique_ptr<std::byte[]>> made;
        made.reserve(kept_max);
        return made;
    }();
    return list;
}

}  // namespace

output_block output_block::take() {
    output_block block;
    auto& list = kept();
    if (list.empty()) {
        block.memory_ = std::make_unique_for_overwrite<std::byte[]>(output_block_bytes);
    } else {
        block.memory_ = std::move(list.back());
        list.pop_back();
    }
    return block;
}

output_block& output_block::operator=(output_block&& other) noexcept {
    std::swap(memory_, other.memory_);
    return *this;
}

void output_block::release() noexcept {
    if (memory_ != nullptr && kept().size() < kept_max) {
        kept().push_back(std::move(memory_));
    }
    memory_.reset();
}

}  // namespace ringway::tls
