#include <ringway/copy/attributes.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

namespace ringway {
namespace {

constexpr mode_t permission_bits = 07777;
constexpr mode_t set_id_bits = S_ISUID | S_ISGID;

// Remembers the first of several failures.
class first_failure {
public:
    void note(int outcome) noexcept {
        if (outcome != 0 && errno_ == 0) {
            errno_ = errno;
        }
    }
    [[nodiscard]] result<void> outcome() const noexcept {
        return errno_ == 0 ? result<void>{} : fail_errno(errno_);
    }

private:
    int errno_ = 0;
};

bool is_root() noexcept { return ::geteuid() == 0; }

// 0: given; 1: not permitted, which is no failure; -1 with errno.
int give_away(int to, const struct stat& source) noexcept {
    if (::fchown(to, source.st_uid, source.st_gid) == 0) {
        return 0;
    }
    if (errno != EPERM || is_root()) {
        return errno == EPERM || errno == EINVAL ? 1 : -1;
    }
    // The group alone may be one of ours.
    static_cast<void>(::fchown(to, static_cast<uid_t>(-1), source.st_gid));
    return 1;
}

// Those that this user and this file system can have; the rest (security labels, file systems
// without any) is left out.
bool may_be_left_out(std::string_view name, int failure) noexcept {
    return failure == ENOTSUP || failure == ENODATA ||
           ((failure == EPERM || failure == EACCES) && !name.starts_with("user."));
}

void copy_xattrs(int from, int to, first_failure& failed) {
    ssize_t length = ::flistxattr(from, nullptr, 0);
    if (length <= 0) {
        return;
    }
    std::string names(static_cast<std::size_t>(length), '\0');
    length = ::flistxattr(from, names.data(), names.size());
    names.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    std::vector<char> value;
    for (std::size_t at = 0; at < names.size(); at += std::strlen(&names[at]) + 1) {
        const char* const name = &names[at];
        const ssize_t size = ::fgetxattr(from, name, nullptr, 0);
        value.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        const ssize_t got = ::fgetxattr(from, name, value.data(), value.size());
        const bool lost =
            got < 0 || ::fsetxattr(to, name, value.data(), static_cast<std::size_t>(got), 0) != 0;
        if (lost && !may_be_left_out(name, errno)) {
            failed.note(-1);
        }
    }
}

}  // namespace

result<void> copy_attributes(int from, const struct stat& source, int to,
                             const kept_attributes& kept) noexcept {
    first_failure failed;
    bool given = true;
    if (kept.owner) {
        const int outcome = give_away(to, source);
        given = outcome == 0;
        failed.note(outcome < 0 ? -1 : 0);
    }
    if (kept.xattrs) {
        copy_xattrs(from, to, failed);
    }
    if (kept.mode) {  // After the owner: chown(2) takes the set-id bits away.
        const mode_t bits =
            source.st_mode & permission_bits & (given ? permission_bits : ~set_id_bits);
        failed.note(::fchmod(to, bits));
    }
    if (kept.times) {
        const std::array<timespec, 2> times{source.st_atim, source.st_mtim};
        failed.note(::futimens(to, times.data()));
    }
    return failed.outcome();
}

result<void> copy_attributes_at(const struct stat& source, int directory, const char* name,
                                const kept_attributes& kept) noexcept {
    first_failure failed;
    if (kept.owner) {
        const int outcome =
            ::fchownat(directory, name, source.st_uid, source.st_gid, AT_SYMLINK_NOFOLLOW);
        failed.note(outcome != 0 && errno != EPERM && errno != EINVAL ? -1 : 0);
    }
    if (kept.mode && !S_ISLNK(source.st_mode)) {
        failed.note(::fchmodat(directory, name, source.st_mode & permission_bits, 0));
    }
    if (kept.times) {
        const std::array<timespec, 2> times{source.st_atim, source.st_mtim};
        failed.note(::utimensat(directory, name, times.data(), AT_SYMLINK_NOFOLLOW));
    }
    return failed.outcome();
}

}  // namespace ringway
