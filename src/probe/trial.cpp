#include "probe/trial.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <fmt/core.h>
#include <fstream>

namespace ringway::probe {

std::string error_text(int error_number) {
    const char* const name = ::strerrorname_np(error_number);
    const char* const text = ::strerrordesc_np(error_number);
    return fmt::format("{}: {}", name == nullptr ? "?" : name, text == nullptr ? "?" : text);
}

outcome refused(int error_number, std::string fix) {
    return found_no(error_text(error_number), std::move(fix));
}

namespace {

// The numbers between dots, up to the first other character.
std::array<unsigned, 3> numbers_in(std::string_view text) noexcept {
    std::array<unsigned, 3> out{};
    const char* at = text.data();
    const char* const end = at + text.size();
    for (auto& each : out) {
        const auto read = std::from_chars(at, end, each);
        if (read.ec != std::errc{} || read.ptr == end || *read.ptr != '.') {
            break;
        }
        at = read.ptr + 1;
    }
    return out;
}

// "EPERM: ..."
bool names_an_error(std::string_view text) noexcept {
    const auto end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return text.starts_with('E') && end != std::string_view::npos && text[end] == ':';
}

std::string fix_of(const trial& from, const outcome& what, std::string_view release) {
    if (what.has == state::yes || !what.fix.empty()) {
        return what.fix;
    }
    if (from.fix != fix_by_kernel) {
        return std::string{from.fix};
    }
    return what.has != state::no || is_at_least(release, from.since)
               ? ""
               : fmt::format("run Linux {} or newer", from.since);
}

}  // namespace

bool is_at_least(std::string_view release, std::string_view version) noexcept {
    return numbers_in(release) >= numbers_in(version);
}

finding finding_of(const trial& from, const outcome& what, std::string_view release) {
    finding row{.id = from.id,
                .about = from.about,
                .name = from.name,
                .has = what.has,
                .detail = what.detail,
                .found_by = std::string{from.found_by},
                .since = std::string{from.since},
                .why = std::string{from.why},
                .fix = fix_of(from, what, release),
                .for_serve = from.for_serve};
    if (what.has == state::no && from.fix == fix_by_kernel && row.fix.empty() &&
        names_an_error(row.detail)) {
        row.detail +=
            "; this kernel is new enough: its configuration, or a filter of system "
            "calls, refuses it";
    }
    return row;
}

std::string first_line_of(const std::string& path) {
    std::ifstream file{path};
    std::string line;
    std::getline(file, line);
    return line;
}

}  // namespace ringway::probe
