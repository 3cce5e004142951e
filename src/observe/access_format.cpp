#include "observe/access_format.hpp"

#include <chrono>

#include <ringway/base/assert.hpp>

#include "observe/line_writer.hpp"
#include "wire/utf8.hpp"

namespace ringway::observe::detail {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::string_view hex_digits = "0123456789ABCDEF";

constexpr std::int64_t floor_seconds(std::int64_t unix_ns) noexcept {
    return unix_ns / ns_per_second - (unix_ns % ns_per_second < 0 ? 1 : 0);
}

std::string_view cut(std::string_view text, std::size_t bytes_max) noexcept {
    return text.substr(0, bytes_max);
}

void put_escaped_byte(line_writer& line, char c) noexcept {
    const auto code = static_cast<unsigned char>(c);
    line.put('\\');
    if (c == '"' || c == '\\') {
        line.put(c);
        return;
    }
    line.put('x');
    line.put(hex_digits[code >> 4U]);
    line.put(hex_digits[code & 15U]);
}

// As Apache and nginx do it. A missing text is a dash.
void put_combined(line_writer& line, std::string_view text) noexcept {
    if (text.empty()) {
        line.put('-');
        return;
    }
    for (text.remove_prefix(line.put_plain(text)); !text.empty();
         text.remove_prefix(line.put_plain(text))) {
        put_escaped_byte(line, text.front());
        text.remove_prefix(1);
    }
}

// One character that is not plain; returns how many bytes of `text` it took.
std::size_t put_json_character(line_writer& line, std::string_view text) noexcept {
    const char c = text.front();
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        line.put('\\');
        line.put(c);
        return 1;
    }
    if (code < 0x20) {
        line.put("\\u00");
        line.put(hex_digits[code >> 4U]);
        line.put(hex_digits[code & 15U]);
        return 1;
    }
    const auto length = wire::detail::utf8_length(text);
    line.put(length == 0 ? wire::detail::replacement_character : text.substr(0, length));
    return length == 0 ? 1 : length;
}

void put_json(line_writer& line, std::string_view text) noexcept {
    for (text.remove_prefix(line.put_plain(text)); !text.empty();
         text.remove_prefix(line.put_plain(text))) {
        text.remove_prefix(put_json_character(line, text));
    }
}

// `prefix` ends with the opening quote.
void put_json_field(line_writer& line, std::string_view prefix, std::string_view text,
                    std::string_view suffix) noexcept {
    line.put(prefix);
    put_json(line, text);
    line.put(suffix);
}

void put_json_target(line_writer& line, std::string_view target) noexcept {
    const auto mark = target.find('?');
    put_json_field(line, ",\"url.path\":\"", target.substr(0, mark), "\"");
    if (mark != std::string_view::npos) {
        put_json_field(line, ",\"url.query\":\"", target.substr(mark + 1), "\"");
    }
}

}  // namespace

std::size_t access_formatter::format(const access_record& record, char* out) noexcept {
    if (const auto second = floor_seconds(record.unix_ns); second != second_) {
        remember_date(second);
    }
    const auto size =
        format_ == log_format::combined ? format_combined(record, out) : format_json(record, out);
    RW_ASSERT(size <= access_line_bytes_max);
    return size;
}

std::size_t access_formatter::format_combined(const access_record& record,
                                              char* out) const noexcept {
    line_writer line{out};
    put_combined(line, cut(record.client, logged_client_bytes_max));
    line.put(" - - [");
    line.put({date_.data(), date_size_});
    line.put("] \"");
    put_combined(line, cut(record.method, logged_method_bytes_max));
    line.put(' ');
    put_combined(line, cut(record.target, logged_target_bytes_max));
    line.put(' ');
    line.put(version_text(record.protocol));
    line.put("\" ");
    line.put_number(record.status);
    line.put(' ');
    line.put_number(record.bytes);
    line.put(" \"");
    put_combined(line, cut(record.referer, logged_referer_bytes_max));
    line.put("\" \"");
    put_combined(line, cut(record.user_agent, logged_agent_bytes_max));
    line.put("\" dur_us=");
    line.put_number(record.duration_us);
    line.put(" cache=");
    line.put(name_of(record.cache));
    line.put(" enc=");
    line.put(record.coding == wire::coding::identity ? "-" : wire::name_of(record.coding));
    line.put(" cid=");
    line.put_number(record.connection_id);
    line.put('\n');
    return line.size();
}

