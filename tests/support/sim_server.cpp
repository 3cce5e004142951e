#include "support/sim_server.hpp"

#include <memory>
#include <utility>

#include <ringway/files/file_handler.hpp>
#include <ringway/http/h1_session.hpp>
#include <ringway/http/server.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/observe/http_metrics.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/seed_on_abort.hpp"

namespace ringway::test {
namespace {

constexpr std::uint16_t port = 80;

class world {
public:
    world(const sim_site& site, const sim_scenario& scenario)
        : scenario_{scenario},
          handler_{site.beneath(), site.options(), site.types(), scenario.cache, metrics_},
          context_{handler_, scenario.limits, scenario.method, metrics_, scenario.log, 0},
          gate_{scenario.gate} {}

    task<void> run(simulated_driver& io, sim_run& out) {
        http::server server{context_, gate_};
        scope beside;
        if (scenario_.follows_changes) {
            beside.spawn(handler_.follow_changes());
        }
        scope accepting;
        accepting.spawn(server.accept_on(io.make_listener(port), observe::transport::tcp));
        out.clients.resize(scenario_.clients.size());
        std::vector<std::unique_ptr<sim_client>> clients;
        scope talking;
        for (std::size_t i = 0; i < out.clients.size(); ++i) {
            clients.push_back(
                std::make_unique<sim_client>(io, port, scenario_.clients[i], out.clients[i]));
            talking.spawn(clients.back()->run());
        }
        if (scenario_.beside) {
            talking.spawn(scenario_.beside());
        }
        if (scenario_.drain_at) {
            static_cast<void>(co_await sleep_for(*scenario_.drain_at));
        } else {
            co_await talking.join();
        }
        accepting.request_stop();
        co_await accepting.join();
        out.drain_began = io.now();
        co_await server.finish(scenario_.patience);
        out.drain_took = io.now() - out.drain_began;
        co_await talking.join();
        beside.request_stop();
        co_await beside.join();
        look_at(server, out);
    }

private:
    void look_at(const http::server& server, sim_run& out) {
        constexpr auto tcp = static_cast<std::size_t>(observe::transport::tcp);
        out.remains.sessions = server.size();
        out.remains.admitted = gate_.open();
        out.remains.timers = shard::current().timers().size();
        out.remains.in_flight = metrics_.in_flight.get();
        out.remains.active = metrics_.active[tcp].get();
        out.remains.idle = metrics_.idle[tcp].get();
        out.accepted = metrics_.accepted.get(observe::transport::tcp);
        for (std::size_t i = 0; i < out.timeouts.size(); ++i) {
            out.timeouts[i] = metrics_.timeouts.get(static_cast<observe::timeout_kind>(i));
        }
    }

    const sim_scenario& scenario_;
    observe::http_metrics metrics_;
    files::file_handler handler_;
    http::session_context context_;
    http::connection_gate gate_;
};

task<void> run_world(const sim_site& site, const sim_scenario& scenario, simulated_driver& io,
                     sim_run& out) {
    const auto made = std::make_unique<world>(site, scenario);
    co_await made->run(io, out);
}

task<void> ask(int fd, const std::string& request, sim_response_reader& reader) {
    stream connection{fd};
    static_cast<void>(co_await connection.send(as_bytes(request)));
    while (reader.now() == sim_response_reader::phase::head ||
           reader.now() == sim_response_reader::phase::body) {
        auto received = co_await connection.receive();
        RW_ASSERT(received && *received);
        std::string_view bytes = as_text(received->bytes());
        bytes.remove_prefix(reader.feed(bytes));
        reader.expect_body(true);
        static_cast<void>(reader.feed(bytes));
    }
    co_await connection.close();
}

task<void> serve_one(const sim_site& site, const std::string& request, simulated_driver& io,
                     sim_response_reader& reader) {
    observe::http_metrics metrics;
    const http::session_limits limits;
    files::file_handler handler{site.beneath(), site.options(), site.types(), {}, metrics};
    http::session_context context{handler, limits, transfer_method::automatic, metrics, nullptr, 0};
    const auto ends = io.make_connection();
    http::h1_session session{ends[0], context, observe::transport::tcp, {}};
    scope both;
    both.spawn(session.run());
    both.spawn(ask(ends[1], request, reader));
    co_await both.join();
}

}  // namespace

sim_run run_server(const sim_site& site, const sim_scenario& scenario) {
    const seed_on_abort told{scenario.kernel.seed};
    auto made = std::make_unique<simulated_driver>(scenario.kernel);
    simulated_driver& io = *made;
    shard loop{0, std::move(made)};
    sim_run out;
    const auto ran = loop.run(run_world(site, scenario, io, out));
    RW_ASSERT(ran.has_value());
    out.remains.kernel = io.leaks();
    out.faults = io.faults();
    out.history = io.history();
    out.description = io.describe();
    return out;
}

sim_response ask_once(const sim_site& site, const std::string& request) {
    auto made = std::make_unique<simulated_driver>(simulation_options{});
    simulated_driver& io = *made;
    shard loop{0, std::move(made)};
    sim_response_reader reader;
    const auto ran = loop.run(serve_one(site, request, io, reader));
    RW_ASSERT(ran.has_value() && reader.now() == sim_response_reader::phase::complete);
    return reader.current();
}

}  // namespace ringway::test
