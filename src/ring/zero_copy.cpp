#include <ringway/ring/zero_copy.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <span>
#include <sys/mman.h>
#include <sys/socket.h>

#include <ringway/base/assert.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {
namespace {

// So many notifications in a row that say "copied" settle it, for so long.
constexpr unsigned copied_max = 3;
constexpr nanoseconds patience = std::chrono::seconds{60};
constexpr std::size_t routes_max = 64;

}  // namespace

result<zero_copy_route> route_of(int fd) noexcept {
    sockaddr_storage local{};
    socklen_t size = sizeof local;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) != 0) {
        return fail(errc::unsupported);
    }
    zero_copy_route route;
    constexpr std::uint32_t loopback_net = 127;
    if (local.ss_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, &local, sizeof address);
        if (ntohl(address.sin_addr.s_addr) >> 24U == loopback_net) {
            return fail(errc::unsupported);
        }
        std::memcpy(route.address.data(), &address.sin_addr, sizeof address.sin_addr);
        return route;
    }
    if (local.ss_family == AF_INET6) {
        sockaddr_in6 address{};
        std::memcpy(&address, &local, sizeof address);
        constexpr std::size_t mapped_at = 12;
        const bool mapped = IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
        if (IN6_IS_ADDR_LOOPBACK(&address.sin6_addr) ||
            (mapped && address.sin6_addr.s6_addr[mapped_at] == loopback_net)) {
            return fail(errc::unsupported);
        }
        std::memcpy(route.address.data(), &address.sin6_addr, sizeof address.sin6_addr);
        return route;
    }
    return fail(errc::unsupported);
}

zero_copy_pool::lease::~lease() {
    if (buffer_ != nullptr) {
        RW_ASSERT(buffer_->leased && buffer_->sending == nullptr);
        buffer_->leased = false;
    }
}

// What the kernel still sends from it holds by itself: the pages stay until it is done with them.
zero_copy_pool::~zero_copy_pool() {
    for (zero_copy_buffer& each : buffers_) {
        RW_ASSERT(!each.leased && each.sending == nullptr);
        if (!each.head.empty()) {  // The begin of the mapping.
            ::munmap(each.head.data(), head_bytes + bytes_each);
        }
    }
}

bool zero_copy_pool::grow() noexcept {
    if (made_ == buffers_max) {
        return false;
    }
    void* const mapped = ::mmap(nullptr, head_bytes + bytes_each, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
        return false;
    }
    const byte_span whole{static_cast<std::byte*>(mapped), head_bytes + bytes_each};
    zero_copy_buffer& made = buffers_[made_++];
    made.owner = this;
    made.head = whole.first(head_bytes);
    made.memory = whole.subspan(head_bytes);
    // Without (RLIMIT_MEMLOCK) its pages are pinned for each send instead of once.
    made.slot = io_.enroll_buffer(whole).value_or(operation::no_slot);
    return true;
}

zero_copy_pool::lease zero_copy_pool::take() noexcept {
    if (refused_) {
        return lease{};
    }
    const auto is_free = [](const zero_copy_buffer& each) { return !each.leased && !each.noted; };
    const auto made = std::span{buffers_}.first(made_);
    auto free = std::ranges::find_if(made, is_free);
    if (free == made.end()) {
        if (!grow()) {
            return lease{};
        }
        free = std::span{buffers_}.first(made_).end() - 1;
    }
    free->leased = true;
    return lease{*free};
}

bool zero_copy_pool::pays(const zero_copy_route& route, nanoseconds now) const noexcept {
    const auto known = routes_.find(route);
    return !refused_ && (known == routes_.end() || known->second.until <= now);
}

void zero_copy_pool::ended(zero_copy_buffer& buffer, bool noted) noexcept {
    ++counts_.sends;
    for (zero_copy_buffer* each = &buffer; each != nullptr;) {
        RW_ASSERT(!each->noted && each->leased);
        each->noted = noted;
        each = noted ? each->next : std::exchange(each->next, nullptr);
    }
}

void zero_copy_pool::ended_plainly(const operation& op) noexcept {
    auto& buffer = *static_cast<zero_copy_buffer*>(op.extra);
    buffer.sending = nullptr;
    buffer.owner->ended(buffer, false);
}

void zero_copy_pool::notified(zero_copy_buffer& buffer, bool copied, nanoseconds now) noexcept {
    for (zero_copy_buffer* each = &buffer; each != nullptr;
         each = std::exchange(each->next, nullptr)) {
        RW_ASSERT(each->noted);
        each->noted = false;
    }
    ++counts_.notifications;
    counts_.copied += copied ? 1 : 0;
    if (!routes_.contains(buffer.route) && routes_.size() == routes_max) {
        routes_.clear();  // It is learnt anew, in a few sends.
    }
    experience& known = routes_[buffer.route];
    known.copied = copied ? known.copied + 1 : 0;
    if (known.copied >= copied_max) {
        known.until = now + patience;
        known.copied = copied_max - 1;  // One more try after that, not three.
    } else if (!copied) {
        known.until = nanoseconds{0};
    }
}

std::size_t zero_copy_pool::outstanding() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(buffers_, [](const zero_copy_buffer& each) { return each.noted; }));
}

}  // namespace ringway
