// Whole HTTP/2 connections on simulated kernels: bytes are right or the stream says that they are
// not, deadlines are kept, and nothing is left behind.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <ringway/base/log.hpp>

#include "support/file_systems.hpp"
#include "support/h2_client.hpp"
#include "support/sim_h2.hpp"
#include "support/sim_site.hpp"
#include "support/simulated_shard.hpp"
#include "support/simulation.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;
using observe::abuse_kind;
using observe::timeout_kind;

struct h2_run {
    sim_h2_result result;
    std::unique_ptr<observe::http_metrics> metrics = std::make_unique<observe::http_metrics>();
    nanoseconds took{0};
    simulated_run kernel;
};

task<void> run_one(simulated_driver& io, const http::session_limits& limits, std::string text,
                   sim_h2_manner how, h2_run& out) {
    const sim_site& site = sim_site::shared();
    files::file_handler handler{site.beneath(), site.options(), site.types(), {}, *out.metrics};
    const nanoseconds begun = io.now();
    co_await run_h2_connection(io, handler, *out.metrics, limits, std::move(text), how, out.result);
    out.took = io.now() - begun;
}

h2_run run(const simulation_options& kernel, const http::session_limits& limits,
           const std::string& text, sim_h2_manner how) {
    set_log_level(log_level::error);
    static_cast<void>(sim_site::shared());  // Made outside: making it takes a shard of its own.
    h2_run out;
    out.kernel = run_simulated(
        kernel, [&](simulated_driver& io) { return run_one(io, limits, text, how, out); });
    EXPECT_EQ(out.kernel.leaks, leak_report{});
    return out;
}

std::string hello(std::string_view settings = {}) {
    return std::string{h2::preface} + h2::frame(h2::settings, 0, 0, settings);
}

// Asks for every file twice.
std::string ask_for_all(const sim_site& site) {
    std::string text = hello();
    std::uint32_t stream = 1;
    for (int round = 0; round < 2; ++round) {
        for (const sim_file& file : site.files()) {
            text += h2::request(stream, h2::get(file.path));
            stream += 2;
        }
    }
    return text;
}

void expect_all(const sim_site& site, const h2_run& seen, bool all_complete) {
    EXPECT_TRUE(seen.result.well_formed || !all_complete);
    const std::size_t count = site.files().size();
    for (std::size_t i = 0; i < 2 * count; ++i) {
        const auto stream = static_cast<std::uint32_t>(2 * i + 1);
        const std::string& content = site.files()[i % count].content;
        const auto body = seen.result.bodies.find(stream);
        const std::string got = body == seen.result.bodies.end() ? "" : body->second;
        const auto end = seen.result.ended.find(stream);
        if (all_complete || (end != seen.result.ended.end() && end->second)) {
            EXPECT_TRUE(got == content) << "stream " << stream << ": " << got.size();
        } else {
            EXPECT_TRUE(content.starts_with(got)) << "stream " << stream;
        }
    }
}

// The windows of the peer are opened as it reads; then the server's idle timeout ends it.
TEST(h2_session, harmless_faults_change_no_byte) {
    const sim_site& site = sim_site::shared();
    for (const std::uint64_t seed : seeds(150, 300'000'000)) {
        const h2_run seen = run(gentle(seed), {}, ask_for_all(site),
                                {.seed = seed,
                                 .piece_max = seed % 3 == 0 ? 40U : 0U,
                                 .opens_windows = true,
                                 .hangs_up = false});
        SCOPED_TRACE(seen.kernel.description);
        expect_all(site, seen, true);
        EXPECT_EQ(seen.result.goaway, h2::no_error);
        if (::testing::Test::HasFailure()) {
            break;
        }
    }
}

TEST(h2_session, storms_cut_off_and_never_mix_up) {
    const sim_site& site = sim_site::shared();
    for (const std::uint64_t seed : seeds(150, 400'000'000)) {
        const h2_run seen = run(stormy(seed), {}, ask_for_all(site),
                                {.seed = seed, .opens_windows = true, .hangs_up = false});
        SCOPED_TRACE(seen.kernel.description);
        expect_all(site, seen, false);
        if (::testing::Test::HasFailure()) {
            break;
        }
    }
}

// What was asked for before the peer ended its side is answered as far as its windows allow.
TEST(h2_session, peer_that_hangs_up_gets_its_answers) {
    const sim_site& site = sim_site::shared();
    const sim_file& file = site.file("/small.html");
    const h2_run seen = run({}, {}, hello() + h2::request(1, h2::get(file.path)), {});
    EXPECT_EQ(seen.result.bodies.at(1), file.content);
}

const sim_file& largest() {
    const auto& files = sim_site::shared().files();
    return *std::ranges::max_element(files, {},
                                     [](const sim_file& each) { return each.content.size(); });
}

