#include "fs/open_task.hpp"

#include <cerrno>
#include <cstdint>
#include <expected>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/fs/file_status.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/runtime/run_blocking.hpp>

#include "fs/open_beneath.hpp"

namespace ringway {

std::uint64_t flags_of(open_mode mode) noexcept {
    constexpr std::uint64_t always = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    switch (mode) {
        case open_mode::read: return always | O_RDONLY;
        case open_mode::write: return always | O_WRONLY;
        case open_mode::read_write: return always | O_RDWR;
        case open_mode::create: return always | O_RDWR | O_CREAT | O_TRUNC;
        case open_mode::create_new: return always | O_RDWR | O_CREAT | O_EXCL;
    }
    RW_ASSERT(false);
}

task<result<opened_file>> open_task(const root& where, std::string path, symlink_policy policy,
                                    std::uint64_t flags) {
    co_await or_return(check_path(path));
    if (path.empty()) {
        path = ".";
    }
    if (!where.has_openat2()) {
        auto by_names = co_await run_blocking(
            [&where, &path, flags] { return open_by_names(where.fd(), path, flags); });
        co_return look_at(co_await or_return(std::move(by_names)), flags);
    }
    open_how how = how_to_open(policy, flags);
    operation op;
    op.kind = op_kind::openat2;
    op.fd = where.fd();
    op.address = path.data();
    op.extra = &how;
    const completion done = co_await await_operation{op};
    if (done.result >= 0) {
        co_return look_at(unique_fd{done.result}, flags);
    }
    const bool detour = done.result == -EXDEV && policy == symlink_policy::inside;
    if (!detour && done.result != -EAGAIN && done.result != -EINTR) {
        co_return fail_errno(-done.result);
    }
    auto opened = co_await run_blocking([&where, &path, policy, flags] {
        return open_waiting(where.fd(), path.c_str(), policy, flags);
    });
    co_return look_at(co_await or_return(std::move(opened)), flags);
}

result<opened_file> look_at(unique_fd fd, std::uint64_t flags) noexcept {
    const auto status = status_of(fd.get());
    if (!status) {
        return std::unexpected{status.error()};
    }
    const int kept = static_cast<int>(flags) & (O_DIRECT | O_APPEND);
    if (status->is_regular && ::fcntl(fd.get(), F_SETFL, kept) != 0) {
        return fail_errno(errno);
    }
    return opened_file{std::move(fd), *status};
}

}  // namespace ringway
