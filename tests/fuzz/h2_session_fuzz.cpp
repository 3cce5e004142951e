// A whole HTTP/2 connection on a perfect simulated kernel: whatever a peer sends, in whatever
// pieces, it gets whole frames, and nothing is left behind.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "../support/sim_h2.hpp"
#include "fuzz_site.hpp"

namespace {

using namespace ringway;

task<void> run_connection(const test::fuzz_site& served, simulated_driver& io, std::string text,
                          test::sim_h2_manner how, test::sim_h2_result& out) {
    const auto metrics = std::make_unique<observe::http_metrics>();
    files::file_handler handler{served.beneath(), served.options, served.types,
                                files::cache_limits{.body_bytes_max = 1000}, *metrics};
    http::session_limits limits;
    limits.head = {.line_bytes_max = 256,
                   .target_bytes_max = 64,
                   .header_bytes_max = 1024,
                   .header_count_max = 8};
    limits.discard_bytes_max = 300;
    limits.streams_max = 5;
    limits.requests_max = 20;
    limits.budget.points_max = 1000;
    co_await test::run_h2_connection(io, handler, *metrics, limits, std::move(text), how, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const test::fuzz_site served;
    constexpr std::size_t settings = 3;
    if (size < settings || size > 8192) {
        return 0;
    }
    std::string text{reinterpret_cast<const char*>(data) + settings, size - settings};
    if ((data[2] & 2U) == 0) {  // Mostly a good beginning, so that the fuzzer gets further.
        text.insert(0, std::string{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33});
    }
    const test::sim_h2_manner how{.seed = data[0],
                                  .piece_max = data[1],
                                  .opens_windows = (data[2] & 4U) != 0,
                                  .hangs_up = (data[2] & 8U) == 0};
    simulation_options options;
    options.seed = how.seed;
    options.base = {.buffer_count = 8, .buffer_bytes = (data[2] & 1U) != 0 ? 16U : 512U};
    options.turns_max = 1'000'000;
    auto made = std::make_unique<simulated_driver>(options);
    simulated_driver& io = *made;
    shard loop{0, std::move(made)};
    test::sim_h2_result out;
    const auto ran = loop.run(run_connection(served, io, text, how, out));
    RW_ASSERT(ran.has_value());
    RW_ASSERT(io.leaks() == leak_report{});
    RW_ASSERT(out.well_formed);
    return 0;
}
