#include <ringway/wire/date.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "wire/chars.hpp"

namespace ringway::wire {
namespace {

using namespace std::chrono;  // NOLINT(google-build-using-namespace): one file, one topic.

constexpr std::array<std::string_view, 7> day_names{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t year_0_s = -62'167'219'200;     // 0000-01-01T00:00:00Z
constexpr std::int64_t year_9999_s = 253'402'300'799;  // 9999-12-31T23:59:59Z

void put_digits(char* out, unsigned number, unsigned digits) noexcept {
    for (unsigned i = digits; i > 0; --i) {
        out[i - 1] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

// Reads a date from left to right; after the first mismatch it only remembers that there was one.
class cursor {
public:
    explicit cursor(std::string_view text) noexcept : rest_{text} {}

    [[nodiscard]] bool done() const noexcept { return ok_ && rest_.empty(); }

    void literal(std::string_view text) noexcept {
        ok_ = ok_ && rest_.starts_with(text);
        rest_.remove_prefix(ok_ ? text.size() : 0);
    }
    unsigned digits(std::size_t count) noexcept {
        unsigned number = 0;
        ok_ = ok_ && rest_.size() >= count;
        for (std::size_t i = 0; ok_ && i < count; ++i) {
            ok_ = detail::is_digit(rest_[i]);
            number = number * 10 + static_cast<unsigned>(rest_[i] - '0');
        }
        rest_.remove_prefix(ok_ ? count : 0);
        return number;
    }
    // asctime pads the day of the month with a space.
    unsigned padded_day() noexcept {
        if (rest_.starts_with(' ')) {
            rest_.remove_prefix(1);
            return digits(1);
        }
        return digits(2);
    }
    // The index of the name that comes next, cut to `length` characters where that isn't 0.
    unsigned name(std::span<const std::string_view> names, std::size_t length) noexcept {
        for (unsigned i = 0; ok_ && i < names.size(); ++i) {
            const auto wanted = names[i].substr(0, length == 0 ? names[i].size() : length);
            if (rest_.starts_with(wanted)) {
                rest_.remove_prefix(wanted.size());
                return i;
            }
        }
        ok_ = false;
        return 0;
    }

private:
    std::string_view rest_;
    bool ok_ = true;
};

struct date_fields {
    int year = 0;
    unsigned month = 0;  // From 0.
    unsigned day = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
};

std::optional<std::int64_t> to_seconds(const date_fields& at) noexcept {
    const year_month_day date{year{at.year}, month{at.month + 1}, day{at.day}};
    if (!date.ok() || at.hour > 23 || at.minute > 59 || at.second > 60) {
        return std::nullopt;
    }
    const auto days = sys_days{date}.time_since_epoch();
    return duration_cast<seconds>(days).count() + at.hour * 3600L + at.minute * 60L + at.second;
}

void read_time(cursor& in, date_fields& at) noexcept {
    at.hour = in.digits(2);
    in.literal(":");
    at.minute = in.digits(2);
    in.literal(":");
    at.second = in.digits(2);
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::int64_t> parse_fixdate(std::string_view text) noexcept {
    cursor in{text};
    date_fields at;
    in.name(day_names, 3);
    in.literal(", ");
    at.day = in.digits(2);
    in.literal(" ");
    at.month = in.name(month_names, 3);
    in.literal(" ");
    at.year = static_cast<int>(in.digits(4));
    in.literal(" ");
    read_time(in, at);
    in.literal(" GMT");
    return in.done() ? to_seconds(at) : std::nullopt;
}

int year_of(std::int64_t unix_seconds) noexcept {
    const auto within = std::clamp(unix_seconds, year_0_s, year_9999_s);
    const year_month_day date{floor<days>(sys_seconds{seconds{within}})};
    return static_cast<int>(date.year());
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
std::optional<std::int64_t> parse_rfc850(std::string_view text, std::int64_t now_s) noexcept {
    cursor in{text};
    date_fields at;
    in.name(day_names, 0);
    in.literal(", ");
    at.day = in.digits(2);
    in.literal("-");
    at.month = in.name(month_names, 3);
    in.literal("-");
    const auto two_digits = static_cast<int>(in.digits(2));
    in.literal(" ");
    read_time(in, at);
    in.literal(" GMT");
    if (!in.done()) {
        return std::nullopt;
    }
    const int latest = year_of(now_s) + 50;
    at.year = latest - (latest - two_digits + 100) % 100;
    return to_seconds(at);
}

// "Sun Nov  6 08:49:37 1994"
std::optional<std::int64_t> parse_asctime(std::string_view text) noexcept {
    cursor in{text};
    date_fields at;
    in.name(day_names, 3);
    in.literal(" ");
    at.month = in.name(month_names, 3);
    in.literal(" ");
    at.day = in.padded_day();
    in.literal(" ");
    read_time(in, at);
    in.literal(" ");
    at.year = static_cast<int>(in.digits(4));
    return in.done() ? to_seconds(at) : std::nullopt;
}

}  // namespace

std::string_view format_http_date(std::int64_t unix_seconds,
                                  std::span<char, http_date_bytes> out) noexcept {
    const sys_seconds at{seconds{std::clamp(unix_seconds, year_0_s, year_9999_s)}};
    const auto midnight = floor<days>(at);
    const year_month_day date{midnight};
    const hh_mm_ss time{at - midnight};
    constexpr std::string_view shape = "Sun, 06 Nov 1994 08:49:37 GMT";
    static_assert(shape.size() == http_date_bytes);
    char* const p = out.data();
    std::ranges::copy(shape, p);
    std::ranges::copy(day_names[weekday{midnight}.c_encoding()].substr(0, 3), p);
    put_digits(p + 5, static_cast<unsigned>(date.day()), 2);
    std::ranges::copy(month_names[static_cast<unsigned>(date.month()) - 1], p + 8);
    put_digits(p + 12, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    put_digits(p + 17, static_cast<unsigned>(time.hours().count()), 2);
    put_digits(p + 20, static_cast<unsigned>(time.minutes().count()), 2);
    put_digits(p + 23, static_cast<unsigned>(time.seconds().count()), 2);
    return {p, out.size()};
}

std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now_s) noexcept {
    // The fourth character tells the forms apart: comma, space, or more of the day's name.
    if (text.size() < 4) {
        return std::nullopt;
    }
    switch (text[3]) {
        case ',': return parse_fixdate(text);
        case ' ': return parse_asctime(text);
        default: return parse_rfc850(text, now_s);
    }
}

}  // namespace ringway::wire
