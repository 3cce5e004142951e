#include <ringway/http/server.hpp>

#include <cerrno>
#include <string_view>
#include <sys/socket.h>

#include <ringway/base/log.hpp>
#include <ringway/http/h1_session.hpp>
#include <ringway/http/h2_session.hpp>
#include <ringway/http/plain_on_tls.hpp>
#include <ringway/net/acceptor.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/net/plain_transport.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway::http {
namespace {

// How long accepting rests when the process or the machine has run out of something.
constexpr std::chrono::milliseconds rest{100};
// What goes on is told so often, by each shard, and counted each time.
constexpr std::chrono::seconds between_complaints{10};

constexpr std::chrono::milliseconds handshake_patience{1000};

constexpr std::string_view busy_response =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

// Until the peer has closed: what it still sends must not turn our answer into a reset.
task<result<void>> read_to_end(stream& from) {
    for (;;) {
        const auto received = co_await from.receive();
        if (!received || !*received) {
            co_return result<void>{};
        }
    }
}

bool is_shortage(error failure) noexcept {
    return failure.code == errc::out_of_buffers || failure.sys == EMFILE || failure.sys == ENFILE ||
           failure.sys == ENOMEM;
}

}  // namespace

task<void> server::accept_on(int listener, observe::transport kind) {
    acceptor accepting{listener};
    nanoseconds next_complaint{0};
    for (;;) {
        const auto accepted = co_await accepting.accept();
        if (accepted) {
            admit(*accepted, kind);
            continue;
        }
        const error failure = accepted.error();
        if (failure.code == errc::canceled) {
            break;
        }
        const bool shortage = is_shortage(failure);
        if (const auto now = shard::current().now(); now >= next_complaint) {
            next_complaint = now + between_complaints;
            log_line(
                log_level::warning,
                "accepting pauses: " + describe(failure) +
                    (failure.sys == EMFILE ? "; raise the limit of open files (ulimit -n)" : ""));
        }
        context_.metrics.rejected.add(failure.sys == EMFILE || failure.sys == ENFILE
                                          ? observe::reject_reason::no_fds
                                          : observe::reject_reason::no_memory);
        const auto rested = co_await sleep_for(shortage ? rest : 10 * rest);
        if (!rested) {
            break;
        }
    }
    co_await accepting.close();
}

