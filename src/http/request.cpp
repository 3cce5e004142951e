#include <ringway/http/request.hpp>

#include <ringway/base/assert.hpp>
#include <ringway/wire/path.hpp>

#include "wire/chars.hpp"

namespace ringway::http {

request make_request(const wire::request_head& head) noexcept {
    RW_ASSERT(head.version_minor <= 1);
    const auto target = wire::split_target(head.target);
    return {
        .protocol = head.version_minor == 0 ? version::http_1_0 : version::http_1_1,
        .method = head.method,
        .method_text = head.method_text,
        .path = target.path,
        .query = target.query,
        .authority = head.host,
        .fields = head.fields,
        .present = head.present,
        .repeated = head.repeated,
        .first = head.first,
    };
}

void index_fields(request& target) noexcept {
    RW_ASSERT(target.fields.size() <= request_fields_max);
    target.present = 0;
    target.repeated = 0;
    for (std::size_t i = 0; i < target.fields.size(); ++i) {
        const auto name = wire::classify_field(target.fields[i].name);
        if (name == wire::field::other) {
            continue;
        }
        const auto bit = wire::field_bit(name);
        if ((target.present & bit) == 0) {
            target.first[static_cast<std::size_t>(name)] = static_cast<std::uint8_t>(i);
        }
        target.repeated |= target.present & bit;
        target.present |= bit;
    }
}

std::string_view name_of(version protocol) noexcept {
    switch (protocol) {
        case version::http_1_0: return "HTTP/1.0";
        case version::http_1_1: return "HTTP/1.1";
        case version::http_2: return "HTTP/2";
        case version::http_3: return "HTTP/3";
    }
    return "HTTP/?";
}

std::string_view joined(const request& asked, wire::field name, std::string& room) {
    if (!asked.is_repeated(name)) {
        return asked.find(name);
    }
    room.clear();
    for (const wire::header_field& each : asked.fields) {
        if (wire::detail::same_ignoring_case(each.name, wire::name_of(name))) {
            room += room.empty() ? "" : ", ";
            room += each.value;
        }
    }
    return room;
}

}  // namespace ringway::http
