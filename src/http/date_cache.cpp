#include <ringway/http/date_cache.hpp>

#include <ctime>

#include <ringway/wire/date.hpp>

namespace ringway::http {

void date_cache::update() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != seconds_) {
        seconds_ = now.tv_sec;
        static_cast<void>(wire::format_http_date(seconds_, text_));
    }
}

}  // namespace ringway::http
