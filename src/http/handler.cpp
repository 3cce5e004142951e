#include <ringway/http/handler.hpp>

#include <algorithm>
#include <new>

#include <ringway/base/assert.hpp>

#include "wire/chars.hpp"

namespace ringway::http {

namespace {

// Takes the next line off the front of `head`.
std::string_view take_line(std::string_view& head) noexcept {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    return line;
}

}  // namespace

ready_ref ready_response::make(std::string_view head, std::size_t body_size, std::size_t date_at,
                               std::int64_t date_second, wire::coding coding) {
    std::size_t count = 0;
    std::size_t names = 0;
    std::string_view rest = head;
    static_cast<void>(take_line(rest));
    while (!rest.empty()) {
        const std::size_t colon = take_line(rest).find(':');
        names += colon == std::string_view::npos ? 0 : colon;
        count += colon == std::string_view::npos ? 0 : 1;
    }
    RW_ASSERT(count <= fields_max);
    void* const memory =
        ::operator new(sizeof(ready_response) + count * sizeof(wire::header_field) + head.size() +
                       body_size + names);
    ready_ref made{::new (memory)
                       ready_response{head.size(), body_size, date_at, date_second, coding}};
    made->field_count_ = static_cast<std::uint16_t>(count);
    std::ranges::copy(head, made->bytes());
    made->note_fields(count);
    return made;
}

void ready_response::note_fields(std::size_t count) noexcept {
    auto* field = reinterpret_cast<wire::header_field*>(this + 1);
    char* name = bytes() + head_size_ + body_size_;
    std::string_view rest{bytes(), head_size_};
    static_cast<void>(take_line(rest));
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view line = take_line(rest);
        const std::size_t colon = line.find(':');
        std::ranges::transform(line.substr(0, colon), name, wire::detail::to_lower);
        ::new (field++)
            wire::header_field{{name, colon}, wire::detail::trim_ows(line.substr(colon + 1))};
        name += colon;
    }
}

void ready_response::set_date(std::int64_t now_s, std::string_view date) noexcept {
    RW_ASSERT(date_at_ + date.size() <= head_size_);
    std::ranges::copy(date, bytes() + date_at_);
    date_second_ = now_s;
}

ready_ref ready_response::with_date(std::int64_t now_s, std::string_view date) const {
    const std::string_view all = text();
    ready_ref copy = make(all.substr(0, head_size_), body_size_, date_at_, date_second_, coding_);
    std::ranges::copy(body(), copy->body_memory());
    copy->set_date(now_s, date);
    return copy;
}

}  // namespace ringway::http
