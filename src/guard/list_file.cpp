#include "guard/list_file.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/unique_fd.hpp>

namespace ringway::guard {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";
constexpr seconds lifetime_max{std::chrono::hours{24 * 3653}};

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The first word; `rest` becomes what stands behind it.
std::string_view take_word(std::string_view& rest) {
    rest = trimmed(rest);
    const auto word = rest.substr(0, rest.find_first_of(blanks));
    rest = trimmed(rest.substr(word.size()));
    return word;
}

std::int64_t seconds_of(char unit) {
    switch (unit) {
        case 's': return 1;
        case 'm': return 60;
        case 'h': return 3600;
        case 'd': return 86400;
        default: return 0;
    }
}

told<std::string> read_whole(const std::filesystem::path& path) {
    const auto refused = [&path] {
        return std::unexpected{fmt::format("{}: {}", path.native(), std::strerror(errno))};
    };
    const unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0) {
        return refused();
    }
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode)) {
        return std::unexpected{fmt::format("{}: no file", path.native())};
    }
    std::string text;
    std::array<char, 65536> piece{};
    for (;;) {
        const auto count = ::read(file.get(), piece.data(), piece.size());
        if (count < 0 && errno != EINTR) {
            return refused();
        }
        if (count == 0) {
            return text;
        }
        text.append(piece.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
        if (text.size() > list_bytes_max) {
            return std::unexpected{fmt::format("{}: more than 64 MiB", path.native())};
        }
    }
}

}  // namespace

told<seconds> parse_lifetime(std::string_view text) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto rest = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
    const auto unit = read.ec == std::errc{} && rest.size() == 1 ? seconds_of(rest.front()) : 0;
    if (unit == 0 || number <= 0 || number > lifetime_max.count() / unit) {
        return std::unexpected{quoted(text) +
                               " is no lifetime: 30s, 10m, 12h or 7d, ten years at most"};
    }
    return seconds{number * unit};
}

told<list_entry> parse_list_line(std::string_view line) {
    auto rest = line;
    const auto range = parse_cidr(take_word(rest));
    if (!range) {
        return std::unexpected{range.error()};
    }
    list_entry entry{.range = *range, .lifetime = {}};
    if (rest.empty()) {
        return entry;
    }
    if (take_word(rest) != "for" || rest.empty()) {
        return std::unexpected{quoted(trimmed(line)) +
                               ": behind the range only \"for TIME\" may stand"};
    }
    const auto lifetime = parse_lifetime(rest);
    if (!lifetime) {
        return std::unexpected{lifetime.error()};
    }
    entry.lifetime = *lifetime;
    return entry;
}

told<std::vector<list_entry>> parse_list(std::string_view text, std::string_view name) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // What some editors begin with.
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    std::vector<list_entry> entries;
    std::size_t number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = trimmed(text.substr(0, end).substr(0, text.substr(0, end).find('#')));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty()) {
            continue;
        }
        auto entry = parse_list_line(line);
        if (!entry) {
            return std::unexpected{fmt::format("{}:{}: {}", name, number, entry.error())};
        }
        if (entries.size() == list_entries_max) {
            return std::unexpected{
                fmt::format("{}:{}: more than {} entries", name, number, list_entries_max)};
        }
        entries.push_back(*std::move(entry));
    }
    return entries;
}

told<std::vector<list_entry>> read_list_file(const std::filesystem::path& path) {
    const auto text = read_whole(path);
    if (!text) {
        return std::unexpected{text.error()};
    }
    return parse_list(*text, path.native());
}

}  // namespace ringway::guard
