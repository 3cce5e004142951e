// A whole HTTP/3 connection without a network: whatever a peer sends on whichever streams, in
// whatever pieces, nothing aborts, windows go back, and nothing is left behind.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <ringway/base/assert.hpp>
#include <ringway/base/log.hpp>

#include "../support/fake_quic.hpp"
#include "../support/h3_wire.hpp"
#include "http/h3_connection.hpp"
#include "http/stream_exchange.hpp"

#include <ringway/http/handler.hpp>
#include <ringway/http/plan_error.hpp>
#include <ringway/ring/simulated_driver.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/runtime/sleep.hpp>

namespace {

using namespace ringway;

// Answers at once with a page, or after a while.
class slow_handler final : public http::handler {
public:
    task<void> respond(const http::request& asked, http::response& out) override {
        if (asked.path.size() % 2 == 0) {
            static_cast<void>(co_await sleep_for(std::chrono::milliseconds{5}));
        }
        http::plan_error(asked, 404, asked.path, out.plan);
    }
};

// The input is a list of: stream, what, length, bytes.
task<void> play(std::string_view script, test::fake_quic& quic, http::detail::h3_connection& to) {
    quic.attach(to);
    RW_ASSERT(!to.on_ready());
    while (script.size() >= 3 && !quic.closed()) {
        const auto stream = static_cast<quic::stream_id>(script[0] & 0x3e);  // Of a client.
        const auto what = static_cast<unsigned char>(script[1]);
        const std::size_t size =
            std::min<std::size_t>(static_cast<unsigned char>(script[2]), script.size() - 3);
        const std::string_view bytes = script.substr(3, size);
        script.remove_prefix(3 + size);
        switch (what % 8) {
            case 0: quic.reset(stream, 0x10c); break;
            case 1: quic.stop(stream | ((what & 32U) != 0 ? 1 : 0), 0x10c); break;
            case 2: quic.handshake_ends(); break;
            case 3: static_cast<void>(co_await sleep_for(std::chrono::seconds{what})); break;
            case 4: quic.allow(stream, what); break;
            case 5: to.drain(); break;
            default: quic.deliver(stream, bytes, (what & 8U) != 0, (what & 16U) != 0);
        }
        quic.pump(what);
        static_cast<void>(co_await sleep_for(std::chrono::microseconds{10}));
    }
    quic.acknowledge();
    to.on_closed();
    co_await to.finish();
}

task<void> run_connection(std::string_view script, std::uint8_t manner) {
    const auto metrics = std::make_unique<observe::http_metrics>();
    slow_handler handler;
    http::session_limits limits;
    limits.head = {.line_bytes_max = 256,
                   .target_bytes_max = 64,
                   .header_bytes_max = 1024,
                   .header_count_max = 8};
    limits.streams_max = 10;
    limits.requests_max = 20;
    limits.budget.points_max = 2000;
    http::session_context context{handler,  limits,  transfer_method::automatic,
                                  *metrics, nullptr, 0};
    test::fake_quic quic{{.seed = manner,
                          .piece_max = (manner & 1U) != 0 ? 3U : 0U,
                          .window = (manner & 2U) != 0 ? 50U : 100'000U}};
    {
        http::detail::h3_connection connection{quic, context, "", http::authority_guard{}};
        co_await play(script, quic, connection);
    }
    RW_ASSERT(metrics->in_flight.get() == 0 && context.first == nullptr);
    RW_ASSERT(shard::current().timers().size() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    set_log_level(log_level::error);
    if (size < 4 || size > 8192) {
        return 0;
    }
    const std::string_view script{reinterpret_cast<const char*>(data) + 1, size - 1};
    simulation_options options;
    options.turns_max = 1'000'000;
    auto made = std::make_unique<simulated_driver>(options);
    simulated_driver& io = *made;
    shard loop{0, std::move(made)};
    RW_ASSERT(loop.run(run_connection(script, data[0])).has_value());
    RW_ASSERT(io.leaks() == leak_report{});
    return 0;
}
