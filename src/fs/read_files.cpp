#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/fs/file.hpp>
#include <ringway/fs/visit_files.hpp>
#include <ringway/ring/driver.hpp>

#include "fs/open_task.hpp"

namespace ringway {
namespace {

// What is copied without giving the shard back in between.
constexpr std::uint64_t at_once_bytes_max = 256 * 1024;

// One batch: which file is next, for those who read, and what becomes of contents: one of the two.
struct batch {
    const root& where;
    std::span<const std::string> paths;
    std::size_t bytes_max;
    std::vector<result<std::string>>* kept = nullptr;
    file_visitor* visit = nullptr;
    std::string once;  // What is visited at the moment.
    std::size_t next = 0;
    std::size_t readers_left = 0;  // That may be started yet.
    scope readers;

    void tell(std::size_t index, error why) {
        if (kept != nullptr) {
            (*kept)[index] = std::unexpected{why};
        } else {
            (*visit)(index, std::unexpected{why});
        }
    }
    void tell(std::size_t index, std::string& content) {
        if (kept != nullptr) {
            (*kept)[index] = std::move(content);
        } else {
            (*visit)(index, std::string_view{content});
        }
    }
};

// Content that the page cache has; false if that is not all of it, if it is much to copy, or if
// there is anything about the file that its status has to tell.
bool try_read_now(int file, std::uint64_t bytes_max, std::string& content) {
    // Less work than fstat(2), and only regular files have a size in this way, and can be read by
    // RWF_NOWAIT up to it (and block devices of no more than 256 KiB, should there be any).
    const off_t end = ::lseek(file, 0, SEEK_END);
    const std::uint64_t size = end > 0 ? static_cast<std::uint64_t>(end) : 0;
    if (size == 0 || size > std::min(at_once_bytes_max, bytes_max)) {
        return false;
    }
    ssize_t got = 0;
    content.resize_and_overwrite(size, [&](char* memory, std::size_t bytes) {
        const iovec part{memory, bytes};
        got = ::preadv2(file, &part, 1, 0, RWF_NOWAIT);
        return got < 0 ? std::size_t{0} : static_cast<std::size_t>(got);
    });
    return content.size() == size;
}

// What is left to do for a file when nothing was waited for.
struct rest {
    bool done = false;
    unique_fd opened;  // If it could be opened.
};

// For what the caches know system calls are cheaper than operations, and no more of them than a
// plain loop makes: open, seek, read, close.
rest try_all_now(batch& work, std::size_t index) {
    auto opened = open_cached(work.where, work.paths[index], symlink_policy::inside);
    if (!opened) {
        const bool waits = opened.error().code == errc::would_block;
        if (!waits) {
            work.tell(index, opened.error());
        }
        return {.done = !waits, .opened = {}};
    }
    std::string own;
    std::string& content = work.visit != nullptr ? work.once : own;
    if (try_read_now(opened->get(), work.bytes_max, content)) {
        work.tell(index, content);
        return {.done = true, .opened = {}};
    }
    return {.done = false, .opened = *std::move(opened)};
}

// By operations; `found` is the file if it is open already.
[[gnu::noinline]] task<result<std::string>> read_waiting(const root& where, const std::string& path,
                                                         std::size_t bytes_max, unique_fd found) {
    auto opened = found ? look_at(std::move(found)) : result<opened_file>{fail_errno(EAGAIN)};
    if (!opened) {
        opened = co_await where.open_beneath(path, symlink_policy::inside);
    }
    if (!opened) {
        co_return std::unexpected{opened.error()};
    }
    if (!opened->status.is_regular) {
        co_return fail(errc::not_regular);
    }
    const file source{std::move(opened->fd)};
    co_return co_await source.read_all(bytes_max);
}

void start_reader(batch& work);

task<void> read_some(batch& work) {
    const stop_source* const stop = co_await this_stop{};
    const bool tries = !driver::current().is_simulated();  // Nothing could go wrong there.
    while (work.next < work.paths.size()) {
        const std::size_t mine = work.next++;
        if (stop != nullptr && stop->stop_requested()) {
            work.tell(mine, error{errc::canceled, 0});
            continue;
        }
        rest left = tries ? try_all_now(work, mine) : rest{};
        if (!left.done) {
            start_reader(work);  // It goes on while this one waits.
            auto content = co_await read_waiting(work.where, work.paths[mine], work.bytes_max,
                                                 std::move(left.opened));
            if (content) {
                work.tell(mine, *content);
            } else {
                work.tell(mine, content.error());
            }
        }
        co_await yield_if_due();
    }
}

void start_reader(batch& work) {
    if (work.readers_left > 0 && work.next < work.paths.size()) {
        --work.readers_left;
        work.readers.spawn(read_some(work));
    }
}

task<void> read_all_of(batch& work, std::size_t files_at_once) {
    work.readers_left = std::max<std::size_t>(files_at_once, 1);
    start_reader(work);
    co_await work.readers.join();
}

}  // namespace

task<std::vector<result<std::string>>> read_files(const root& where,
                                                  std::span<const std::string> paths,
                                                  read_limits limits) {
    std::vector<result<std::string>> contents(paths.size());
    batch work{.where = where, .paths = paths, .bytes_max = limits.bytes_max, .kept = &contents};
    co_await read_all_of(work, limits.files_at_once);
    co_return contents;
}

task<void> visit_files(const root& where, std::span<const std::string> paths, file_visitor visit,
                       read_limits limits) {
    batch work{.where = where, .paths = paths, .bytes_max = limits.bytes_max, .visit = &visit};
    co_await read_all_of(work, limits.files_at_once);
}

}  // namespace ringway
