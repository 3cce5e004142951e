#include <ringway/http/handler.hpp>

#include <algorithm>
#include <new>

#include <ringway/base/assert.hpp>

namespace ringway::http {

ready_ref ready_response::make(std::string_view head, std::size_t body_size, std::size_t date_at,
                               std::int64_t date_second, wire::coding coding) {
    void* const memory = ::operator new(sizeof(ready_response) + head.size() + body_size);
    ready_ref made{::new (memory)
                       ready_response{head.size(), body_size, date_at, date_second, coding}};
    std::ranges::copy(head, made->bytes());
    return made;
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
