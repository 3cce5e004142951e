#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/http/client.hpp>
#include <ringway/ring/driver.hpp>

#include "http/client_within.hpp"

namespace ringway::http {
namespace {

task<client_result<buffer_lease>> read_of(client_exchange& exchange) {
    auto piece = co_await exchange.read();
    if (!piece) {
        const std::string_view words = exchange.problem();
        co_return std::unexpected{
            client_failure{.stage = client_stage::body,
                           .what = piece.error(),
                           .text = words.empty() ? describe(piece.error()) : std::string{words}}};
    }
    co_return *std::move(piece);
}

}  // namespace

client_response& client_response::operator=(client_response&& other) noexcept {
    RW_ASSERT(exchange_ == nullptr);
    owner_ = other.owner_;
    connection_ = std::move(other.connection_);
    exchange_ = std::move(other.exchange_);
    asked_ = std::move(other.asked_);
    head_ = std::move(other.head_);
    version_ = other.version_;
    url_ = std::move(other.url_);
    redirects_ = other.redirects_;
    idle_timeout_ = other.idle_timeout_;
    started_ = other.started_;
    timings_ = other.timings_;
    return *this;
}

client_response::~client_response() { RW_ASSERT(exchange_ == nullptr); }

task<client_result<buffer_lease>> client_response::read() {
    if (!exchange_) {
        co_return buffer_lease{};
    }
    auto piece = co_await detail::within(idle_timeout_, "nothing more of the body came",
                                         read_of(*exchange_));
    if (!piece || !*piece) {
        timings_.total = driver::current().now() - started_;
    }
    co_return piece;
}

client_facts client_response::facts() const noexcept {
    return connection_ ? connection_->facts() : client_facts{};
}

result<void> client_response::migrate(const endpoint& to) {
    return connection_ ? connection_->migrate(to) : fail(errc::closed);
}

task<void> client_response::close() {
    if (!exchange_) {
        co_return;
    }
    co_await exchange_->finish();
    exchange_.reset();
    if (timings_.total == nanoseconds{0}) {
        timings_.total = driver::current().now() - started_;
    }
    owner_->released();
}

}  // namespace ringway::http
