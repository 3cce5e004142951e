// Ways of reading in which a thread waits for each read.
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <fmt/core.h>
#include <memory>
#include <sys/uio.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/fs/aligned_buffer.hpp>
#include <ringway/fs/mapped_file.hpp>

#include "lab/files_loop.hpp"

namespace ringway::lab {
namespace {

// One thread's means to read a block.
struct reader {
    const file& from;
    const mapped_file* mapping;
    aligned_buffer memory;
    blocking_way way;

    [[nodiscard]] std::int64_t read(std::uint64_t offset, std::uint32_t bytes) const {
        const byte_span into = memory.bytes().first(bytes);
        if (way == blocking_way::mapped) {
            const auto got = mapping->copy_out(into, offset);
            return got ? static_cast<std::int64_t>(*got) : -1;
        }
        if (way == blocking_way::nowait) {
            const iovec part{into.data(), into.size()};
            const auto at_once =
                ::preadv2(from.fd(), &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
            if (at_once == static_cast<ssize_t>(bytes)) {
                return at_once;
            }
        }
        return ::pread(from.fd(), into.data(), into.size(), static_cast<off_t>(offset));
    }
};

void run_reader(const reader& mine, read_loop& loop, std::uint32_t block_bytes) {
    auto now = loop_clock::now();
    while (const auto offset = loop.next(now)) {
        const auto begin = now;
        const auto got = mine.read(*offset, block_bytes);
        now = loop_clock::now();
        loop.note(begin, now, got);
    }
}

// With several threads each has a share of the blocks of its own.
outcome<measurement> run_threads(const trial& how, const files_target& of, const read_load& load,
                                 blocking_way way, const file& from, const mapped_file* mapping) {
    std::vector<reader> readers;
    std::vector<std::unique_ptr<read_loop>> loops;
    for (unsigned i = 0; i < load.depth; ++i) {
        auto memory = aligned_buffer::make(load.block_bytes);
        if (!memory) {
            return std::unexpected{describe(memory.error())};
        }
        readers.push_back({from, mapping, *std::move(memory), way});
        loops.push_back(std::make_unique<read_loop>(how, of, load));
        loops.back()->take_share(i, load.depth);
    }
    measurement found;
    usage_meter meter{::getpid(), how.counting};
    for (const auto& each : loops) {
        each->begin();
    }
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < load.depth; ++i) {
            threads.emplace_back([&, i] { run_reader(readers[i], *loops[i], load.block_bytes); });
        }
        run_reader(readers[0], *loops[0], load.block_bytes);
    }
    for (unsigned i = 1; i < load.depth; ++i) {
        loops[0]->merge(*loops[i]);
    }
    loops[0]->finish(meter, found);
    return found;
}

}  // namespace

outcome<measurement> measure_blocking(const trial& how, const files_target& of,
                                      const read_load& load, blocking_way way) {
    if (const auto ready = prepare_cache(of, load); !ready) {
        return std::unexpected{ready.error()};
    }
    return on_measured_core(how, [&]() -> outcome<measurement> {
        const int flags = O_RDONLY | O_CLOEXEC | (load.direct ? O_DIRECT : 0);
        const file from{unique_fd{::open(of.path().c_str(), flags)}};
        if (from.fd() < 0) {
            return std::unexpected{
                fmt::format("can't open {}: {}", of.path(), describe(error_from_errno(errno)))};
        }
        ::posix_fadvise(from.fd(), 0, 0, load.random ? POSIX_FADV_RANDOM : POSIX_FADV_SEQUENTIAL);
        if (way != blocking_way::mapped) {
            return run_threads(how, of, load, way, from, nullptr);
        }
        auto mapping = mapped_file::map(from);
        if (!mapping) {
            return std::unexpected{describe(mapping.error())};
        }
        static_cast<void>(
            mapping->advise(load.random ? map_advice::random : map_advice::sequential));
        return run_threads(how, of, load, way, from, &*mapping);
    });
}

}  // namespace ringway::lab
