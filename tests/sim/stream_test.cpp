// Streams on simulated kernels: what is sent arrives, whatever the kernel does in between.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/runtime/sleep.hpp>

#include "ring/simulated_random.hpp"
#include "support/simulated_shard.hpp"
#include "support/simulation.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;

struct direction {
    std::string sent;
    std::string received;
    bool sent_all = false;
    bool reached_end = false;

    [[nodiscard]] bool is_exact() const { return sent_all && reached_end && sent == received; }
};

// Sends in pieces of all sizes and by all ways, then says that this was all.
task<void> send_in_pieces(stream& out, int file, direction& way, std::uint64_t seed) {
    detail::simulated_random random{seed};
    std::size_t done = 0;
    bool going = true;
    while (going && done < way.sent.size()) {
        const std::size_t size =
            random.between(1, std::min<std::size_t>(5000, way.sent.size() - done));
        const byte_view piece = as_bytes(way.sent).subspan(done, size);
        result<std::size_t> moved{0};
        switch (random.below(3)) {
            case 0: moved = co_await out.send(piece); break;
            case 1: {
                std::byte* const from = const_cast<std::byte*>(piece.data());
                std::array<iovec, 2> parts{{{from, size / 3}, {from + size / 3, size - size / 3}}};
                moved = co_await out.send_parts(parts);
                break;
            }
            default:
                moved = co_await out.send_file(file, done, static_cast<std::uint32_t>(size));
                break;
        }
        going = moved.has_value() && *moved > 0;
        done += moved.value_or(0);
    }
    way.sent_all = done == way.sent.size();
    out.shutdown_send();
}

// A receive that gives up after a moment; nothing may be lost by that.
task<result<buffer_lease>> receive_soon(stream& in) { co_return co_await in.receive(); }

// Receives until the end, with stops, and pauses during which it keeps a buffer. Who waits for
// bytes keeps none: with few buffers for all, everybody could wait for the others.
task<void> receive_all(stream& in, direction& way, std::uint64_t seed) {
    detail::simulated_random random{seed};
    for (;;) {
        result<buffer_lease> got{buffer_lease{}};
        if (random.below(4) == 0) {
            got = co_await with_timeout(nanoseconds{random.below(2'000'000)}, receive_soon(in));
            if (!got && got.error().code == errc::timed_out) {
                continue;
            }
        } else {
            got = co_await in.receive();
        }
        if (!got || !*got) {
            way.reached_end = got.has_value();
            co_return;
        }
        way.received += as_text(got->bytes());
        if (random.below(10) == 0) {
            static_cast<void>(co_await sleep_for(5ms));
        }
    }
}

unique_fd file_of(const std::string& content) {
    unique_fd file{::memfd_create("stream", MFD_CLOEXEC)};
    EXPECT_EQ(::pwrite(file.get(), content.data(), content.size(), 0),
              static_cast<ssize_t>(content.size()));
    return file;
}

// One side of a connection: sends one direction while it receives the other.
task<void> run_side(int fd, direction& out, direction& in, std::uint64_t seed) {
    const unique_fd file = file_of(out.sent);
    stream connection{fd};
    scope sending;
    sending.spawn(send_in_pieces(connection, file.get(), out, seed));
    co_await receive_all(connection, in, seed + 1);
    co_await sending.join();
    co_await connection.close();
}

std::string random_text(detail::simulated_random& random) {
    std::string text(random.below(20'000), ' ');
    for (char& c : text) {
        c = static_cast<char>('a' + random.below(26));
    }
    return text;
}

struct session {
    std::array<std::array<direction, 2>, 2> connections;
    simulated_run run;
};

task<void> run_connections(simulated_driver& io, session& all, std::uint64_t seed) {
    scope sides;
    for (auto& [there, back] : all.connections) {
        const auto [one, other] = io.make_connection();
        sides.spawn(run_side(one, there, back, ++seed * 4));
        sides.spawn(run_side(other, back, there, seed * 4 + 2));
    }
    co_await sides.join();
}

session run_session(const simulation_options& options) {
    detail::simulated_random random{options.seed};
    session all;
    for (auto& connection : all.connections) {
        for (direction& way : connection) {
            way.sent = random_text(random);
        }
    }
    all.run = run_simulated(
        options, [&](simulated_driver& io) { return run_connections(io, all, options.seed); });
    return all;
}

TEST(stream_on_simulated_kernels, nothing_is_lost_in_a_gentle_storm) {
    for (const std::uint64_t seed : seeds(500)) {
        const session all = run_session(gentle(seed));
        SCOPED_TRACE(all.run.description);
        for (const auto& connection : all.connections) {
            EXPECT_TRUE(connection[0].is_exact());
            EXPECT_TRUE(connection[1].is_exact());
        }
        EXPECT_EQ(all.run.leaks, leak_report{});
    }
}

TEST(stream_on_simulated_kernels, nothing_is_wrong_in_a_storm) {
    for (const std::uint64_t seed : seeds(500, 1000)) {
        const session all = run_session(stormy(seed));
        SCOPED_TRACE(all.run.description);
        for (const auto& connection : all.connections) {
            for (const direction& way : connection) {
                EXPECT_TRUE(way.sent.starts_with(way.received));
            }
        }
        EXPECT_EQ(all.run.leaks, leak_report{});
    }
}

}  // namespace
}  // namespace ringway::test
