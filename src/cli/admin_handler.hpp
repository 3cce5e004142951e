// What --admin serves: metrics and health.
#pragma once

#include <functional>
#include <string>

#include <ringway/http/handler.hpp>

namespace ringway::cli {

/// Answers GET /metrics and GET /healthz, nothing else.
class admin_handler final : public http::handler {
public:
    /// What it asks of the process; called on the shard that serves.
    class source {
    public:
        source() = default;
        source(const source&) = delete;
        source& operator=(const source&) = delete;
        virtual ~source() = default;
        /// Appends the metrics page to `out`.
        virtual void write_metrics(std::string& out) = 0;
        /// Whether new requests are welcome: false while the server drains.
        [[nodiscard]] virtual bool healthy() = 0;
    };

    /// Lifetime: `about` outlives the handler.
    explicit admin_handler(source& about) : about_{about} {}

    [[nodiscard]] task<void> respond(const http::request& asked, http::response& out) override;

private:
    source& about_;
};

}  // namespace ringway::cli
