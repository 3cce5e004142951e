#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/fs/file.hpp>

namespace ringway {
namespace {

// One batch: which file is next, for those who read.
struct batch {
    const root& where;
    std::span<const std::string> paths;
    std::size_t bytes_max;
    std::vector<result<std::string>> contents;
    std::size_t next = 0;
};

task<result<std::string>> read_one(const root& where, const std::string& path,
                                   std::size_t bytes_max) {
    auto opened = co_await or_return(co_await where.open_beneath(path, symlink_policy::inside));
    if (!opened.status.is_regular) {
        co_return fail(errc::not_regular);
    }
    const file source{std::move(opened.fd)};
    co_return co_await source.read_all(bytes_max);
}

task<void> read_some(batch& work) {
    while (work.next < work.paths.size()) {
        const std::size_t mine = work.next++;
        work.contents[mine] = co_await read_one(work.where, work.paths[mine], work.bytes_max);
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
