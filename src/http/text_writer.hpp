// Composes short text in a buffer that somebody else owns.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace ringway::http {

/// Appends to the front of `room` for as long as it fits. `size` counts on past the end, so that a
/// writer without room measures.
class text_writer {
public:
    explicit text_writer(std::span<char> room) noexcept : room_{room} {}

    text_writer& text(std::string_view piece) noexcept {
        if (fits() && piece.size() <= room_.size() - size_ && !piece.empty()) {
            std::memcpy(room_.data() + size_, piece.data(), piece.size());
        }
        size_ += piece.size();
        return *this;
    }

    text_writer& number(std::uint64_t value) noexcept {
        char digits[20];
        const auto written = std::to_chars(digits, digits + sizeof digits, value);
        return text({digits, static_cast<std::size_t>(written.ptr - digits)});
    }

    /// Whether all of the text is in the buffer.
    [[nodiscard]] bool fits() const noexcept { return size_ <= room_.size(); }

    /// The length of all the text, whether it fits or not.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// What was written. Requires `fits()`.
    [[nodiscard]] std::string_view view() const noexcept { return {room_.data(), size_}; }

private:
    std::span<char> room_;
    std::size_t size_ = 0;
};

}  // namespace ringway::http
