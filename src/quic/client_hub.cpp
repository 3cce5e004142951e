#include <cerrno>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/coro/stop.hpp>

#include "quic/client_link.hpp"

namespace ringway::quic {
namespace detail {
namespace {

constexpr std::size_t open_ports_max = 4;  // Late packets may still come to the last ones.

}  // namespace

client_hub::client_hub(const endpoint& server, make_application protocol)
    : hub{counts_},
      server_{server},
      link_{std::make_unique<client_link>(*this, endpoint{}, server, std::move(protocol))} {}

client_hub::~client_hub() = default;

result<udp_port*> client_hub::open_port(const endpoint& where, const endpoint& server) {
    endpoint from = where;
    if (!from.is_ip()) {
        from =
            server.family() == AF_INET6 ? *parse_endpoint("[::]:0") : *parse_endpoint("0.0.0.0:0");
    }
    auto options = quic_socket_options(false);
    options.with_facts = true;
    auto bound = datagram_socket::bind(from, options);
    if (!bound) {
        return std::unexpected{bound.error()};
    }
    datagram_socket socket = datagram_socket::adopt(*std::move(bound));
    if (const auto connected = socket.connect(server); !connected) {
        return std::unexpected{connected.error()};
    }
    const auto local = local_endpoint(socket.fd());
    if (!local) {
        return std::unexpected{local.error()};
    }
    ports_.push_back(
        std::make_unique<udp_port>(std::move(socket), *local, ports_.size(), true, counts_));
    return ports_.back().get();
}

// Of the ports before it paths may still name the last ones, so only their sockets go.
void client_hub::use(udp_port& port) {
    receive_on(port);
    if (ports_.size() > open_ports_max) {
        ports_[ports_.size() - open_ports_max - 1]->retire();
    }
}

result<void> client_hub::begin(std::string_view host, const tls::client_context& context,
                               const client_options& options, const resumption& earlier) {
    const auto port = open_port(options.local, server_);
    if (!port) {
        return std::unexpected{port.error()};
    }
    if (const auto begun = link_->begin(**port, host, context, options, earlier); !begun) {
        return begun;
    }
    start();
    receive_on(**port);
    return {};
}

task<result<void>> client_hub::handshake() {
    const auto waited = co_await link_->handshake_over.wait();
    if (waited && !link_->handshake_done()) {
        const error why = link_->how_it_ended().reason;
        co_return std::unexpected{why.code == errc::none ? error{errc::closed, 0} : why};
    }
    co_return waited;
}

task<result<void>> client_hub::confirmation() {
    const auto waited = co_await link_->confirmation_over.wait();
    if (waited && !link_->is_confirmed()) {
        const error why = link_->how_it_ended().reason;
        co_return std::unexpected{why.code == errc::none ? error{errc::closed, 0} : why};
    }
    co_return waited;
}

task<result<void>> client_hub::ended() {
    const auto waited = co_await link_->over.wait();
    co_return waited;
}

task<void> client_hub::finish() {
    stop_source never;
    co_await wind_up().under(never);
}

task<void> client_hub::wind_up() {
    if (!link_->is_over()) {
        link_->close_with(NGTCP2_NO_ERROR, "");
        run_pass();
        link_->abandon({errc::canceled, 0});  // Where it could not be sent.
    }
    if (application* const protocol = link_->protocol()) {
        co_await protocol->finish();
        link_->drop_protocol();
    }
    co_await stop();
    ports_.clear();
}

result<void> client_hub::migrate(const endpoint& where) {
    if (!link_->is_confirmed()) {
        return fail(errc::would_block);
    }
    const auto port = open_port(where, link_->peer());
    if (!port) {
        return std::unexpected{port.error()};
    }
    const auto moved = link_->migrate(**port);
    if (moved) {
        use(**port);
    } else {  // It may be asked again and again.
        ports_.pop_back();
    }
    return moved;
}

result<void> client_hub::rebind(const endpoint& where) {
    if (link_->is_over()) {
        return fail(errc::closed);
    }
    const auto port = open_port(where, link_->peer());
    if (!port) {
        return std::unexpected{port.error()};
    }
    use(**port);
    link_->rebind(**port);
    return {};
}

std::size_t client_hub::id_bytes() const noexcept { return client_link::id_bytes; }

// A stateless reset carries no id of ours (RFC 9000 section 10.3): ngtcp2 knows its token.
void client_hub::unknown(const arrival& from, byte_view datagram, const ngtcp2_version_cid& head) {
    if (link_->is_over() || head.version != 0) {
        counts_.dropped_unknown.add();
        return;
    }
    link_->receive(from, datagram);
}

void client_hub::unknown_version(const arrival& /*from*/, byte_view /*datagram*/,
                                 const ngtcp2_version_cid& /*head*/) {
    counts_.dropped_unknown.add();
}

// Anybody on the way can send such a message; once packets were exchanged it is not believed.
void client_hub::refused() {
    if (!link_->is_over() && !link_->handshake_done() && counts_.datagrams_received.get() == 0) {
        link_->abandon({errc::closed, ECONNREFUSED});
    }
}

}  // namespace detail

result<std::unique_ptr<client_connection>> client_connection::open(
    const endpoint& server, std::string_view host, const tls::client_context& context,
    make_application protocol, const client_options& options, const resumption& earlier) {
    if (const std::string problem = problem_of(options.transport); !problem.empty()) {
        log_line(log_level::error, problem);
        return fail(errc::invalid_argument);
    }
    if (options.versions.empty() || !server.is_ip()) {
        return fail(errc::invalid_argument);
    }
    auto made = std::make_unique<detail::client_hub>(server, std::move(protocol));
    if (const auto begun = made->begin(host, context, options, earlier); !begun) {
        return std::unexpected{begun.error()};
    }
    return std::unique_ptr<client_connection>{std::move(made)};
}

}  // namespace ringway::quic
