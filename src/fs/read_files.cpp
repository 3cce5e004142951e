#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <sys/uio.h>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/fs/file.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {
namespace {

// What is copied without giving the shard back in between.
constexpr std::uint64_t at_once_bytes_max = 256 * 1024;

// One batch: which file is next, for those who read.
struct batch {
    const root& where;
    std::span<const std::string> paths;
    std::size_t bytes_max;
    std::vector<result<std::string>> contents;
    std::size_t next = 0;
};

// Content that the page cache has; none if that is not all of it, or if it is much to copy.
std::optional<std::string> try_read_now(const opened_file& from) {
    const std::uint64_t size = from.status.size;
    if (size == 0 || size > at_once_bytes_max) {
        return std::nullopt;
    }
    ssize_t got = 0;
    std::string content;
    content.resize_and_overwrite(size, [&](char* memory, std::size_t bytes) {
        const iovec part{memory, bytes};
        got = ::preadv2(from.fd.get(), &part, 1, 0, RWF_NOWAIT);
        return got < 0 ? std::size_t{0} : static_cast<std::size_t>(got);
    });
    return content.size() == size ? std::optional{std::move(content)} : std::nullopt;
}

task<result<std::string>> read_one(const root& where, const std::string& path,
                                   std::size_t bytes_max) {
    // For what the caches know a system call is cheaper than an operation. Not on a simulated
    // kernel, where nothing could go wrong then.
    const bool tries = !driver::current().is_simulated();
    auto opened = tries ? where.try_open_now(path, symlink_policy::inside)
                        : result<opened_file>{fail(errc::would_block)};
    if (!opened && opened.error().code == errc::would_block) {
        opened = co_await where.open_beneath(path, symlink_policy::inside);
    }
    if (!opened) {
        co_return std::unexpected{opened.error()};
    }
    if (!opened->status.is_regular) {
        co_return fail(errc::not_regular);
    }
    if (tries && opened->status.size <= bytes_max) {
        if (auto content = try_read_now(*opened)) {
            co_return *std::move(content);
        }
    }
    const file source{std::move(opened->fd)};
    co_return co_await source.read_all(bytes_max);
}

task<void> read_some(batch& work) {
    const stop_source* const stop = co_await this_stop{};
    while (work.next < work.paths.size()) {
        const std::size_t mine = work.next++;
        if (stop != nullptr && stop->stop_requested()) {
            work.contents[mine] = fail(errc::canceled);
            continue;
        }
        work.contents[mine] = co_await read_one(work.where, work.paths[mine], work.bytes_max);
        co_await yield_if_due();
    }
}

}  // namespace

task<std::vector<result<std::string>>> read_files(const root& where,
                                                  std::span<const std::string> paths,
                                                  read_limits limits) {
    RW_ASSERT(limits.files_at_once > 0);
    batch work{where, paths, limits.bytes_max, {}};
    work.contents.resize(paths.size());
    scope readers;
    for (std::size_t i = 0; i < std::min(paths.size(), limits.files_at_once); ++i) {
        readers.spawn(read_some(work));
    }
    co_await readers.join();
    co_return std::move(work.contents);
}

}  // namespace ringway
