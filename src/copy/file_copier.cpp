#include <ringway/copy/file_copier.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

#include <ringway/base/assert.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/runtime/run_blocking.hpp>

#include "copy/copy_job.hpp"

namespace ringway {
namespace {

// Passes a stop on to the threads.
struct stop_to_meter : stop_callback {
    explicit stop_to_meter(copy_meter& whose) noexcept
        : stop_callback{[](stop_callback& self) noexcept {
              static_cast<stop_to_meter&>(self).meter.stop.store(true, std::memory_order_relaxed);
          }},
          meter{whose} {}
    copy_meter& meter;
};

bool by_ring(copy_method method) noexcept {
    return method == copy_method::ring || method == copy_method::ring_direct;
}

result<void> set_direct(int fd) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_DIRECT) != 0) {
        return std::unexpected{error{errc::unsupported, errno}};
    }
    return {};
}

result<void> prepare_descriptors(const copy_context& context) noexcept {
    if (context.method != copy_method::ring_direct) {
        return {};
    }
    const auto source = set_direct(context.from);
    return source ? set_direct(context.to) : source;
}

task<void> run_blocking_lane(worker_pool& workers, copy_job& job) {
    co_await run_blocking(workers, [&job] { job.run_lane(); });
}

[[gnu::noinline]] task<void> run_lanes(worker_pool& workers, copy_job& job, unsigned count) {
    scope lanes;
    for (unsigned i = 0; i < count; ++i) {
        lanes.spawn(by_ring(job.context.method) ? run_ring_lane(job)
                                                : run_blocking_lane(workers, job));
    }
    co_await lanes.join();
}

[[gnu::noinline]] task<result<copy_report>> copy_pieces(worker_pool& workers,
                                                        const copy_settings& settings,
                                                        const copy_context& context,
                                                        const copy_start& start,
                                                        std::uint64_t present) {
    if (const auto ready = prepare_descriptors(context); !ready) {
        co_return std::unexpected{ready.error()};
    }
    const bool ring = by_ring(context.method);
    const copy_piece whole{present, start.size - present};
    copy_job job{context, whole, ring ? context.buffer_bytes : lane_piece_bytes,
                 start.plan.find_holes};
    const std::uint64_t buffers = whole.length / context.buffer_bytes + 1;
    const unsigned count =
        ring ? static_cast<unsigned>(std::min<std::uint64_t>(settings.depth, buffers))
             : start.plan.lanes;
    co_await run_lanes(workers, job, count);
    co_return co_await run_blocking(workers, [&job, &settings] { return job.finish(settings); });
}

}  // namespace

file_copier::file_copier(const copy_settings& settings, unsigned threads)
    : settings_{settings}, workers_{threads} {
    RW_ASSERT(settings.lanes >= 1 && settings.depth >= 1 && settings.buffer_bytes >= 4096 &&
              settings.buffer_bytes % 4096 == 0);
}

file_copier::~file_copier() = default;

task<result<copy_report>> file_copier::copy(int from, int to, copy_meter& meter,
                                            std::uint64_t present) {
    stop_to_meter relay{meter};
    relay.link(co_await this_stop{});
    copy_context context{.calls = kernel_calls::real(),
                         .from = from,
                         .to = to,
                         .skip_zeros = settings_.sparse == sparse_mode::always,
                         .buffer_bytes = settings_.buffer_bytes,
                         .meter = meter};
    auto start = co_await run_blocking(
        workers_, [this, &context, present] { return begin_copy(settings_, context, present); });
    if (!start || start->done) {
        co_return start ? result<copy_report>{start->report} : std::unexpected{start.error()};
    }
    context.method = start->plan.method;
    auto copied = co_await copy_pieces(workers_, settings_, context, *start, present);
    const bool may_try =
        settings_.method == copy_method::automatic && context.method != copy_method::read_write;
    if (!copied && copied.error().code == errc::unsupported && may_try) {
        context.method = copy_method::read_write;
        copied = co_await copy_pieces(workers_, settings_, context, *start, present);
    }
    co_return copied;
}

}  // namespace ringway
