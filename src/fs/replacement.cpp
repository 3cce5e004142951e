#include <ringway/fs/replacement.hpp>

#include <cerrno>
#include <cstdint>
#include <expected>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/runtime/run_blocking.hpp>

#include "fs/open_beneath.hpp"
#include "fs/temporary_file.hpp"

namespace ringway {
namespace {

// openat(2) of one name; `path` has no '/' in it.
task<result<unique_fd>> open_name(const root& where, int directory, std::string path,
                                  std::uint64_t flags, std::uint32_t mode) {
    if (!where.has_openat2()) {
        const auto call = [directory, &path, flags, mode]() -> result<unique_fd> {
            unique_fd fd{::openat(directory, path.c_str(), static_cast<int>(flags), mode)};
            return fd ? result<unique_fd>{std::move(fd)} : fail_errno(errno);
        };
        co_return co_await run_blocking(call);
    }
    open_how how{};
    how.flags = flags;
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH;
    operation op;
    op.kind = op_kind::openat2;
    op.fd = directory;
    op.address = path.data();
    op.extra = &how;
    for (;;) {
        const completion done = co_await await_operation{op};
        if (done.result >= 0) {
            co_return unique_fd{done.result};
        }
        if (done.result != -EINTR && done.result != -EAGAIN) {
            co_return fail_errno(-done.result);
        }
    }
}

struct opened_temporary {
    unique_fd fd;
    std::string name;  // "": it has none.
};

task<result<opened_temporary>> open_temporary(const root& where, int directory, std::string name,
                                              replace_options options) {
    if (!options.named && can_name_files()) {
        auto unnamed =
            co_await open_name(where, directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, options.mode);
        if (unnamed) {
            co_return opened_temporary{*std::move(unnamed), ""};
        }
        if (!lacks_unnamed_files(unnamed.error().sys)) {
            co_return std::unexpected{unnamed.error()};
        }
    }
    for (int attempt = 1;; ++attempt) {
        std::string temporary = temporary_name(name);
        auto named = co_await open_name(where, directory, temporary,
                                        O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, options.mode);
        if (named) {
            co_return opened_temporary{*std::move(named), std::move(temporary)};
        }
        if (named.error().sys != EEXIST || attempt == temporary_name_tries) {
            co_return std::unexpected{named.error()};
        }
    }
}

}  // namespace

replacement::replacement(directory_handle directory, std::string name, file content,
                         std::string temporary, replace_options options) noexcept
    : directory_{std::move(directory)},
      name_{std::move(name)},
      content_{std::move(content)},
      temporary_{std::move(temporary)},
      options_{options} {}

replacement::replacement(replacement&& other) noexcept
    : directory_{std::move(other.directory_)},
      name_{std::move(other.name_)},
      content_{std::move(other.content_)},
      temporary_{std::exchange(other.temporary_, {})},
      options_{other.options_} {}

replacement::~replacement() {
    if (!temporary_.empty()) {
        ::unlinkat(directory_.fd(), temporary_.c_str(), 0);
    }
}

task<result<replacement>> replacement::begin(const root& where, std::string path,
                                             replace_options options) {
    co_await or_return(check_path(path));
    const std::size_t slash = path.rfind('/');
    std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
    if (!is_single_name(name)) {
        co_return fail(errc::invalid_argument);
    }
    path.resize(slash == std::string::npos ? 0 : slash);
    auto directory = co_await or_return(co_await directory_handle::open(where, std::move(path)));
    auto opened = co_await or_return(co_await open_temporary(where, directory.fd(), name, options));
    co_return replacement{std::move(directory), std::move(name), file{std::move(opened.fd)},
                          std::move(opened.name), options};
}

task<result<void>> replacement::commit() {
    RW_ASSERT(content_.fd() >= 0);
    if (options_.durable) {
        co_await or_return(co_await content_.sync(true));
    }
    const auto placed = co_await put_in_place();
    if (!placed) {
        co_await abandon();
        co_return placed;
    }
    const auto closed = co_await content_.close();
    if (options_.durable) {
        co_await or_return(co_await directory_.sync());
    }
    co_return closed;
}

task<result<void>> replacement::put_in_place() {
    if (temporary_.empty()) {
        const auto linked = co_await directory_.link_file(content_.fd(), name_);
        if (linked || linked.error().sys != EEXIST || options_.keeps_existing) {
            co_return linked;
        }
        // The name is taken, and linkat(2) can't replace.
        std::string temporary = temporary_name(name_);
        co_await or_return(co_await directory_.link_file(content_.fd(), temporary));
        temporary_ = std::move(temporary);
    }
    co_return co_await rename_temporary();
}

task<result<void>> replacement::rename_temporary() {
    auto renamed =
        co_await directory_.rename(temporary_, directory_, name_, options_.keeps_existing);
    if (!renamed && renamed.error().sys == EINVAL && options_.keeps_existing) {
        // A file system without RENAME_NOREPLACE.
        co_await or_return(co_await directory_.link(temporary_, directory_, name_));
        stop_source never;
        renamed = co_await directory_.remove(temporary_).under(never);
    }
    if (renamed) {
        temporary_.clear();
    }
    co_return renamed;
}

task<void> replacement::abandon() {
    stop_source never;
    if (!temporary_.empty()) {
        const std::string name = std::exchange(temporary_, {});
        static_cast<void>(co_await directory_.remove(name).under(never));
    }
    if (content_.fd() >= 0) {
        static_cast<void>(co_await content_.close());
    }
}

}  // namespace ringway
