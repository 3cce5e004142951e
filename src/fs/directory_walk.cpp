#include <ringway/fs/directory_walk.hpp>

#include <algorithm>
#include <cerrno>
#include <expected>
#include <utility>

#include <ringway/coro/stop.hpp>
#include <ringway/runtime/run_blocking.hpp>

#include "fs/open_task.hpp"
#include "fs/walk_batch.hpp"

#include <fcntl.h>

namespace ringway {

struct directory_walk::level {
    std::string path;   // Relative to where the walk began.
    std::string whole;  // Relative to the root.
    walk_source source;
};

directory_walk::directory_walk(const root& where, std::string path, walk_options options)
    : where_{&where}, path_{std::move(path)}, options_{options} {
    while (path_.ends_with('/')) {
        path_.pop_back();
    }
    if (!where.has_openat2()) {
        options_.policy = symlink_policy::deny;
    }
}

directory_walk::~directory_walk() = default;
directory_walk::directory_walk(directory_walk&&) noexcept = default;

task<result<std::optional<walk_entry>>> directory_walk::next() {
    if (!started_) {
        co_await or_return(co_await begin());
    }
    const auto stop = co_await this_stop{};
    for (;;) {
        if (due_) {
            walk_entry told = *std::exchange(due_, std::nullopt);
            co_await enter(told);
            if (told.what == walk_entry::kind::failed) {
                co_return told;
            }
        }
        if (levels_.empty()) {
            co_return std::nullopt;
        }
        level& here = levels_.back();
        if (here.source.next == here.source.batch.size()) {
            if (stop != nullptr && stop->stop_requested()) {
                co_return fail(errc::canceled);
            }
            if (!here.source.ended) {
                co_await run_blocking(
                    [&here, this] { read_batch(here.source, options_, where_->fd(), here.whole); });
            }
        }
        if (here.source.next == here.source.batch.size()) {
            if (const error why = std::exchange(here.source.failed, {}); why.code != errc::none) {
                co_return walk_entry{.path = here.path,
                                     .what = walk_entry::kind::failed,
                                     .depth = static_cast<unsigned>(levels_.size()) - 1,
                                     .why = why};
            }
            walk_entry left = leave();
            if (left.depth == 0) {
                co_return std::nullopt;
            }
            co_return left;
        }
        walk_entry told = std::move(here.source.batch[here.source.next++]);
        told.depth = static_cast<unsigned>(levels_.size());
        if (!here.path.empty()) {
            told.path.insert(0, here.path + '/');
        }
        if (told.what == walk_entry::kind::directory) {
            due_ = told;
        }
        co_return told;
    }
}

task<result<void>> directory_walk::begin() {
    auto opened = co_await or_return(co_await open_task(
        *where_, path_, options_.policy, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK));
    started_ = true;
    level first{.path = "", .whole = path_, .source = {}};
    first.source.fd = std::move(opened.fd);
    first.source.status = opened.status;
    levels_.push_back(std::move(first));
    co_return result<void>{};
}

// Goes into the directory `told`, or makes it the failure that keeps from that.
task<void> directory_walk::enter(walk_entry& told) {
    const auto fail_with = [&told](error why) {
        told.what = walk_entry::kind::failed;
        told.why = why;
    };
    if (levels_.size() > options_.depth_max) {
        fail_with({errc::limit, 0});
        co_return;
    }
    const level& parent = levels_.back();
    const std::string name = told.path.substr(parent.path.empty() ? 0 : parent.path.size() + 1);
    level entered{.path = told.path,
                  .whole = parent.whole.empty() ? name : parent.whole + '/' + name,
                  .source = {}};
    auto opened = co_await run_blocking([&] {
        return open_source(parent.source.fd.get(), name, where_->fd(), entered.whole,
                           options_.policy != symlink_policy::deny, options_);
    });
    if (!opened) {
        fail_with(opened.error());
        co_return;
    }
    const auto is_same = [&opened](const level& above) {
        return above.source.status.inode == opened->status.inode &&
               above.source.status.device == opened->status.device;
    };
    if (std::ranges::any_of(levels_, is_same)) {
        fail_with(error_from_errno(ELOOP));
        co_return;
    }
    if (options_.one_file_system && opened->status.device != levels_.front().source.status.device) {
        opened->batch.clear();
        opened->ended = true;
    }
    entered.source = *std::move(opened);
    levels_.push_back(std::move(entered));
}

walk_entry directory_walk::leave() {
    walk_entry left{.path = std::move(levels_.back().path),
                    .what = walk_entry::kind::leaving,
                    .depth = static_cast<unsigned>(levels_.size()) - 1,
                    .why = {},
                    .status = std::nullopt};
    if (options_.with_status) {
        left.status = levels_.back().source.status;
    }
    levels_.pop_back();
    return left;
}

}  // namespace ringway
