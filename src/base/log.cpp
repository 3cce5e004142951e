#include <ringway/base/log.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <unistd.h>

namespace ringway {
namespace {

constexpr std::size_t line_bytes_max = 1024;

std::atomic<log_level> least_important{log_level::info};

constexpr std::string_view prefix_of(log_level level) noexcept {
    switch (level) {
        case log_level::error: return "ringway: error: ";
        case log_level::warning: return "ringway: warning: ";
        case log_level::info: return "ringway: ";
        case log_level::debug: return "ringway: debug: ";
    }
    return "ringway: ";
}

// A line that is put together on the stack; what does not fit is cut off.
class line {
public:
    void add(char c) noexcept {
        if (size_ < bytes_.size() - 1) {  // One byte stays for the line feed.
            bytes_[size_++] = c;
        }
    }
    void add_escaped(char c) noexcept {
        const auto code = static_cast<unsigned char>(c);
        if (code >= 0x20 && code != 0x7f) {
            add(c);
            return;
        }
        constexpr std::string_view digits = "0123456789abcdef";
        add('\\');
        add('x');
        add(digits[code >> 4]);
        add(digits[code & 15]);
    }
    void write() noexcept {
        bytes_[size_++] = '\n';
        [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, bytes_.data(), size_);
    }

private:
    std::array<char, line_bytes_max> bytes_;
    std::size_t size_ = 0;
};

}  // namespace

void set_log_level(log_level level) noexcept {
    least_important.store(level, std::memory_order_relaxed);
}

bool log_enabled(log_level level) noexcept {
    return level <= least_important.load(std::memory_order_relaxed);
}

void log_line(log_level level, std::string_view text) noexcept {
    if (!log_enabled(level)) {
        return;
    }
    line out;
    for (const char c : prefix_of(level)) {
        out.add(c);
    }
    for (const char c : text) {
        out.add_escaped(c);
    }
    out.write();
}

}  // namespace ringway
