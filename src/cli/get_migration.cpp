#include "cli/get_migration.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/core.h>

namespace ringway::cli {
namespace {

constexpr std::uint64_t bytes_between = std::uint64_t{1} << 20U;  // Without a length.

bool is_there(const endpoint& now, const endpoint& wanted) noexcept {
    return wanted.port() == 0 ? now.with_port(0) == wanted : now == wanted;
}

}  // namespace

std::string place_text(const endpoint& place) {
    std::string text = place.to_text();
    if (place.port() == 0) {
        text.resize(text.rfind(':'));
    }
    return text;
}

std::string migration_problem(error why) {
    if (why.code == errc::not_permitted && why.sys == 0) {
        return "the server does not allow it";
    }
    switch (why.sys) {
        case EADDRNOTAVAIL: return "it is no address of this machine";
        case EAFNOSUPPORT:
        case EINVAL: return "the server can't be reached from such an address";
        case 0: return describe(why);
        default: return std::strerror(why.sys);
    }
}

void get_migration::say_failure(const endpoint& to, error why) {
    says_.say(fmt::format("can't move to {}: {}", place_text(to), migration_problem(why)));
}

// Whether it has arrived where it was going.
void get_migration::look(const http::client_response& by) {
    const auto now = by.local();
    if (pending_ && now && is_there(*now, *pending_)) {
        if (!quiet_) {
            says_.say("moved to " + place_text(*pending_));
        }
        pending_.reset();
    }
}

void get_migration::step(http::client_response& by, std::uint64_t done, std::uint64_t total) {
    look(by);
    if (pending_ || next_ == places_.size()) {
        return;
    }
    const std::uint64_t between = total == unknown ? bytes_between : total / (places_.size() + 1);
    if (done < between * (next_ + 1)) {
        return;
    }
    const endpoint& to = places_[next_];
    const auto moved = by.migrate(to);
    if (moved) {
        pending_ = to;
    } else if (moved.error().code == errc::would_block) {
        return;
    } else {
        say_failure(to, moved.error());
    }
    ++next_;
}

void get_migration::end(const http::client_response& by) {
    look(by);
    if (pending_) {
        says_.say("no answer came from the server to " + place_text(*pending_) +
                  " before the end, so the connection stayed where it was");
    }
    for (; next_ < places_.size(); ++next_) {
        says_.say("not moved to " + place_text(places_[next_]) +
                  ": all had come before that was possible");
    }
}

}  // namespace ringway::cli
