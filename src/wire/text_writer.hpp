// Putting texts and numbers together without allocation.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include <ringway/base/assert.hpp>

namespace ringway::wire::detail {

/// Puts texts one after the other into memory of fixed size, which the caller made large enough.
class text_writer {
public:
    explicit text_writer(std::span<char> out) noexcept : out_{out} {}

    void add(std::string_view text) noexcept {
        RW_ASSERT(text.size() <= out_.size() - size_);
        if (!text.empty()) {
            std::memcpy(out_.data() + size_, text.data(), text.size());
            size_ += text.size();
        }
    }
    template <std::integral Number>
    void add_number(Number number, int base = 10) noexcept {
        char* const end = out_.data() + out_.size();
        const auto done = std::to_chars(out_.data() + size_, end, number, base);
        RW_ASSERT(done.ec == std::errc{});
        size_ = static_cast<std::size_t>(done.ptr - out_.data());
    }
    [[nodiscard]] std::string_view text() const noexcept { return {out_.data(), size_}; }

private:
    std::span<char> out_;
    std::size_t size_ = 0;
};

}  // namespace ringway::wire::detail
