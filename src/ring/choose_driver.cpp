#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include <ringway/ring/driver.hpp>

#include "ring/epoll_driver.hpp"
#include "ring/uring_driver.hpp"

namespace ringway {
namespace {

constexpr const char* variable = "RINGWAY_DRIVER";

result<chosen_driver> check_uring(std::string_view who) {
    const auto works = try_uring();
    if (!works) {
        return std::unexpected{works.error()};
    }
    return chosen_driver{driver_kind::io_uring, std::string{who}};
}

// A number of `unit` ("ms") from the environment, or of seconds if it says so; 0 if there is none,
// or something else.
unsigned number_of(const char* name, std::string_view unit) noexcept {
    constexpr unsigned number_max = 1'000'000;
    constexpr unsigned second = 1000;
    const char* const set = std::getenv(name);
    const std::string_view text = set == nullptr ? "" : set;
    unsigned value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || value > number_max) {
        return 0;
    }
    const std::string_view rest = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
    if (rest.empty() || rest == unit) {
        return value;
    }
    return rest == "s" && unit == "ms" ? value * second : 0;
}

}  // namespace

result<chosen_driver> choose_driver(driver_kind wanted) {
    std::string who = "asked for by option";
    if (wanted == driver_kind::automatic) {
        const char* const set = std::getenv(variable);
        const std::string_view name = set == nullptr ? "" : set;
        who = "asked for by RINGWAY_DRIVER";
        if (name == "epoll") {
            wanted = driver_kind::epoll;
        } else if (name == "io_uring") {
            wanted = driver_kind::io_uring;
        } else if (!name.empty() && name != "auto") {
            return fail(errc::invalid_argument);
        }
    }
    if (wanted == driver_kind::epoll) {
        return chosen_driver{driver_kind::epoll, who};
    }
    if (wanted == driver_kind::io_uring) {
        return check_uring(who);
    }
    auto uring = check_uring("probed: it works here");
    if (uring) {
        return uring;
    }
    return chosen_driver{driver_kind::epoll, explain_driver_refusal(uring.error())};
}

std::string explain_driver_refusal(error refused) {
    if (refused.code == errc::invalid_argument && refused.sys == 0) {
        return std::string{variable} + " must be io_uring, epoll or auto";
    }
    switch (refused.sys) {
        case EPERM:
            return "io_uring is refused here (EPERM): by a container's seccomp profile or by the "
                   "sysctl kernel.io_uring_disabled";
        case ENOSYS: return "this kernel has no io_uring (ENOSYS), or a seccomp profile hides it";
        case EINVAL: return "this kernel's io_uring lacks buffer rings, which came with Linux 5.19";
        case ENOMEM:
            return "io_uring got no memory (ENOMEM): raise the limit for locked memory (ulimit -l)";
        default: return "io_uring can't be used here (" + describe(refused) + ")";
    }
}

result<std::unique_ptr<driver>> make_driver(driver_kind kind, const driver_options& options) {
    RW_ASSERT(kind != driver_kind::automatic);
    driver_options wanted = options;
    if (wanted.sqpoll_idle.count() == 0) {
        wanted.sqpoll_idle = std::chrono::milliseconds{number_of("RINGWAY_SQPOLL", "ms")};
    }
    if (wanted.napi_poll.count() == 0) {
        wanted.napi_poll = std::chrono::microseconds{number_of("RINGWAY_NAPI", "us")};
    }
    return kind == driver_kind::epoll ? make_epoll_driver(wanted) : make_uring_driver(wanted);
}

}  // namespace ringway
