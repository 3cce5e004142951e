#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/http/client.hpp>
#include <ringway/ring/driver.hpp>

#include "http/client_within.hpp"
#include "wire/chars.hpp"

namespace ringway::http {
namespace {

constexpr std::size_t decoded_bytes = std::size_t{64} * 1024;  // At a time.

task<client_result<buffer_lease>> read_of(client_exchange& exchange, const wire::url& from) {
    auto piece = co_await exchange.read();
    if (!piece) {
        const std::string_view words = exchange.problem();
        co_return std::unexpected{
            client_failure{.stage = client_stage::body,
                           .what = piece.error(),
                           .text = from.text() + ": " +
                                   (words.empty() ? describe(piece.error()) : std::string{words})}};
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
    coding_ = std::move(other.coding_);
    decoder_ = std::move(other.decoder_);
    encoded_ = std::move(other.encoded_);
    has_decoded_ = other.has_decoded_;
    received_ = other.received_;
    return *this;
}

client_response::~client_response() { RW_ASSERT(exchange_ == nullptr); }

task<client_result<buffer_lease>> client_response::read() {
    if (!exchange_) {
        co_return buffer_lease{};
    }
    if (!coding_.empty() && decoder_ == nullptr) {
        co_return undecodable({errc::unsupported});
    }
    for (;;) {
        if (encoded_ || has_decoded_) {
            auto content = decode_some();
            if (!content || *content) {
                co_return content;
            }
        }
        auto piece = co_await detail::within(idle_timeout_, url_.text() + ": nothing more came",
                                             read_of(*exchange_, url_));
        if (!piece || !*piece) {
            timings_.total = driver::current().now() - started_;
        }
        if (!piece) {
            co_return piece;
        }
        received_ += piece->bytes().size();
        if (decoder_ == nullptr) {
            co_return piece;
        }
        if (!*piece) {
            const auto whole = decoder_->finish();
            if (!whole) {
                co_return undecodable(whole.error());
            }
            co_return piece;
        }
        encoded_ = *std::move(piece);
    }
}

void client_response::begin_decoding() {
    if (asked_->method == "HEAD" || head_.status == 206) {
        return;
    }
    std::string codings;
    for (const client_field& each : head_.fields) {
        if (wire::detail::same_ignoring_case(each.name, "content-encoding")) {
            codings.append(codings.empty() ? "" : ", ").append(each.value);
        }
    }
    auto made = wire::content_decoder::make(codings);
    if (!made || *made) {
        coding_ = std::move(codings);
        decoder_ = made ? *std::move(made) : nullptr;
    }
}

std::unexpected<client_failure> client_response::undecodable(error what) const {
    const auto text = decoder_ == nullptr ? "the body is encoded as \"" + coding_ +
                                                "\", which can't be decoded here"
                                          : std::string{decoder_->problem()};
    return std::unexpected{client_failure{
        .stage = client_stage::body, .what = what, .text = url_.text() + ": " + text}};
}

// The next content out of what has come; an empty lease when there is none in it.
client_result<buffer_lease> client_response::decode_some() {
    std::unique_ptr<std::byte[]> room{new std::byte[decoded_bytes]};
    const auto decoded = decoder_->decode(encoded_.bytes(), {room.get(), decoded_bytes});
    if (!decoded) {
        return undecodable(decoded.error());
    }
    has_decoded_ = decoded->produced == decoded_bytes;
    if (const std::size_t rest = encoded_.bytes().size() - decoded->consumed; rest > 0) {
        encoded_.narrow(decoded->consumed, rest);
    } else {
        encoded_.reset();
    }
    return decoded->produced == 0
               ? buffer_lease{}
               : buffer_lease{std::move(room), static_cast<std::uint32_t>(decoded->produced)};
}

client_facts client_response::facts() const noexcept {
    return connection_ ? connection_->facts() : client_facts{};
}

result<void> client_response::migrate(const endpoint& to) {
    return connection_ ? connection_->migrate(to) : fail(errc::closed);
}

std::optional<endpoint> client_response::local() const {
    return connection_ ? connection_->local() : std::nullopt;
}

task<void> client_response::close() {
    if (!exchange_) {
        co_return;
    }
    co_await exchange_->finish();
    exchange_.reset();
    encoded_.reset();
    if (timings_.total == nanoseconds{0}) {
        timings_.total = driver::current().now() - started_;
    }
    owner_->released();
}

}  // namespace ringway::http
