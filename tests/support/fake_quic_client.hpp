// A client's QUIC connection without a network: a fake connection, and a server that is a test.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <ringway/quic/client.hpp>

#include "support/fake_quic.hpp"

namespace ringway::test {

class fake_quic_client final : public quic::client_connection {
public:
    /// With early data the protocol is ready at once, else after `shake_hands`.
    fake_quic_client(const fake_quic_manner& how, quic::make_application maker, bool early)
        : wire{how}, protocol_{maker(wire)} {
        wire.attach(*protocol_);
        if (early) {
            static_cast<void>(protocol_->on_ready());
        }
        early_ = early;
    }

    void shake_hands() {
        if (!early_) {
            static_cast<void>(protocol_->on_ready());
        }
        wire.handshake_ends();
    }
    /// The connection is over, for this reason.
    void ends(quic::closing how) {
        how_ = std::move(how);
        if (!std::exchange(over_, true)) {
            protocol_->on_closed();
        }
    }

    [[nodiscard]] quic::connection& link() noexcept override { return wire; }
    [[nodiscard]] task<result<void>> handshake() override { co_return result<void>{}; }
    [[nodiscard]] task<result<void>> confirmation() override { co_return result<void>{}; }
    [[nodiscard]] task<result<void>> ended() override { co_return result<void>{}; }
    [[nodiscard]] const quic::closing& how_it_ended() const noexcept override { return how_; }
    [[nodiscard]] task<void> finish() override {
        ends({});
        co_await protocol_->finish();
        protocol_.reset();
    }
    [[nodiscard]] result<void> migrate(const endpoint&) override { return {}; }
    [[nodiscard]] result<void> rebind(const endpoint&) override { return {}; }
    [[nodiscard]] result<void> update_keys() override { return {}; }
    [[nodiscard]] quic::resumption resumption_data() const override { return {}; }
    [[nodiscard]] bool resumed() const noexcept override { return early_; }
    [[nodiscard]] bool early_data_accepted() const noexcept override { return early_; }
    [[nodiscard]] std::string cipher_text() const override { return "none"; }
    [[nodiscard]] std::uint32_t version_in_use() const noexcept override { return 1; }
    [[nodiscard]] const endpoint& local() const noexcept override { return wire.local(); }
    [[nodiscard]] const quic::endpoint_counters& counters() const noexcept override {
        return counts_;
    }

    fake_quic wire;

private:
    std::unique_ptr<quic::application> protocol_;
    quic::closing how_;
    quic::endpoint_counters counts_;
    bool early_ = false;
    bool over_ = false;
};

}  // namespace ringway::test
