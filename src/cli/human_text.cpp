#include "cli/human_text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/core.h>
#include <string_view>
#include <unistd.h>

namespace ringway::cli {

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 7> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        return fmt::format("{} B", bytes);
    }
    auto size = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (size >= 999.5 && unit + 1 < units.size()) {
        size /= 1024;
        ++unit;
    }
    const int decimals = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", size, decimals, units[unit]);
}

std::string clock_text(std::uint64_t seconds) {
    if (seconds < 3600) {
        return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
    }
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string span_text(nanoseconds span) {
    const auto ns = static_cast<double>(span.count());
    if (ns < 1e6) {
        return fmt::format("{:.0f} us", ns / 1e3);
    }
    if (ns < 1e9) {
        return fmt::format("{:.{}f} ms", ns / 1e6, ns < 1e7 ? 2 : ns < 1e8 ? 1 : 0);
    }
    return fmt::format("{:.{}f} s", ns / 1e9, ns < 1e10 ? 2 : 1);
}

std::string file_text(std::string_view path, error failure, bool writing) {
    const auto slash = path.rfind('/');
    const auto folder =
        slash == std::string_view::npos ? "." : path.substr(0, std::max(slash, std::size_t{1}));
    switch (failure.sys) {
        case ENOENT:
            return writing
                       ? fmt::format("{}: there is no directory {}; make it first", path, folder)
                       : fmt::format("{}: no such file; name one that exists", path);
        case ENOTDIR: return fmt::format("{}: {} is no directory; name another file", path, folder);
        case EISDIR: return fmt::format("{}: that is a directory; name a file", path);
        case EACCES:
        case EPERM:
            return fmt::format(
                "{}: this user (uid {}) may not {} it; grant that, or name another "
                "file",
                path, ::geteuid(), writing ? "write to" : "read");
        case EROFS: return fmt::format("{}: the file system is read-only; name another file", path);
        default: return fmt::format("{}: {}", path, describe(failure));
    }
}

}  // namespace ringway::cli
