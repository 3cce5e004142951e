#include "files/listing_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace ringway::files {

namespace {

// `value` in decimal, with zeros in front up to `width`.
void append_padded(std::string& out, unsigned value, std::size_t width) {
    const auto digits = std::to_string(value);
    out.append(width - std::min(width, digits.size()), '0').append(digits);
}

}  // namespace

std::string human_size(std::uint64_t bytes) {
    static constexpr std::array<std::string_view, 7> units{"B",   "KiB", "MiB", "GiB",
                                                           "TiB", "PiB", "EiB"};
    std::size_t unit = 0;
    std::uint64_t whole = bytes;
    std::uint64_t rest = 0;  // In 1024ths of the unit.
    while (whole >= 1024) {
        rest = whole % 1024;
        whole /= 1024;
        ++unit;
    }
    // One decimal below 10, none above; cut and not rounded, so that 1023.9 KiB never reads 1024.
    std::string text = std::to_string(whole);
    if (unit > 0 && whole < 10) {
        text.append(".").append(std::to_string(rest * 10 / 1024));
    }
    return text.append(" ").append(units[unit]);
}

std::string iso_time(std::int64_t unix_seconds) {
    using namespace std::chrono;
    constexpr sys_seconds earliest = sys_days{year{0} / January / 1};
    constexpr sys_seconds latest = sys_days{year{10000} / January / 1} - seconds{1};
    const sys_seconds time{seconds{std::clamp(unix_seconds, earliest.time_since_epoch().count(),
                                              latest.time_since_epoch().count())}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};

    std::string text;
    append_padded(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    append_padded(text.append("-"), static_cast<unsigned>(date.month()), 2);
    append_padded(text.append("-"), static_cast<unsigned>(date.day()), 2);
    append_padded(text.append("T"), static_cast<unsigned>(clock.hours().count()), 2);
    append_padded(text.append(":"), static_cast<unsigned>(clock.minutes().count()), 2);
    append_padded(text.append(":"), static_cast<unsigned>(clock.seconds().count()), 2);
    return text.append("Z");
}

}  // namespace ringway::files
