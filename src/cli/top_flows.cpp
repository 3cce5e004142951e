#include "cli/top_flows.hpp"

#include <cerrno>
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

void flow_log::closer::operator()(std::FILE* file) const noexcept {
    if (file != stdout) {
        std::fclose(file);
    }
}

result<flow_log> flow_log::open(const std::string& path) {
    std::FILE* const file = path == "-" ? stdout : std::fopen(path.c_str(), "ae");
    if (file == nullptr) {
        return fail_errno(errno);
    }
    return flow_log{file};
}

void flow_log::write(const monitor::flow_record& flow) {
    const auto line = flow_json(flow, clock_ns(CLOCK_REALTIME) / 1'000'000,
                                static_cast<std::uint64_t>(clock_ns(CLOCK_MONOTONIC)));
    if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) {
        ++lost_;
        std::clearerr(file_.get());
        return;
    }
    ++unflushed_;
}

void flow_log::flush() {
    if (std::fflush(file_.get()) != 0) {
        lost_ += unflushed_;  // Some of them may have got there.
        std::clearerr(file_.get());
    }
    unflushed_ = 0;
}

}  // namespace ringway::cli
