#include <ringway/http/handler.hpp>

#include <algorithm>

#include <ringway/base/assert.hpp>

namespace ringway::http {

void ready_response::set_date(std::int64_t now_s, std::string_view date) noexcept {
    RW_ASSERT(date_at_ + date.size() <= head_size_);
    std::ranges::copy(date, bytes_.get() + date_at_);
    date_second_ = now_s;
}

ready_ref ready_response::with_date(std::int64_t now_s, std::string_view date) const {
    const std::string_view all = text();
    auto bytes = std::make_unique_for_overwrite<char[]>(all.size());
    std::ranges::copy(all, bytes.get());
    auto copy = make_shared_here<ready_response>(std::move(bytes), head_size_, body_size_, date_at_,
                                                 date_second_, coding_);
    copy->set_date(now_s, date);
    return copy;
}

}  // namespace ringway::http
