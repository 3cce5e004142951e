// Memory for one blocking copy at a time: each thread has some, and keeps it.
#pragma once

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>

namespace ringway {

/// `bytes` of memory of the calling thread, aligned to 4096. Lifetime: until the thread asks again
/// or ends.
[[nodiscard]] byte_span lane_memory(std::size_t bytes);

/// A pipe of the calling thread with room for about `bytes`. Fails with the errno of pipe2(2).
struct lane_pipe {
    int out = -1;
    int in = -1;
    std::size_t room = 0;
};
[[nodiscard]] result<lane_pipe> pipe_of_lane(std::size_t bytes) noexcept;

/// Closes the pipe of the calling thread: something is left in it.
void drop_pipe_of_lane() noexcept;

}  // namespace ringway
