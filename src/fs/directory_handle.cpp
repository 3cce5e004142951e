#include <ringway/fs/directory_handle.hpp>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <utility>

#include <ringway/ring/await.hpp>
#include <ringway/ring/operation.hpp>

#include "fs/open_task.hpp"
#include "fs/temporary_file.hpp"

namespace ringway {
namespace {

task<result<void>> perform(operation op) {
    for (;;) {
        const completion done = co_await await_operation{op};
        if (done.result >= 0) {
            co_return result<void>{};
        }
        if (done.result != -EINTR) {
            co_return fail_errno(-done.result);
        }
    }
}

operation change_of(op_kind kind, int directory, std::string& name, std::uint32_t flags) noexcept {
    operation op;
    op.kind = kind;
    op.fd = directory;
    op.address = name.data();
    op.flags = flags;
    return op;
}

}  // namespace

bool is_single_name(std::string_view name) noexcept {
    return !name.empty() && name != "." && name != ".." && !name.contains('/') &&
           !name.contains('\0');
}

task<result<directory_handle>> directory_handle::open(const root& where, std::string path,
                                                      symlink_policy policy) {
    constexpr std::uint64_t flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;
    auto opened = co_await or_return(co_await open_task(where, std::move(path), policy, flags));
    co_return directory_handle{std::move(opened.fd)};
}

task<result<void>> directory_handle::rename(std::string name, const directory_handle& target,
                                            std::string new_name, bool keeps_existing) const {
    if (!is_single_name(name) || !is_single_name(new_name)) {
        co_return fail(errc::invalid_argument);
    }
    operation op =
        change_of(op_kind::rename, fd(), name, keeps_existing ? unsigned{RENAME_NOREPLACE} : 0U);
    op.other_fd = target.fd();
    op.extra = new_name.data();
    co_return co_await perform(op);
}

task<result<void>> directory_handle::link_file(int file, std::string name) const {
    if (!is_single_name(name)) {
        co_return fail(errc::invalid_argument);
    }
    // AT_EMPTY_PATH would need a capability before Linux 6.10.
    std::string path{path_of_open_file(file).data()};
    operation op = change_of(op_kind::link, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
    op.other_fd = fd();
    op.extra = name.data();
    co_return co_await perform(op);
}

task<result<void>> directory_handle::link(std::string name, const directory_handle& target,
                                          std::string new_name) const {
    if (!is_single_name(name) || !is_single_name(new_name)) {
        co_return fail(errc::invalid_argument);
    }
    operation op = change_of(op_kind::link, fd(), name, 0);
    op.other_fd = target.fd();
    op.extra = new_name.data();
    co_return co_await perform(op);
}

task<result<void>> directory_handle::remove(std::string name) const {
    if (!is_single_name(name)) {
        co_return fail(errc::invalid_argument);
    }
    co_return co_await perform(change_of(op_kind::unlink, fd(), name, 0));
}

task<result<void>> directory_handle::remove_directory(std::string name) const {
    if (!is_single_name(name)) {
        co_return fail(errc::invalid_argument);
    }
    co_return co_await perform(change_of(op_kind::unlink, fd(), name, AT_REMOVEDIR));
}

task<result<void>> directory_handle::make_directory(std::string name, std::uint32_t mode) const {
    if (!is_single_name(name)) {
        co_return fail(errc::invalid_argument);
    }
    co_return co_await perform(change_of(op_kind::mkdir, fd(), name, mode));
}

task<result<void>> directory_handle::sync() const {
    operation op;
    op.kind = op_kind::fsync;
    op.fd = fd();
    co_return co_await perform(op);
}

}  // namespace ringway
