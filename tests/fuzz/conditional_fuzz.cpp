// Entity tag lists, dates and their evaluation. The first line of the input is the entity tag of
// the file; the lines after it are the fields.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <ringway/base/assert.hpp>
#include <ringway/wire/conditional.hpp>
#include <ringway/wire/date.hpp>
#include <ringway/wire/etag.hpp>

namespace {

namespace wire = ringway::wire;

constexpr std::int64_t modified_s = 784'111'777;
constexpr std::int64_t now_s = 1'767'225'600;

std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    return line;
}

std::optional<std::string_view> take_field(std::string_view& text) {
    const auto line = take_line(text);
    return line.empty() ? std::nullopt : std::optional{line};
}

void check_date(std::string_view text) {
    const auto date = wire::parse_http_date(text, now_s);
    if (date) {
        std::array<char, wire::http_date_bytes> out{};
        const auto written = wire::format_http_date(*date, out);
        RW_ASSERT(wire::parse_http_date(written, now_s) == date || *date > 253'402'300'799);
    }
}

void check_list(std::string_view header, std::string_view etag) {
    bool malformed = false;
    const bool weak = wire::etag_list_matches(header, etag, true, &malformed);
    const bool strong = wire::etag_list_matches(header, etag, false);
    RW_ASSERT(!strong || weak);
    RW_ASSERT(!weak || (wire::is_etag(etag) && !malformed));
    RW_ASSERT(!wire::is_etag(header) || weak == wire::weak_equal(header, etag));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto etag = take_line(text);
    wire::conditions asked;
    asked.if_match = take_field(text);
    asked.if_none_match = take_field(text);
    asked.if_modified_since = take_field(text);
    asked.if_unmodified_since = take_field(text);
    asked.if_range = take_field(text);
    asked.range = take_field(text);
    for (const auto& field : {asked.if_match, asked.if_none_match, asked.if_modified_since,
                              asked.if_unmodified_since, asked.if_range}) {
        check_list(field.value_or(""), etag);
        check_date(field.value_or(""));
    }
    for (const bool get : {true, false}) {
        asked.get_or_head = get;
        const auto outcome = wire::evaluate(asked, etag, modified_s, now_s);
        RW_ASSERT(get || outcome != wire::precondition::not_modified);
        RW_ASSERT(asked.if_match || asked.if_none_match || asked.if_modified_since ||
                  asked.if_unmodified_since || outcome == wire::precondition::proceed);
        RW_ASSERT(!wire::range_applies(asked, etag, modified_s, now_s) || (get && asked.range));
    }
    return 0;
}
