#include <ringway/files/mime.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <ringway/base/unique_fd.hpp>

#include "files/mime_builtin.hpp"
#include "wire/chars.hpp"

namespace ringway::files {

namespace {

// Takes the next line, or the next word of a line, from the front of `text`.
std::string_view take(std::string_view& text, std::string_view separators) noexcept {
    const auto end = std::min(text.find_first_of(separators), text.size());
    const auto piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return piece;
}

std::string_view next_word(std::string_view& line) noexcept {
    while (!line.empty()) {
        if (const auto word = take(line, " \t\r"); !word.empty()) {
            return word;
        }
    }
    return {};
}

bool is_name(std::string_view text) noexcept {
    static constexpr std::string_view marks = "!#$&-^_.+";  // RFC 6838 section 4.2.
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.contains(c);
    });
}

bool is_type(std::string_view text) noexcept {
    const auto slash = text.find('/');
    return slash != text.npos && text.size() <= mime_table::type_bytes_max &&
           is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

bool is_extension(std::string_view text) noexcept {
    return !text.empty() && text.size() <= mime_table::extension_bytes_max && text.front() != '.' &&
           std::ranges::all_of(text, [](char c) {
               return wire::detail::is_vchar(c) && c != '/';  // What can end a file name.
           });
}

result<std::string> read_all(const std::string& path) {
    const unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (!file) {
        return fail_errno(errno);
    }
    std::string text;
    std::array<char, 16384> block;
    for (;;) {
        const auto count = ::read(file.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return fail_errno(errno);
        }
        if (count == 0) {
            return text;
        }
        text.append(block.data(), static_cast<std::size_t>(count));
        if (text.size() > mime_table::file_bytes_max) {
            return fail(errc::limit);
        }
    }
}

}  // namespace

mime_table::mime_table() { add_text(builtin_mime_types); }

result<std::size_t> mime_table::add_file(const std::string& path) {
    const auto text = read_all(path);
    if (!text) {
        return std::unexpected{text.error()};
    }
    return add_text(*text);
}

std::size_t mime_table::add_text(std::string_view text) {
    std::size_t added = 0;
    while (!text.empty()) {
        added += add_line(take(text, "\n"));
    }
    return added;
}

std::size_t mime_table::add_line(std::string_view line) {
    line = line.substr(0, line.find('#'));
    const auto type = next_word(line);
    if (!is_type(type)) {
        return 0;
    }
    std::size_t added = 0;
    std::string_view value;
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
        if (!is_extension(word)) {
            continue;
        }
        std::string extension{word};
        std::ranges::transform(extension, extension.begin(), wire::detail::to_lower);
        if (by_extension_.size() >= extensions_max && !by_extension_.contains(extension)) {
            continue;
        }
        if (value.empty()) {  // Kept once, and only if an extension needs it.
            value = types_.emplace_back(std::string{type} +
                                        (is_textual(type) ? "; charset=utf-8" : ""));
        }
        by_extension_.insert_or_assign(std::move(extension), value);
        ++added;
    }
    return added;
}

std::string_view mime_table::content_type(std::string_view name) const noexcept {
    name = name.substr(name.find_last_of('/') + 1);  // npos + 1 is 0: the whole name.
    const auto last = name.find_last_of('.');
    if (last == name.npos || last == 0) {
        return unknown_type;
    }
    const auto before = name.find_last_of('.', last - 1);
    if (before != name.npos && before != 0) {
        if (const auto type = find(name.substr(before + 1)); !type.empty()) {
            return type;
        }
    }
    const auto type = find(name.substr(last + 1));
    return type.empty() ? unknown_type : type;
}

std::string_view mime_table::find(std::string_view extension) const noexcept {
    std::array<char, extension_bytes_max> lower;
    if (extension.empty() || extension.size() > lower.size()) {
        return {};
    }
    std::ranges::transform(extension, lower.begin(), wire::detail::to_lower);
    const auto known = by_extension_.find(std::string_view{lower.data(), extension.size()});
    return known == by_extension_.end() ? std::string_view{} : known->second;
}

bool is_textual(std::string_view type) noexcept {
    constexpr std::array<std::string_view, 14> textual{
        "application/json",   "application/xml",      "application/javascript",
        "application/yaml",   "application/x-yaml",   "application/x-javascript",
        "application/toml",   "application/x-ndjson", "application/ecmascript",
        "application/sql",    "application/x-sh",     "application/x-shellscript",
        "application/x-perl", "application/x-ruby",
    };
    return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
           std::ranges::find(textual, type) != textual.end();
}

}  // namespace ringway::files
