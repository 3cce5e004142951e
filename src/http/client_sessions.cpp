#include "http/client_sessions.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <span>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "wire/chars.hpp"

namespace ringway::http::detail {
namespace {

constexpr std::string_view magic = "ringway session 1\n";
constexpr std::size_t file_bytes_max = std::size_t{256} * 1024;

std::string hex(std::span<const std::byte> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::byte each : bytes) {
        const auto code = static_cast<unsigned>(each);
        out += {digits[code >> 4U], digits[code & 15U]};
    }
    return out;
}

std::vector<std::byte> unhex(std::string_view text) {
    std::vector<std::byte> out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const int high = wire::detail::hex_value(text[i]);
        const int low = wire::detail::hex_value(text[i + 1]);
        if (high < 0 || low < 0) {
            return {};
        }
        out.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return text.size() % 2 == 0 ? out : std::vector<std::byte>{};
}

std::string_view name_of(session_kind kind) noexcept {
    return kind == session_kind::quic ? "session" : "tls-session";
}

std::string_view take_line(std::string_view& text) noexcept {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

std::string read_small(const std::string& path) {
    const unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    std::string out;
    if (!file) {
        return out;
    }
    std::array<char, 4096> piece{};
    for (ssize_t got = 1; got > 0 && out.size() < file_bytes_max;) {
        got = ::read(file.get(), piece.data(), piece.size());
        out.append(piece.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    return out;
}

}  // namespace

std::string to_text(const quic::resumption& what) {
    return std::string{magic} + hex(what.session) + "\n" + hex(what.parameters) + "\n" +
           hex(what.token) + "\n" + hex(what.application) + "\n";
}

quic::resumption read_resumption(std::string_view text) {
    quic::resumption out;
    if (!text.starts_with(magic)) {
        return out;
    }
    text.remove_prefix(magic.size());
    out.session = unhex(take_line(text));
    out.parameters = unhex(take_line(text));
    out.token = unhex(take_line(text));
    out.application = unhex(take_line(text));
    return out;
}

// "https://example.org:8443" as "https_example.org_8443.session": what a host may hold is harmless
// in a name, but for the marks around it.
std::string client_sessions::path_of(std::string_view origin, std::string_view kind) const {
    std::string name;
    for (const char c : origin) {
        const bool plain =
            (c >= 'a' && c <= 'z') || wire::detail::is_digit(c) || c == '.' || c == '-' || c == '_';
        name += plain ? c : '_';
    }
    return directory_ + "/" + name + "." + std::string{kind};
}

void client_sessions::write(const std::string& path, std::string_view content) {
    std::error_code failed;
    std::filesystem::create_directories(directory_, failed);
    if (failed) {
        return;
    }
    std::filesystem::permissions(directory_, std::filesystem::perms::owner_all, failed);
    const auto fresh = path + ".new";
    const unique_fd file{
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file ||
        ::write(file.get(), content.data(), content.size()) !=
            static_cast<ssize_t>(content.size()) ||
        ::rename(fresh.c_str(), path.c_str()) != 0) {
        ::unlink(fresh.c_str());
    }
}

quic::resumption client_sessions::take(std::string_view origin, session_kind kind) {
    if (directory_.empty()) {
        return {};
    }
    const auto path = path_of(origin, name_of(kind));
    // Renamed first: of two processes only one gets it.
    const auto mine = path + "." + std::to_string(::getpid());
    if (::rename(path.c_str(), mine.c_str()) != 0) {
        return {};
    }
    auto out = read_resumption(read_small(mine));
    ::unlink(mine.c_str());
    return out;
}

void client_sessions::keep(std::string_view origin, const quic::resumption& what,
                           session_kind kind) {
    if (!directory_.empty() && !what.session.empty()) {
        write(path_of(origin, name_of(kind)), to_text(what));
    }
}

std::optional<known_alternative> client_sessions::alternative(std::string_view origin,
                                                              std::int64_t now_unix_s) const {
    if (directory_.empty()) {
        return std::nullopt;
    }
    const auto content = read_small(path_of(origin, "alt-svc"));
    std::string_view text = content;
    known_alternative out;
    out.host = take_line(text);
    const auto port = take_line(text);
    const auto until = take_line(text);
    const auto from = take_line(text);
    std::from_chars(port.data(), port.data() + port.size(), out.port);
    std::from_chars(until.data(), until.data() + until.size(), out.until_unix_s);
    std::from_chars(from.data(), from.data() + from.size(), out.from_unix_s);
    return out.port != 0 && out.until_unix_s > now_unix_s ? std::optional{std::move(out)}
                                                          : std::nullopt;
}

void client_sessions::keep_alternative(std::string_view origin, const known_alternative& what) {
    if (!directory_.empty()) {
        write(path_of(origin, "alt-svc"), what.host + "\n" + std::to_string(what.port) + "\n" +
                                              std::to_string(what.until_unix_s) + "\n" +
                                              std::to_string(what.from_unix_s) + "\n");
    }
}

void client_sessions::forget_alternative(std::string_view origin) {
    if (!directory_.empty()) {
        ::unlink(path_of(origin, "alt-svc").c_str());
    }
}

}  // namespace ringway::http::detail
