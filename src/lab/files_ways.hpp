// Reading one file in each of the ways that there are, and measuring it.
#pragma once

#include <cstdint>

#include "lab/bench_plan.hpp"
#include "lab/files_target.hpp"

namespace ringway::lab {

/// What is read of the file.
struct read_load {
    std::uint32_t block_bytes = 4096;
    unsigned depth = 1;  ///< Reads under way at a time.
    bool random = true;
    bool direct = true;  ///< Past the page cache.
    /// Through the page cache: with nothing of the file in it, each block once; else with all of
    /// it.
    bool cold = false;
};

/// Ways without the runtime; each read is a call on a thread, and `depth` is the threads.
enum class blocking_way : std::uint8_t {
    pread,   ///< pread(2).
    nowait,  ///< preadv2(2) with RWF_NOWAIT, and pread(2) where that would wait.
    mapped,  ///< Copied out of a mapping (mapped_file).
};

/// Ways of the runtime: one shard, and `depth` coroutines that each read one block after the other.
struct runtime_way {
    bool epoll = false;    ///< The epoll driver with its workers, else io_uring.
    bool enrolls = false;  ///< Buffers and file are enrolled with the driver.
    bool polled = false;   ///< IORING_SETUP_IOPOLL.
};

[[nodiscard]] outcome<measurement> measure_blocking(const trial& how, const files_target& of,
                                                    const read_load& load, blocking_way way);

[[nodiscard]] outcome<measurement> measure_runtime(const trial& how, const files_target& of,
                                                   const read_load& load, const runtime_way& way);

/// A stream_reader with `depth` buffers, from begin to end and again; an operation is one piece.
[[nodiscard]] outcome<measurement> measure_stream(const trial& how, const files_target& of,
                                                  const read_load& load);

/// fio(1) with its engine io_uring, `depth` as its iodepth; `enrolls` as its options fixedbufs and
/// registerfiles.
[[nodiscard]] outcome<measurement> measure_fio(const trial& how, const files_target& of,
                                               const read_load& load, bool enrolls);

/// What fio printed as JSON, as a measurement.
[[nodiscard]] outcome<measurement> from_fio_json(const std::string& text);

/// Drops the file from the cache or reads it into it, as the load wants it.
[[nodiscard]] outcome<void> prepare_cache(const files_target& of, const read_load& load);

}  // namespace ringway::lab
