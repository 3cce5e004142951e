// What the connections of every version of HTTP have in common.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ringway/http/request.hpp>
#include <ringway/http/session_context.hpp>
#include <ringway/observe/labels.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/wire/accept_encoding.hpp>

namespace ringway::http {

/// What the access log wants of a request whose bytes may be gone when it is written. Bounded.
class request_note {
public:
    /// Copies what is logged of a request. Allocates.
    void remember(std::string_view method, std::string_view target, std::string_view referer,
                  std::string_view user_agent);

    /// The same of a request that can't be read: the first two words of its first line, whatever
    /// they hold. Allocates.
    void remember_unread(std::string_view received);

    void clear() noexcept;
    /// Gives back memory that only an unusual request needed.
    void shrink();

    [[nodiscard]] std::string_view method() const noexcept { return part(0); }
    [[nodiscard]] std::string_view target() const noexcept { return part(1); }
    [[nodiscard]] std::string_view referer() const noexcept { return part(2); }
    [[nodiscard]] std::string_view user_agent() const noexcept { return part(3); }

private:
    [[nodiscard]] std::string_view part(std::size_t i) const noexcept {
        const std::uint32_t begin = i == 0 ? 0 : ends_[i - 1];
        return std::string_view{text_}.substr(begin, ends_[i] - begin);
    }

    std::string text_;
    std::array<std::uint32_t, 4> ends_{};
};

/// A response that has ended, well or badly.
struct ended_response {
    version protocol = version::http_1_1;
    wire::method_id method = wire::method_id::unknown;
    std::uint16_t status = 0;
    std::uint64_t body_bytes = 0;
    wire::coding coding = wire::coding::identity;
    observe::cache_tier cache = observe::cache_tier::none;
    observe::transfer_way way = observe::transfer_way::memory;
    nanoseconds started{0};  ///< When its request was complete, on the shard's clock.
};

/// Which clients are meant, by their addresses as text. Lifetime: `how` as long as it is asked.
struct client_choice {
    bool (*is_meant)(const void* how, std::string_view client);
    const void* how = nullptr;

    [[nodiscard]] bool operator()(std::string_view client) const { return is_meant(how, client); }
};

/// A connection that is open: it stands in the list of its shard's context.
class session {
public:
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Ends the connection when the requests in flight have been answered, or soon if there are
    /// none.
    virtual void drain() noexcept = 0;

    /// Ends the connection now, whatever it is doing, and says nothing but a reset (TCP) or one
    /// packet that closes it (QUIC): for a peer that is not to be heard any more.
    virtual void cut_off() noexcept = 0;

    /// Cuts off all open sessions of `from` whose client `is_meant`; yields how many.
    static unsigned cut_off_where(session_context& from, const client_choice& is_meant);

    /// The next open session of the shard, an older one.
    [[nodiscard]] session* next() const noexcept { return next_; }

    /// Ends a session of `from` that has been idle for a second or more, one of the oldest: for
    /// when there is no room for others.
    static void evict_idle(session_context& from) noexcept;

protected:
    /// Lifetime: `context` outlives the session. `client` is the peer's address for the log.
    session(session_context& context, observe::transport kind, std::string client);
    ~session();

    /// Counts the connection as busy with a request, or as waiting for one.
    void set_active(bool active) noexcept;

    /// Counts a response and writes its line of the access log. Once per `request_started`.
    void count_response(const ended_response& what, const request_note& note) noexcept;

    /// Counts what the peer did, and tells who listens; `proven`: it was the peer's address that
    /// did it.
    void count_abuse(observe::abuse_kind what, bool proven = true) noexcept;

    session_context& context_;
    std::string client_;
    std::uint64_t connection_id_;
    observe::transport transport_;

private:
    session* next_;
    session* previous_ = nullptr;
    nanoseconds idle_since_;
    bool active_ = false;
    bool evicted_ = false;
};

/// Has the TCP socket `fd` drop what it has not sent and reset its connection when it is closed, so
/// that the kernel keeps nothing for a peer that does not answer (SO_LINGER 0, socket(7)).
void reset_when_closed(int fd) noexcept;

/// Bytes that the peer of the TCP socket `fd` has acknowledged; none where that is not known.
[[nodiscard]] std::optional<std::uint64_t> bytes_acknowledged(int fd) noexcept;

}  // namespace ringway::http
