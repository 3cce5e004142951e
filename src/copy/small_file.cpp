#include <cerrno>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "copy/copy_range.hpp"
#include "copy/kernel_calls.hpp"
#include "copy/lane_memory.hpp"
#include "copy/one_file.hpp"

namespace ringway {
namespace {

constexpr std::uint64_t small_bytes_max = 128 * 1024;
constexpr std::uint64_t blocks_of_stat = 512;

bool is_for_this_way(const one_file& file, const copy_options& options) noexcept {
    const struct stat& facts = file.facts();
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    return S_ISREG(facts.st_mode) && size > 0 && size <= small_bytes_max &&
           static_cast<std::uint64_t>(facts.st_blocks) * blocks_of_stat >= size &&
           options.how.method == copy_method::automatic && !options.resume &&
           (options.how.reflink == reflink_mode::never ||
            (options.how.reflink == reflink_mode::automatic && !file.names().may_share_blocks)) &&
           options.how.sparse != sparse_mode::always;
}

// One read, and one that finds the end where it should be. -1 with EAGAIN: it would wait.
ssize_t read_whole(int file, byte_span memory, bool wait) noexcept {
    const iovec part{memory.data(), memory.size()};
    for (;;) {
        const ssize_t got = wait ? ::pread(file, memory.data(), memory.size(), 0)
                                 : ::preadv2(file, &part, 1, 0, RWF_NOWAIT);
        if (got >= 0 || errno != EINTR) {
            return got;
        }
    }
}

result<void> stream_whole(const copy_context& context) {
    const auto copied = copy_stream(context);
    return copied ? result<void>{} : std::unexpected{copied.error()};
}

}  // namespace

std::optional<file_outcome> copy_small_file(one_file& file, const copy_options& options,
                                            copy_meter& meter, bool wait) {
    if (!is_for_this_way(file, options)) {
        return std::nullopt;
    }
    const auto size = static_cast<std::size_t>(file.facts().st_size);
    const byte_span memory = lane_memory(size);
    const ssize_t got = read_whole(file.from(), memory, wait);
    if (got < 0 && !wait) {
        ::posix_fadvise(file.from(), 0, 0, POSIX_FADV_WILLNEED);
        return std::nullopt;
    }
    if (got != static_cast<ssize_t>(size)) {
        return std::nullopt;  // Whatever it is, the long way finds it out.
    }
    if (auto ended = file.prepare()) {
        return ended;
    }
    const copy_context context{
        .calls = kernel_calls::real(), .from = file.from(), .to = file.to(), .meter = meter};
    // What is there and is written into may be a FIFO or a terminal, which has no offsets.
    const auto wrote = file.is_fresh() ? write_whole(context, memory) : stream_whole(context);
    if (!wrote) {
        return file_outcome::failed(copy_step::write, wrote.error());
    }
    if (options.how.sync && ::fsync(file.to()) != 0 && errno != EINVAL) {
        return file_outcome::failed(copy_step::write, error_from_errno(errno));
    }
    return file.complete({.method = copy_method::read_write, .bytes = size, .moved = size});
}

}  // namespace ringway
