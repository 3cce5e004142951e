// Ways of reading in which one shard has many reads under way.
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/fs/aligned_buffer.hpp>
#include <ringway/fs/direct_file.hpp>
#include <ringway/fs/stream_reader.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/enrolled.hpp>
#include <ringway/runtime/cluster.hpp>

#include "lab/files_loop.hpp"

namespace ringway::lab {
namespace {

task<void> read_blocks(operation read, read_loop& loop) {
    auto now = loop_clock::now();
    while (const auto offset = loop.next(now)) {
        const auto begin = now;
        read.offset = *offset;
        const completion done = co_await await_operation{read};
        now = loop_clock::now();
        loop.note(begin, now, done.result);
    }
}

// The file as the load wants it.
task<outcome<direct_file>> open_target(const files_target& of, bool direct, bool random) {
    const auto where = root::open(of.directory());
    if (!where) {
        co_return std::unexpected{describe(where.error())};
    }
    if (direct) {
        auto opened = co_await open_direct(*where, of.name(), open_mode::read);
        if (!opened) {
            co_return std::unexpected{"O_DIRECT: " + describe(opened.error())};
        }
        co_return *std::move(opened);
    }
    auto opened = co_await where->open_regular(of.name(), symlink_policy::inside);
    if (!opened) {
        co_return std::unexpected{describe(opened.error())};
    }
    ::posix_fadvise(opened->fd.get(), 0, 0, random ? POSIX_FADV_RANDOM : POSIX_FADV_SEQUENTIAL);
    co_return direct_file{std::move(opened->fd), {.memory = 1, .offset = 1}};
}

struct runtime_run {
    const trial& how;
    const files_target& of;
    const read_load& load;
    const runtime_way& way;
};

task<outcome<measurement>> read_with_scope(runtime_run run) {
    auto opened = co_await open_target(run.of, run.load.direct, run.load.random);
    if (!opened) {
        co_return std::unexpected{opened.error()};
    }
    if (run.way.polled) {
        if (const auto polled = co_await opened->try_polling(); !polled) {
            co_return std::unexpected{"polling is refused here: " + describe(polled.error())};
        }
    }
    auto memory = aligned_buffer::make(std::size_t{run.load.depth} * run.load.block_bytes);
    if (!memory) {
        co_return std::unexpected{describe(memory.error())};
    }
    std::optional<enrolled_buffer> buffer;
    std::optional<enrolled_file> enrolled;
    operation read{.kind = op_kind::read,
                   .polled = run.way.polled,
                   .fd = opened->fd(),
                   .length = run.load.block_bytes};
    if (run.way.enrolls) {
        buffer.emplace(memory->bytes());
        enrolled.emplace(opened->fd());
        if (buffer->why_not().code != errc::none) {
            co_return std::unexpected{"buffers can't be enrolled: " + describe(buffer->why_not())};
        }
        read.buffer_slot = buffer->slot();
        read.file_slot = enrolled->slot();
    }
    read_loop loop{run.how, run.of, run.load};
    measurement found;
    usage_meter meter{::getpid(), run.how.counting};
    loop.begin();
    scope readers;
    for (unsigned i = 0; i < run.load.depth; ++i) {
        read.address = memory->data() + std::size_t{i} * run.load.block_bytes;
        readers.spawn(read_blocks(read, loop));
    }
    co_await readers.join();
    loop.finish(meter, found);
    co_return found;
}

task<outcome<measurement>> read_as_stream(runtime_run run) {
    const auto opened = co_await open_target(run.of, run.load.direct, run.load.random);
    if (!opened) {
        co_return std::unexpected{opened.error()};
    }
    read_loop loop{run.how, run.of, run.load};
    measurement found;
    usage_meter meter{::getpid(), run.how.counting};
    loop.begin();
    auto now = loop_clock::now();
    for (bool goes_on = true; goes_on;) {
        const read_ahead ahead{.buffers = run.load.depth + 1,
                               .buffer_bytes = run.load.block_bytes,
                               .enrolls = run.load.direct};
        stream_reader reader{*opened, 0, stream_reader::to_the_end, ahead};
        for (;;) {
            goes_on = loop.next(now).has_value();
            const auto begin = now;
            const auto piece = goes_on ? co_await reader.next() : result<byte_view>{};
            now = loop_clock::now();
            if (!goes_on || !piece || piece->empty()) {
                goes_on = goes_on && piece.has_value();
                break;
            }
            loop.note(begin, now, static_cast<std::int64_t>(piece->size()));
        }
        co_await reader.close();
    }
    loop.finish(meter, found, false);
    co_return found;
}

using body = task<outcome<measurement>> (*)(runtime_run run);

outcome<measurement> run_on_runtime(const runtime_run& run, body work) {
    if (const auto ready = prepare_cache(run.of, run.load); !ready) {
        return std::unexpected{ready.error()};
    }
    return on_measured_core(run.how, [&]() -> outcome<measurement> {
        auto made =
            cluster::make({.shards = 1,
                           .pin = false,
                           .driver = run.way.epoll ? driver_kind::epoll : driver_kind::io_uring,
                           .stalls = {.limit = std::chrono::hours{1}}});
        if (!made) {
            return std::unexpected{explain_driver_refusal(made.error())};
        }
        outcome<measurement> found;
        const auto main = [&](shard&) -> task<void> {
            return [](runtime_run what, body to_do, outcome<measurement>& into) -> task<void> {
                into = co_await to_do(what);
            }(run, work, found);
        };
        if (const auto ran = (*made)->run(main); !ran) {
            return std::unexpected{describe(ran.error())};
        }
        return found;
    });
}

}  // namespace

outcome<measurement> measure_runtime(const trial& how, const files_target& of,
                                     const read_load& load, const runtime_way& way) {
    return run_on_runtime({how, of, load, way}, read_with_scope);
}

outcome<measurement> measure_stream(const trial& how, const files_target& of,
                                    const read_load& load) {
    const runtime_way way;
    return run_on_runtime({how, of, load, way}, read_as_stream);
}

}  // namespace ringway::lab
