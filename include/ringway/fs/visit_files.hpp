// Many small files, each looked at once.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/file.hpp>
#include <ringway/fs/root.hpp>

namespace ringway {

/// Is told the index in the paths and the whole content, which is valid during the call only, or
/// why there is none.
using file_visitor = std::move_only_function<void(std::size_t, result<std::string_view>)>;

/// Reads files as `read_files` does, and tells `visit` of each as soon as it is there, in any
/// order, in place of keeping all: one buffer serves for what the page cache has, so a batch of
/// that costs what a loop of open, read and close does. `visit` is called once for each path, on
/// this shard, and must not block. Fails never; files that were not read say why, those behind a
/// stop `canceled`. Lifetime: `where` and `paths` outlive the task. Cancel: passed on to what is in
/// flight. Resumes: on the same shard.
[[nodiscard]] task<void> visit_files(const root& where, std::span<const std::string> paths,
                                     file_visitor visit, read_limits limits = {});

}  // namespace ringway
