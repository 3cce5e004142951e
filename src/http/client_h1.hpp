// The client's side of an HTTP/1.1 connection (RFC 9112).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <ringway/http/client_connection.hpp>
#include <ringway/wire/h1_answer.hpp>

#include "http/client_link.hpp"

namespace ringway::http::detail {

/// One request at a time; nothing is sent before the answer to the last has ended.
class client_h1 final : public client_connection {
public:
    explicit client_h1(std::unique_ptr<client_link> link) noexcept;

    [[nodiscard]] client_version version() const noexcept override {
        return client_version::http_1_1;
    }
    [[nodiscard]] bool takes_more() const noexcept override { return !busy_ && !over_; }
    [[nodiscard]] bool is_over() const noexcept override { return over_; }
    [[nodiscard]] std::unique_ptr<client_exchange> begin(const client_request& asked) override;
    [[nodiscard]] std::size_t in_flight() const noexcept override { return busy_ ? 1 : 0; }
    [[nodiscard]] client_facts facts() const noexcept override { return link_->facts(); }
    [[nodiscard]] std::vector<std::byte> resumption_data() const override {
        return link_->resumption_data();
    }
    [[nodiscard]] task<void> close() override;

private:
    class exchange;

    std::unique_ptr<client_link> link_;
    wire::h1_answer_parser parser_;
    std::uint64_t answers_ = 0;
    bool busy_ = false;
    bool over_ = false;
};

}  // namespace ringway::http::detail