std::size_t access_formatter::format_json(const access_record& record, char* out) const noexcept {
    line_writer line{out};
    line.put("{\"timestamp\":\"");
    line.put({date_.data(), date_size_});
    line.put('.');
    const auto ns = record.unix_ns - floor_seconds(record.unix_ns) * ns_per_second;
    line.put_digits(static_cast<std::uint64_t>(ns) / 1000, 6);
    put_json_field(line, "Z\",\"client.address\":\"", cut(record.client, logged_client_bytes_max),
                   "\"");
    put_json_field(line, ",\"http.request.method\":\"", cut(record.method, logged_method_bytes_max),
                   "\"");
    put_json_target(line, cut(record.target, logged_target_bytes_max));
    line.put(",\"network.protocol.name\":\"http\",\"network.protocol.version\":\"");
    line.put(version_text(record.protocol).substr(5));
    line.put("\",\"http.response.status_code\":");
    line.put_number(record.status);
    line.put(",\"http.response.body.size\":");
    line.put_number(record.bytes);
    line.put(",\"http.server.request.duration\":");
    line.put_number(record.duration_us / 1'000'000);
    line.put('.');
    line.put_digits(record.duration_us % 1'000'000, 6);
    if (!record.referer.empty()) {
        put_json_field(line, ",\"http.request.header.referer\":[\"",
                       cut(record.referer, logged_referer_bytes_max), "\"]");
    }
    if (!record.user_agent.empty()) {
        put_json_field(line, ",\"user_agent.original\":\"",
                       cut(record.user_agent, logged_agent_bytes_max), "\"");
    }
    if (record.coding != wire::coding::identity) {
        put_json_field(line, ",\"http.response.header.content-encoding\":[\"",
                       wire::name_of(record.coding), "\"]");
    }
    if (record.cache != cache_tier::none) {
        put_json_field(line, ",\"ringway.cache\":\"", name_of(record.cache), "\"");
    }
    line.put(",\"ringway.connection.id\":");
    line.put_number(record.connection_id);
    line.put("}\n");
    return line.size();
}

void access_formatter::remember_date(std::int64_t unix_seconds) noexcept {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::chrono::sys_seconds time{std::chrono::seconds{unix_seconds}};
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{midnight};
    const std::chrono::hh_mm_ss clock{time - midnight};
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    const auto month = static_cast<unsigned>(date.month());

    line_writer line{date_.data()};
    if (format_ == log_format::combined) {
        line.put_digits(static_cast<unsigned>(date.day()), 2);
        line.put('/');
        line.put(months.substr(std::size_t{month - 1} * 3, 3));
        line.put('/');
        line.put_digits(year, 4);
        line.put(':');
    } else {
        line.put_digits(year, 4);
        line.put('-');
        line.put_digits(month, 2);
        line.put('-');
        line.put_digits(static_cast<unsigned>(date.day()), 2);
        line.put('T');
    }
    line.put_digits(static_cast<std::uint64_t>(clock.hours().count()), 2);
    line.put(':');
    line.put_digits(static_cast<std::uint64_t>(clock.minutes().count()), 2);
    line.put(':');
    line.put_digits(static_cast<std::uint64_t>(clock.seconds().count()), 2);
    if (format_ == log_format::combined) {
        line.put(" +0000");
    }
    date_size_ = line.size();
    second_ = unix_seconds;
}

}  // namespace ringway::observe::detail
