#include "runtime/thread_times.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace ringway {
namespace {

using buffer = std::array<char, 512>;

std::string_view read_of(int thread, const char* name, buffer& memory) noexcept {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/proc/self/task/%d/%s", thread, name);
    const int fd = ::open(path.data(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return {};
    }
    const ssize_t size = ::read(fd, memory.data(), memory.size());
    ::close(fd);
    return {memory.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
}

// Takes the number at the start of `text`, and the space behind it, off it.
std::optional<std::chrono::nanoseconds> take_number(std::string_view& text) noexcept {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    text.remove_prefix(text.empty() ? 0 : 1);
    return std::chrono::nanoseconds{number};
}

}  // namespace

std::optional<thread_times> times_of(int thread) noexcept {
    buffer memory{};
    std::string_view text = read_of(thread, "schedstat", memory);
    const auto ran = take_number(text);
    const auto queued = take_number(text);
    if (!ran || !queued) {
        return std::nullopt;
    }
    text = read_of(thread, "stat", memory);
    const auto name_end = text.rfind(')');  // The name may contain anything.
    const bool known = name_end != std::string_view::npos && name_end + 2 < text.size();
    return thread_times{*ran, *queued, known && text[name_end + 2] == 'R'};
}

}  // namespace ringway
