// Writing text into memory that is known to be large enough.
#pragma once

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ringway::observe::detail {

/// Appends at a cursor. The caller has made sure that all of it fits.
class line_writer {
public:
    explicit line_writer(char* begin) noexcept : begin_{begin}, at_{begin} {}

    void put(char c) noexcept { *at_++ = c; }
    void put(std::string_view text) noexcept {
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }
    void put_number(std::uint64_t value) noexcept { at_ = std::to_chars(at_, at_ + 20, value).ptr; }

    /// `value` in exactly `digits` decimal digits.
    void put_digits(std::uint64_t value, int digits) noexcept {
        for (int i = digits - 1; i >= 0; --i) {
            at_[i] = static_cast<char>('0' + value % 10);
            value /= 10;
        }
        at_ += digits;
    }

    /// Appends the longest prefix of `text` that is printable ASCII without quotes and backslashes,
    /// and returns its length. May write, but not keep, up to 7 bytes beyond it.
    std::size_t put_plain(std::string_view text) noexcept;

    [[nodiscard]] std::size_t size() const noexcept {
        return static_cast<std::size_t>(at_ - begin_);
    }

private:
    char* begin_;
    char* at_;
};

/// Whether `c` stands for itself in both log formats.
[[nodiscard]] constexpr bool is_plain(char c) noexcept {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/// The number of plain bytes at the start of the 8 bytes of `word`, in memory order.
[[nodiscard]] inline unsigned plain_bytes(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    constexpr std::uint64_t tops = ones * 0x80;
    // A top bit is set for each byte that isn't plain. A borrow can set further ones, but only
    // above a true one (lower addresses are lower bytes), and the first is what counts.
    const auto is = [word](std::uint64_t byte) {
        const auto zero = word ^ (ones * byte);
        return (zero - ones) & ~zero;
    };
    const auto below_space = (word - ones * 0x20) & ~word;
    const auto found = (word | below_space | is('"') | is('\\') | is(0x7f)) & tops;
    return found == 0 ? 8U : static_cast<unsigned>(__builtin_ctzll(found)) / 8U;
}
static_assert(std::endian::native == std::endian::little);

using sixteen_bytes [[gnu::vector_size(16)]] = signed char;

/// Whether all of `bytes` are plain. Bytes outside ASCII are below zero.
[[nodiscard]] inline bool all_plain(sixteen_bytes bytes) noexcept {
    const auto bad = (bytes < 0x20) | (bytes == '"') | (bytes == '\\') | (bytes == 0x7f);
    return __builtin_reduce_or(bad) == 0;
}

inline std::size_t line_writer::put_plain(std::string_view text) noexcept {
    const char* from = text.data();
    std::size_t left = text.size();
    while (left >= 16) {
        sixteen_bytes bytes;
        std::memcpy(&bytes, from, 16);
        if (!all_plain(bytes)) {
            break;
        }
        std::memcpy(at_, &bytes, 16);
        at_ += 16;
        from += 16;
        left -= 16;
    }
    while (left >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, 8);
        std::memcpy(at_, &word, 8);
        const auto plain = plain_bytes(word);
        at_ += plain;
        from += plain;
        left -= plain;
        if (plain < 8) {
            return text.size() - left;
        }
    }
    if (left > 0 && text.size() >= 8) {  // The last word once more overlaps what is known.
        const std::size_t known = 8 - left;
        std::uint64_t word = 0;
        std::memcpy(&word, from - known, 8);
        std::memcpy(at_ - known, &word, 8);
        const auto plain = plain_bytes(word) - known;
        at_ += plain;
        return text.size() - left + plain;
    }
    while (left > 0 && is_plain(*from)) {
        *at_++ = *from++;
        --left;
    }
    return text.size() - left;
}

}  // namespace ringway::observe::detail
