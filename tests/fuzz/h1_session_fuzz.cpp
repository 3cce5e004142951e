// A whole HTTP/1 connection on a perfect simulated kernel: whatever a peer sends, in whatever
// pieces, it gets well-formed responses, the same ones, and nothing is left behind.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/files/file_handler.hpp>
#include <ringway/http/h1_session.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/ring/simulated_driver.hpp>
#include <ringway/runtime/shard.hpp>

#include "../support/sim_response.hpp"
#include "fuzz_site.hpp"
#include "ring/simulated_random.hpp"

namespace {

using namespace ringway;

// How a peer sends, and how the server is set up.
struct manner {
    std::uint64_t seed = 1;
    std::size_t piece_max = 0;  // 0: all at once.
    bool small_buffers = false;
    bool sendfile = false;
};

// Small enough for the fuzzer to reach.
const http::session_limits& limits() {
    static const http::session_limits made = [] {
        http::session_limits small;
        small.head = {.line_bytes_max = 256,
                      .target_bytes_max = 64,
                      .header_bytes_max = 1024,
                      .header_count_max = 8};
        small.discard_bytes_max = 300;
        return small;
    }();
    return made;
}

task<void> send_pieces(stream& to, std::string_view text, manner how) {
    detail::simulated_random random{how.seed};
    while (!text.empty()) {
        const std::size_t size = how.piece_max == 0
                                     ? text.size()
                                     : random.between(1, std::min(text.size(), how.piece_max));
        const auto sent = co_await to.send(as_bytes(text.substr(0, size)));
        if (!sent || *sent < size) {
            co_return;
        }
        text.remove_prefix(size);
    }
    to.shutdown_send();
}

task<void> talk(int fd, std::string_view text, manner how, std::string& answer) {
    stream connection{fd};
    scope sending;
    sending.spawn(send_pieces(connection, text, how));
    for (;;) {
        auto received = co_await connection.receive();
        if (!received || !*received) {
            break;
        }
        answer += as_text(received->bytes());
    }
    sending.request_stop();
    co_await sending.join();
    co_await connection.close();
}

task<void> run_connection(const test::fuzz_site& served, simulated_driver& io,
                          std::string_view text, manner how, std::string& answer) {
    const auto metrics = std::make_unique<observe::http_metrics>();
    const files::cache_limits cache{.body_bytes_max = 1000};
    {
        files::file_handler handler{served.beneath(), served.options, served.types, cache,
                                    *metrics};
        http::session_context context{
            handler,
            limits(),
            how.sendfile ? transfer_method::sendfile : transfer_method::automatic,
            *metrics,
            nullptr,
            0};
        const auto ends = io.make_connection();
        http::h1_session session{ends[0], context, observe::transport::tcp, {}};
        scope both;
        both.spawn(session.run());
        both.spawn(talk(ends[1], text, how, answer));
        co_await both.join();
    }
    constexpr auto tcp = static_cast<std::size_t>(observe::transport::tcp);
    RW_ASSERT(metrics->in_flight.get() == 0);
    RW_ASSERT(metrics->active[tcp].get() == 0 && metrics->idle[tcp].get() == 0);
    RW_ASSERT(shard::current().timers().size() == 0);
}

std::string answer_to(const test::fuzz_site& served, std::string_view text, manner how) {
    simulation_options options;
    options.seed = how.seed;
    options.base = {.buffer_count = 8, .buffer_bytes = how.small_buffers ? 16U : 512U};
    options.turns_max = 1'000'000;
    auto made = std::make_unique<simulated_driver>(options);
    simulated_driver& io = *made;
    shard loop{0, std::move(made)};
    std::string answer;
    const auto ran = loop.run(run_connection(served, io, text, how, answer));
    RW_ASSERT(ran.has_value());
    RW_ASSERT(io.leaks() == leak_report{});
    return answer;
}

// Status and length of each response.
using outline = std::vector<std::pair<int, std::size_t>>;

// Takes an answer apart. A response without the body that it announces is one to HEAD.
outline outline_of(std::string_view answer, std::string_view text) {
    using phase = test::sim_response_reader::phase;
    outline seen;
    bool closed = false;
    while (!answer.empty()) {
        RW_ASSERT(!closed);
        test::sim_response_reader reader;
        answer.remove_prefix(reader.feed(answer));
        RW_ASSERT(reader.now() == phase::body);  // A whole, well-formed head.
        const bool bare = answer.empty() || answer.starts_with("HTTP/1.1 ");
        const bool to_head = bare && text.find("HEAD ") != text.npos;
        reader.expect_body(!to_head);
        answer.remove_prefix(reader.feed(answer));
        RW_ASSERT(reader.now() == phase::complete);
        const test::sim_response& got = reader.current();
        RW_ASSERT(got.count("date") == 1 && got.count("connection") <= 1);
        closed = got.says_close();
        seen.emplace_back(got.status, got.length.value_or(0));
    }
    return seen;
}

bool may_be_chunked(std::string_view text) {
    constexpr std::string_view name = "transfer-encoding";
    return !std::ranges::search(text, name, {}, [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            }).empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const test::fuzz_site served;
    constexpr std::size_t settings = 3;
    if (size < settings || size > 8192) {
        return 0;
    }
    const std::string_view text{reinterpret_cast<const char*>(data) + settings, size - settings};
    const manner in_pieces{.seed = data[0],
                           .piece_max = std::size_t{data[1]} + 1,
                           .small_buffers = (data[2] & 1U) != 0,
                           .sendfile = (data[2] & 2U) != 0};
    const outline whole = outline_of(answer_to(served, text, {}), text);
    const outline pieces = outline_of(answer_to(served, text, in_pieces), text);
    // How much of a chunked body is there decides whether the connection goes on, and nothing else.
    const std::size_t common = std::min(whole.size(), pieces.size());
    RW_ASSERT(std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(common),
                         pieces.begin()));
    RW_ASSERT(whole.size() == pieces.size() || may_be_chunked(text));
    return 0;
}