void server::admit(int fd, observe::transport kind) {
    std::string client = connection_gate::address_text(peer_endpoint(fd).value_or(endpoint{}));
    std::string key =
        connection_gate::is_loopback(client) ? std::string{} : connection_gate::key_of(client);
    if (gate_.is_crowded()) {
        session::evict_idle(context_);
    }
    const auto verdict = gate_.enter(key);
    if (verdict == connection_gate::verdict::admitted) {
        sessions_.spawn(run_session(fd, kind, std::move(client), std::move(key)));
        return;
    }
    context_.metrics.rejected.add(verdict == connection_gate::verdict::limit_total
                                      ? observe::reject_reason::limit_total
                                      : observe::reject_reason::limit_address);
    if (context_.abuse != nullptr && verdict == connection_gate::verdict::limit_address) {
        context_.abuse->refused(client);
    }
    if (secure_ == nullptr) {  // Over TLS nobody could read it.
        static_cast<void>(
            ::send(fd, busy_response.data(), busy_response.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    }
    driver::current().shutdown_now(fd, SHUT_WR);
    driver::current().close_now(fd);
}

task<void> server::run_session(int fd, observe::transport kind, std::string client,
                               std::string key) {
    if (secure_ != nullptr) {
        co_await run_secure(fd, std::move(client));
    } else {
        h1_session session{fd, context_, kind, client};
        co_await session.run();
        if (session.is_h2()) {
            co_await run_h2(session, kind, std::move(client));
        }
    }
    gate_.leave(key);
}

// HTTP/2 without TLS: the connection began as any other and goes on with another session.
task<void> server::run_h2(h1_session& begun, observe::transport kind, std::string client) {
    plain_transport output{begun.connection(), buffer_lease::copy_of(as_bytes(begun.received()))};
    h2_session session{
        output, context_, kind, std::move(client), false, h2_session::origin::handed_over};
    co_await session.run();
}

// A handshake under way: no session yet, but to be found by its client.
struct server::agreement {
    agreement(server& of, std::string_view who) noexcept
        : client{who}, stop{&of.agreeing_}, next{of.first_agreement_}, place{&of.first_agreement_} {
        if (next != nullptr) {
            next->place = &next;
        }
        *place = this;
    }
    agreement(const agreement&) = delete;
    agreement& operator=(const agreement&) = delete;
    ~agreement() {
        *place = next;
        if (next != nullptr) {
            next->place = place;
        }
    }

    std::string_view client;
    linked_stop_source stop;
    bool is_cut_off = false;
    agreement* next;
    agreement** place;  // What points at us.
};

unsigned server::cut_off(const client_choice& is_meant) {
    unsigned count = session::cut_off_where(context_, is_meant);
    for (agreement* each = first_agreement_; each != nullptr; each = each->next) {
        if (!each->client.empty() && is_meant(each->client)) {
            each->is_cut_off = true;
            each->stop.request_stop();  // Ends later, in its own turn.
            ++count;
        }
    }
    return count;
}

// The handshake and, if it fails, the end of the connection.
task<bool> server::agree_or_close(tls::connection& with, std::string_view client) {
    agreement mine{*this, client};
    const bool agreed = co_await agree(with, mine) && !mine.is_cut_off;
    if (!agreed) {
        if (mine.is_cut_off) {
            reset_when_closed(with.fd());
        }
        co_await with.close();
    }
    co_return agreed;
}

task<void> server::run_secure(int fd, std::string client) {
    tls::connection connection{fd, *secure_};
    if (!co_await agree_or_close(connection, client)) {
        co_return;
    }
    authority_guard guard{secure_->certificates(), *connection.shown_policy()};
    if (connection.alpn() == "h2") {
        h2_session session{connection,        context_, observe::transport::tls,
                           std::move(client), true,     h2_session::origin::fresh,
                           std::move(guard)};
        co_await session.run();
    } else {
        h1_session session{connection, context_, std::move(client), std::move(guard)};
        co_await session.run();
    }
}

// The handshake, in the time that a head of a request may take.
task<bool> server::agree(tls::connection& with, agreement& mine) {
    const auto limit = context_.limits.header_timeout;
    result<void> agreed;
    if (limit == std::chrono::milliseconds{0}) {
        agreed = co_await with.handshake().under(mine.stop.source());
    } else {
        agreed = co_await with_timeout(limit, with.handshake()).under(mine.stop.source());
    }
    if (agreed) {
        co_return true;
    }
    if (agreed.error().code == errc::timed_out) {
        context_.metrics.timeouts.add(observe::timeout_kind::handshake);
    }
    if (const std::byte first = with.foreign_byte(); begins_like_http({&first, 1})) {
        context_.metrics.abuse.add(observe::abuse_kind::plain_on_tls_port);
        if (context_.abuse != nullptr) {
            context_.abuse->heard(mine.client, observe::abuse_kind::plain_on_tls_port);
        }
        context_.date.update();
        const auto text = plain_on_tls_response(context_.date.text());
        driver::current().send_now(with.fd(), as_bytes(text));
    } else if (!with.problem().empty()) {
        log_line(log_level::debug, "TLS handshake: " + std::string{with.problem()});
    }
    if (agreed.error().code == errc::malformed) {
        // Closing with unread bytes would reset the connection, and the answer, or the alert, with
        // it.
        with.socket().shutdown_send();
        static_cast<void>(
            co_await with_timeout(context_.limits.linger, read_to_end(with.socket())));
    }
    co_return false;
}

namespace {

// Who is agreeing on keys when the server drains may still send a request, but may not take long.
task<void> stop_later(stop_source& handshakes) {
    static_cast<void>(co_await sleep_for(handshake_patience));
    handshakes.request_stop();
}

task<result<void>> join(scope& sessions) {
    co_await sessions.join();
    co_return result<void>{};
}

}  // namespace

task<void> server::finish(std::chrono::milliseconds patience) {
    context_.draining = true;
    for (session* each = context_.first; each != nullptr;) {
        session* const following = each->next();
        each->drain();
        each = following;
    }
    scope watch;
    watch.spawn(stop_later(agreeing_));
    static_cast<void>(co_await with_timeout(patience, join(sessions_)));
    watch.request_stop();
    co_await watch.join();
    RW_ASSERT(sessions_.size() == 0);
}

}  // namespace ringway::http
