#include <ringway/http/session.hpp>

#include <cstddef>
#include <ctime>
#include <initializer_list>
#include <linux/tcp.h>
#include <netinet/in.h>  // NOLINT(misc-include-cleaner): IPPROTO_TCP
#include <sys/socket.h>
#include <utility>

#include <ringway/ring/driver.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway::http {
namespace {

// What the access log shows of a request at most, so that no connection keeps more.
constexpr std::size_t logged_method_max = 32;
constexpr std::size_t logged_target_max = 4096;
constexpr std::size_t logged_referer_max = 1024;
constexpr std::size_t logged_agent_max = 512;
constexpr std::size_t kept_bytes_max = 1024;

std::int64_t wall_clock_ns() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

observe::http_protocol label_of(version protocol) noexcept {
    return static_cast<observe::http_protocol>(protocol);
}

}  // namespace

void request_note::remember(std::string_view method, std::string_view target,
                            std::string_view referer, std::string_view user_agent) {
    text_.clear();
    std::size_t i = 0;
    for (const std::string_view text :
         {method, target.substr(0, logged_target_max), referer.substr(0, logged_referer_max),
          user_agent.substr(0, logged_agent_max)}) {
        text_ += text;
        ends_[i++] = static_cast<std::uint32_t>(text_.size());
    }
}

void request_note::remember_unread(std::string_view received) {
    const auto line = received.substr(0, received.find_first_of("\r\n"));
    const auto method = line.substr(0, line.find(' '));
    const auto rest = line.substr(std::min(line.size(), method.size() + 1));
    remember(method.substr(0, logged_method_max), rest.substr(0, rest.find(' ')), {}, {});
}

void request_note::clear() noexcept {
    text_.clear();
    ends_ = {};
}

void request_note::shrink() {
    if (text_.capacity() > kept_bytes_max) {
        text_ = std::string{};
        ends_ = {};
    }
}

session::session(session_context& context, observe::transport kind, std::string client)
    : context_{context},
      client_{std::move(client)},
      connection_id_{++context.connections},
      transport_{kind},
      next_{context.first},
      idle_since_{shard::current().now()} {
    (next_ != nullptr ? next_->previous_ : context.last) = this;
    context.first = this;
}

session::~session() {
    (previous_ != nullptr ? previous_->next_ : context_.first) = next_;
    (next_ != nullptr ? next_->previous_ : context_.last) = previous_;
}

void session::evict_idle(session_context& from) noexcept {
    constexpr unsigned looked_at_max = 64;  // Where all are busy, nobody is worth a long search.
    const nanoseconds since = shard::current().now() - std::chrono::seconds{1};
    session* each = from.last;
    for (unsigned i = 0; each != nullptr && i < looked_at_max; ++i, each = each->previous_) {
        if (!each->active_ && !each->evicted_ && each->idle_since_ <= since) {
            each->evicted_ = true;
            from.metrics.evicted.add();
            each->drain();
            return;
        }
    }
}

unsigned session::cut_off_where(session_context& from, const client_choice& is_meant) {
    unsigned count = 0;
    for (session* each = from.first; each != nullptr;) {
        session* const following = each->next();
        if (!each->client_.empty() && is_meant(each->client_)) {
            each->cut_off();
            ++count;
        }
        each = following;
    }
    return count;
}

void reset_when_closed(int fd) noexcept {
    constexpr linger at_once{.l_onoff = 1, .l_linger = 0};
    static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

void session::set_active(bool active) noexcept {
    if (active != active_) {
        active ? context_.metrics.connection_active(transport_)
               : context_.metrics.connection_idle(transport_);
        active_ = active;
        idle_since_ = shard::current().now();
    }
}

void session::count_response(const ended_response& what, const request_note& note) noexcept {
    nanoseconds took = shard::current().now() - what.started;
    if (took == nanoseconds{0}) {
        // Answered in the turn in which it was asked: that clock has stood still meanwhile. What
        // the shard did for others since the turn began is in it, as in the wait for an answer.
        took = driver::current().now() - what.started;
    }
    context_.metrics.request_done({.protocol = label_of(what.protocol),
                                   .method = what.method,
                                   .coding = what.coding,
                                   .status = what.status,
                                   .bytes = what.body_bytes,
                                   .duration_ns = static_cast<std::uint64_t>(took.count())});
    context_.metrics.cache_hits.add(what.cache);
    context_.metrics.transferred.add(what.way, what.body_bytes);
    if (context_.log == nullptr) {
        return;
    }
    context_.log->submit(context_.shard_id,
                         {.unix_ns = wall_clock_ns() - took.count(),
                          .client = client_,
                          .method = note.method(),
                          .target = note.target(),
                          .referer = note.referer(),
                          .user_agent = note.user_agent(),
                          .bytes = what.body_bytes,
                          .duration_us = static_cast<std::uint64_t>(took.count() / 1000),
                          .connection_id = connection_id_,
                          .status = what.status,
                          .protocol = label_of(what.protocol),
                          .cache = what.cache,
                          .coding = what.coding});
}

std::optional<std::uint64_t> bytes_acknowledged(int fd) noexcept {
    tcp_info info{};
    socklen_t size = sizeof(info);
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
        size > offsetof(tcp_info, tcpi_bytes_acked)) {
        return info.tcpi_bytes_acked;
    }
    return std::nullopt;
}

void session::count_abuse(observe::abuse_kind what, bool proven) noexcept {
    context_.metrics.abuse.add(what);
    if (context_.abuse != nullptr && proven) {
        context_.abuse->heard(client_, what);
    }
}

}  // namespace ringway::http
