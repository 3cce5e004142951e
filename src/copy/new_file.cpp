#include "copy/new_file.hpp"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/assert.hpp>

#include "fs/temporary_file.hpp"

namespace ringway {
namespace {

constexpr int open_flags = O_RDWR | O_CLOEXEC | O_NOCTTY;
// rename(2); `keeps`: not over something. Where the file system can't do that in one step (NFS,
// FAT) it is looked at before.
int rename_to(int directory, const char* from, const char* to, bool keeps) noexcept {
    if (::renameat2(directory, from, directory, to, keeps ? RENAME_NOREPLACE : 0) == 0) {
        return 0;
    }
    if (!keeps || (errno != EINVAL && errno != ENOSYS)) {
        return errno;
    }
    struct stat facts{};
    if (::fstatat(directory, to, &facts, AT_SYMLINK_NOFOLLOW) == 0) {
        return EEXIST;
    }
    return ::renameat(directory, from, directory, to) == 0 ? 0 : errno;
}

bool is_directory(int directory, const std::string& name) noexcept {
    struct stat facts{};
    return ::fstatat(directory, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(facts.st_mode);
}

bool is_called(int file, int directory, const std::string& name) noexcept {
    struct stat mine{};
    struct stat there{};
    return ::fstat(file, &mine) == 0 &&
           ::fstatat(directory, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

// Two who write into one part would make a mixture. Whoever waited for the lock may have what has
// been finished and renamed since.
result<unique_fd> open_part(int directory, const std::string& name, mode_t mode) noexcept {
    for (int i = 0; i < temporary_name_tries; ++i) {
        unique_fd part{::openat(directory, name.c_str(), open_flags | O_CREAT | O_NOFOLLOW, mode)};
        if (!part) {
            return fail_errno(errno);
        }
        if (::flock(part.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            return fail_errno(EBUSY);
        }
        if (is_called(part.get(), directory, name)) {
            return part;
        }
    }
    return fail_errno(EBUSY);
}

}  // namespace

result<new_file> new_file::make(int directory, std::string name, mode_t mode,
                                std::string part_name) {
    if (!part_name.empty()) {
        auto part = open_part(directory, part_name, mode);
        if (!part) {
            return std::unexpected{part.error()};
        }
        new_file made{*std::move(part), directory, std::move(name)};
        made.own_name_ = std::move(part_name);
        made.stays_ = true;
        return made;
    }
    if (can_name_files()) {
        unique_fd nameless{::openat(directory, ".", O_TMPFILE | open_flags, mode)};
        if (nameless) {
            return new_file{std::move(nameless), directory, std::move(name)};
        }
        if (!lacks_unnamed_files(errno)) {
            return fail_errno(errno);
        }
    }
    for (int i = 0; i < temporary_name_tries; ++i) {
        std::string own = temporary_name(name);
        unique_fd named{::openat(directory, own.c_str(), open_flags | O_CREAT | O_EXCL, mode)};
        if (named) {
            new_file made{std::move(named), directory, std::move(name)};
            made.own_name_ = std::move(own);
            return made;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return fail_errno(errno);
}

new_file::~new_file() {
    if (fd_ && !own_name_.empty() && !stays_) {
        ::unlinkat(directory_, own_name_.c_str(), 0);
    }
}

int new_file::link_as(const char* name) const noexcept {
    // Without the way through /proc this saves a twentieth of copying a small file; allowed to
    // everybody since Linux 6.10, and to CAP_DAC_READ_SEARCH before. ENOENT: not allowed.
    static std::atomic<bool> by_descriptor{true};
    if (by_descriptor.load(std::memory_order_relaxed)) {
        if (::linkat(fd_.get(), "", directory_, name, AT_EMPTY_PATH) == 0) {
            return 0;
        }
        if (errno != ENOENT && errno != EINVAL && errno != EPERM) {
            return errno;
        }
    }
    const auto path = path_of_open_file(fd_.get());
    if (::linkat(AT_FDCWD, path.data(), directory_, name, AT_SYMLINK_FOLLOW) != 0) {
        return errno;
    }
    by_descriptor.store(false, std::memory_order_relaxed);
    return 0;
}

result<void> new_file::publish(existing_name existing) {
    RW_ASSERT(fd_);
    if (own_name_.empty()) {
        const int failure = link_as(name_.c_str());
        if (failure == 0) {
            stays_ = true;
            return {};
        }
        if (failure != EEXIST || existing == existing_name::keep) {
            return fail_errno(failure);
        }
        // Only a name can be renamed over another.
        for (int i = 0; i < temporary_name_tries && own_name_.empty(); ++i) {
            std::string own = temporary_name(name_);
            const int refused = link_as(own.c_str());
            if (refused == 0) {
                own_name_ = std::move(own);
            } else if (refused != EEXIST) {
                return fail_errno(refused);
            }
        }
    }
    if (is_directory(directory_, name_)) {
        return fail_errno(EISDIR);
    }
    const bool keeps = existing == existing_name::keep;
    if (const int failure = rename_to(directory_, own_name_.c_str(), name_.c_str(), keeps);
        failure != 0) {
        return fail_errno(failure);
    }
    own_name_.clear();
    return {};
}

}  // namespace ringway
