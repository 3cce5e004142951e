#include "cli/top_flows.hpp"

#include <ctime>

#include "cli/top_json.hpp"

namespace ringway::cli {
namespace {

std::int64_t clock_ns(clockid_t which) {
    timespec now{};
    ::clock_gettime(which, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

result<flow_log> flow_log::open(const std::string& path) {
    auto opened = line_log::open(path);
    if (!opened) {
        return std::unexpected{opened.error()};
    }
    return flow_log{*std::move(opened)};
}

void flow_log::write(const monitor::flow_record& flow) {
    lines_.add(flow_json(flow, clock_ns(CLOCK_REALTIME) / 1'000'000,
                         static_cast<std::uint64_t>(clock_ns(CLOCK_MONOTONIC))));
}

}  // namespace ringway::cli
