#include "copy/lane_memory.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway {
namespace {

constexpr std::size_t alignment = 4096;

struct freed {
    void operator()(std::byte* memory) const noexcept { std::free(memory); }
};

struct memory_of_thread {
    std::unique_ptr<std::byte, freed> memory;
    std::size_t size = 0;
};

struct pipe_of_thread {
    unique_fd out;
    unique_fd in;
    std::size_t room = 0;
};

thread_local memory_of_thread memory_here;
thread_local pipe_of_thread pipe_here;

}  // namespace

byte_span lane_memory(std::size_t bytes) {
    if (memory_here.size < bytes) {
        const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
        memory_here.memory.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, rounded)));
        RW_ASSERT(memory_here.memory != nullptr);
        memory_here.size = rounded;
    }
    return {memory_here.memory.get(), bytes};
}

result<lane_pipe> pipe_of_lane(std::size_t bytes) noexcept {
    if (!pipe_here.out) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            return fail_errno(errno);
        }
        pipe_here.out = unique_fd{ends[0]};
        pipe_here.in = unique_fd{ends[1]};
        // Refused (EPERM) where the user has too many large pipes; the pipe is then as it was.
        ::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(bytes));
        pipe_here.room = static_cast<std::size_t>(::fcntl(ends[1], F_GETPIPE_SZ));
    }
    return lane_pipe{pipe_here.out.get(), pipe_here.in.get(), pipe_here.room};
}

void drop_pipe_of_lane() noexcept { pipe_here = {}; }

}  // namespace ringway
