#include "quic/group.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <gnutls/crypto.h>
#include <string>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/log.hpp>
#include <ringway/net/datagram.hpp>

#include "quic/steering.hpp"
#include "quic/udp_port.hpp"

namespace ringway::quic {
namespace detail {
namespace {

// Datagrams on their way to one shard: some MiB at most.
constexpr std::size_t forwarded_max = 2048;

void append(std::string& to, std::uint64_t value) { to += fmt::format("{};", value); }

// Whatever is promised with a ticket and must still hold when early data comes (RFC 9000 section
// 7.4.1), and what the protocol above wants remembered.
tls::digest remembered_by_clients(const server_options& options) {
    std::string all;
    const transport_options& transport = options.transport;
    append(all, transport.streams_bidi);
    append(all, transport.streams_uni);
    append(all, transport.stream_window);
    append(all, transport.connection_window);
    append(all, transport.connection_ids_max);
    all += options.remembered;
    tls::digest made{};
    const int hashed = gnutls_hash_fast(GNUTLS_DIG_SHA256, all.data(), all.size(), made.data());
    RW_ASSERT(hashed == 0);
    return made;
}

}  // namespace

struct group::forwarded : message {
    group* owner = nullptr;
    unsigned shard = 0;
    std::size_t port = 0;
    arrival from;
    std::vector<std::byte> bytes;

    static void arrive(message& mail) noexcept {
        const std::unique_ptr<forwarded> me{static_cast<forwarded*>(&mail)};
        member& home = *me->owner->members_[me->shard];
        home.under_way.fetch_sub(1, std::memory_order_relaxed);
        if (home.target != nullptr) {
            home.target->take_forwarded(me->port, me->from, me->bytes);
        }
    }
};

group::group(server_options options, unsigned shards)
    : options_{std::move(options)},
      tokens_{options_.secret ? *options_.secret : random_master_secret()} {
    RW_ASSERT(shards >= 1);
    sockets_.resize(shards);
    for (unsigned index = 0; index < shards; ++index) {
        members_.push_back(std::make_unique<member>());
    }
}

result<void> group::set_up(tls::server_context& context) {
    std::string problem = problem_of(options_.transport);
    if (problem.empty() && options_.generation >= generations_max) {
        problem = fmt::format("generations are 0 to {}", generations_max - 1);
    }
    if (problem.empty() && shards() > shards_max) {
        problem = fmt::format("QUIC can be served by {} shards at most", shards_max);
    }
    if (!problem.empty()) {
        log_line(log_level::error, problem);
        return fail(errc::invalid_argument);
    }
    if (options_.early_data) {
        auto seen = replay_register::make();
        if (!seen) {
            return std::unexpected{seen.error()};
        }
        early_data_ = *std::move(seen);
    }
    auto crypto = server_crypto::make(context, {.alpn = options_.alpn,
                                                .early_data = early_data_.get(),
                                                .remembered = remembered_by_clients(options_)});
    if (!crypto) {
        return std::unexpected{crypto.error()};
    }
    crypto_ = *std::move(crypto);
    return {};
}

result<void> group::listen(std::span<const endpoint> where) {
    for (const endpoint& each : where) {
        if (const auto opened = listen_at(each); !opened) {
            return opened;
        }
    }
    for (auto* const preferred : {&options_.preferred_v4, &options_.preferred_v6}) {
        if (!*preferred || std::ranges::find(listening_, **preferred) != listening_.end()) {
            continue;
        }
        if (const auto opened = listen_at(**preferred); !opened) {
            return opened;
        }
        *preferred = listening_.back();  // With the port that was found.
    }
    return {};
}

// Shard 0 binds first, then shard 1: the kernel numbers them like that, which steering counts on.
result<void> group::listen_at(endpoint where) {
    std::vector<bound_socket> made;
    for (unsigned index = 0; index < shards(); ++index) {
        auto bound = datagram_socket::bind(where, quic_socket_options(shards() > 1));
        if (!bound) {
            return std::unexpected{bound.error()};
        }
        const auto local = local_endpoint(bound->get());
        if (!local) {
            return std::unexpected{local.error()};
        }
        where = where.with_port(local->port());
        made.push_back({*std::move(bound), where});
    }
    if (options_.steer && shards() > 1) {
        if (const auto steered = steer(made.front().fd.get(), shards()); !steered) {
            log_line(log_level::warning, steered.error());
        }
    }
    listening_.push_back(where);
    for (unsigned index = 0; index < shards(); ++index) {
        sockets_[index].push_back(std::move(made[index]));
    }
    return {};
}

std::vector<group::bound_socket> group::take_sockets(unsigned shard) {
    RW_ASSERT(shard < sockets_.size());
    return std::exchange(sockets_[shard], {});
}

void group::enroll(unsigned shard, forward_target* target) noexcept {
    RW_ASSERT(shard < members_.size());
    members_[shard]->target = target;
    members_[shard]->home.store(target != nullptr ? &shard::current() : nullptr);
}

bool group::forward(unsigned shard, const arrival& from, byte_view datagram) {
    if (shard >= members_.size()) {
        return false;
    }
    member& to = *members_[shard];
    ringway::shard* const home = to.home.load();
    if (home == nullptr || to.under_way.load(std::memory_order_relaxed) >= forwarded_max) {
        return false;
    }
    auto mail = std::make_unique<forwarded>();
    mail->deliver = &forwarded::arrive;
    mail->owner = this;
    mail->shard = shard;
    mail->port = from.port->index();
    mail->from = from;
    mail->from.port = nullptr;
    mail->bytes.assign(datagram.begin(), datagram.end());
    to.under_way.fetch_add(1, std::memory_order_relaxed);
    home->post(*mail.release());
    return true;
}

bool group::wants_retry() const noexcept {
    switch (options_.retry) {
        case retry_mode::always: return true;
        case retry_mode::never: return false;
        case retry_mode::automatic: break;
    }
    return half_open_.load(std::memory_order_relaxed) >= options_.half_open_before_retry;
}

}  // namespace detail

result<std::unique_ptr<server_group>> server_group::make(tls::server_context& context,
                                                         server_options options, unsigned shards) {
    auto made = std::make_unique<detail::group>(std::move(options), shards);
    if (const auto ready = made->set_up(context); !ready) {
        return std::unexpected{ready.error()};
    }
    return std::unique_ptr<server_group>{std::move(made)};
}

}  // namespace ringway::quic
