// A server of HTTP/3 on a fake connection and a simulated shard, and a peer that is a test.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <ringway/base/log.hpp>
#include <ringway/files/file_handler.hpp>
#include <ringway/http/session_context.hpp>
#include <ringway/runtime/sleep.hpp>

#include "http/h3_connection.hpp"
#include "support/fake_quic.hpp"
#include "support/h3_wire.hpp"
#include "support/sim_site.hpp"
#include "support/simulated_shard.hpp"

namespace ringway::test {

/// A response as it came.
struct h3_response {
    int status = 0;
    std::map<std::string, std::string> fields;
    std::string body;
    bool whole = false;    ///< Frames are whole and the stream has ended.
    bool strange = false;  ///< Something else than HEADERS and then DATA.
};

/// Takes the bytes of a request stream of a server apart. For fields without dynamic table.
[[nodiscard]] h3_response read_response(std::string_view bytes, bool fin, std::int64_t stream);

class h3_world {
public:
    h3_world(http::handler& handler, observe::http_metrics& metrics,
             const http::session_limits& limits, const fake_quic_manner& how);

    /// Lets everybody run until nothing happens any more.
    [[nodiscard]] task<void> settle();
    /// Sends a control stream and that the handshake is complete.
    void greet(std::string_view settings = {});
    /// Asks with these fields on stream `id`, and ends it.
    void ask(quic::stream_id id, const h3::fields& list) { quic.deliver(id, h3::head(list), true); }
    [[nodiscard]] h3_response response(quic::stream_id id);
    /// Ends the connection and sees to it that nothing is left of it.
    [[nodiscard]] task<void> end();

    observe::http_metrics& metrics;
    http::session_context context;
    fake_quic quic;
    std::unique_ptr<http::detail::h3_connection> server;
};

/// Runs `script(h3_world&)`, a task<void>, against the shared site.
template <class Script>
void run_h3(const http::session_limits& limits, const fake_quic_manner& how, Script script) {
    set_log_level(log_level::error);
    const sim_site& site = sim_site::shared();
    const auto metrics = std::make_unique<observe::http_metrics>();
    const auto main = [&](simulated_driver&) -> task<void> {
        const auto body = [](const sim_site& served, observe::http_metrics& counters,
                             const http::session_limits& bounds, const fake_quic_manner& manner,
                             Script& act) -> task<void> {
            files::file_handler handler{
                served.beneath(), served.options(), served.types(), {}, counters};
            h3_world world{handler, counters, bounds, manner};
            co_await act(world);
            co_await world.end();
        };
        return body(site, *metrics, limits, how, script);
    };
    simulation_options options;
    options.seed = how.seed;
    EXPECT_EQ(run_simulated(options, main).leaks, leak_report{});
    set_log_level(log_level::info);
}

}  // namespace ringway::test