TEST(h2_session, shut_window_of_a_stream_ends_the_stream) {
    const std::string text = hello(h2::setting(4, 0)) + h2::request(1, h2::get(largest().path));
    const h2_run seen = run({}, {}, text, {.hangs_up = false});
    EXPECT_EQ(seen.result.resets.at(1), h2::enhance_your_calm);
    EXPECT_EQ(seen.metrics->abuse.get(abuse_kind::h2_stalled), 1U);
    EXPECT_EQ(seen.metrics->timeouts.get(timeout_kind::min_rate), 1U);
    EXPECT_LT(seen.took, 60s + http::session_limits{}.idle_timeout);
}

TEST(h2_session, shut_window_of_the_connection_ends_its_streams) {
    const std::string text =
        hello(h2::setting(4, 0x7fffffff)) + h2::request(1, h2::get(largest().path));
    const h2_run seen = run({}, {}, text, {.hangs_up = false});
    EXPECT_EQ(seen.result.bodies.at(1).size(), 65'535U);
    EXPECT_EQ(seen.result.resets.at(1), h2::enhance_your_calm);
    EXPECT_EQ(seen.metrics->abuse.get(abuse_kind::h2_stalled), 1U);
}

// nghttp2 serves streams of one urgency one after the other: the second waits for longer than a
// stream without a window may, and is not to blame.
TEST(h2_session, stream_that_waits_for_another_is_not_ended) {
    if (!reads_without_waiting()) {  // Then streams take turns, in ever smaller pieces.
        GTEST_SKIP() << "skipped: this file system has no RWF_NOWAIT";
    }
    const std::string text = hello(h2::setting(4, 0x7fffffff)) +
                             h2::request(1, h2::get(largest().path)) +
                             h2::request(3, h2::get(largest().path));
    const h2_run seen =
        run({}, {}, text, {.opens_windows = true, .window_delay = 12s, .hangs_up = false});
    EXPECT_GT(seen.took, 100s);
    EXPECT_TRUE(seen.result.bodies.at(1) == largest().content);
    EXPECT_TRUE(seen.result.bodies.at(3) == largest().content);
    EXPECT_TRUE(seen.result.resets.empty());
    EXPECT_EQ(seen.metrics->abuse.get(abuse_kind::h2_stalled), 0U);
}

// Simulated sockets do not say what the peer has acknowledged: only whole flushes are known.
TEST(h2_session, peer_that_reads_just_fast_enough_is_not_ended) {
    const std::string text =
        hello(h2::setting(4, 0x7fffffff)) + h2::request(1, h2::get(largest().path));
    http::session_limits limits;
    limits.rate_min = 200;
    simulation_options kernel;
    kernel.socket_buffer_bytes = 4096;
    kernel.base.buffer_count = 2;  // The peer's receives must not run ahead of it.
    const h2_run seen = run(kernel, limits, text, {.read_delay = 15s, .hangs_up = false});
    EXPECT_EQ(seen.result.bodies.at(1).size(), 65'535U);
    EXPECT_EQ(seen.metrics->timeouts.get(timeout_kind::min_rate), 1U);  // Its window, at the end.
    EXPECT_GT(seen.took, 240s);
}

TEST(h2_session, shut_windows_end_streams_without_a_header_timeout_too) {
    http::session_limits limits;
    limits.header_timeout = 0ms;
    const std::string text = hello(h2::setting(4, 0)) + h2::request(1, h2::get(largest().path));
    const h2_run seen = run({}, limits, text, {.hangs_up = false});
    EXPECT_EQ(seen.result.resets.at(1), h2::enhance_your_calm);
}

TEST(h2_session, body_that_does_not_come_is_not_waited_for) {
    h2::fields post = h2::get("/small.html");
    post[0].second = "POST";
    const h2_run seen =
        run({}, {}, hello() + h2::request(1, post, h2::end_headers), {.hangs_up = false});
    EXPECT_EQ(seen.result.resets.at(1), h2::no_error);
    EXPECT_TRUE(seen.result.ended.at(1));
    EXPECT_EQ(seen.metrics->timeouts.get(timeout_kind::body), 1U);
}

TEST(h2_session, half_a_preface_is_not_waited_for) {
    const h2_run seen = run({}, {}, std::string{h2::preface.substr(0, 10)}, {.hangs_up = false});
    EXPECT_EQ(seen.metrics->timeouts.get(timeout_kind::header), 1U);
    EXPECT_LT(seen.took, 20s);
}

TEST(h2_session, silence_ends_by_the_idle_timeout) {
    const h2_run seen = run({}, {}, hello(), {.hangs_up = false});
    EXPECT_EQ(seen.result.goaway, h2::no_error);
    EXPECT_EQ(seen.metrics->timeouts.get(timeout_kind::idle), 1U);
    EXPECT_GE(seen.took, http::session_limits{}.idle_timeout);
}

}  // namespace
}  // namespace ringway::test
