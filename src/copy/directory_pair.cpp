#include "copy/directory_pair.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <utility>

namespace ringway {
namespace {

constexpr mode_t permissions = 01777;  // What mkdir(2) takes.
constexpr mode_t own_permissions = 0700;
constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY;

bool same(const struct stat& one, const struct stat& other) noexcept {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

std::optional<file_outcome> failed(copy_step at) {
    return file_outcome::failed(at, error_from_errno(errno));
}

// What it really is: for links that are followed.
unsigned char type_of(int directory, const walk_entry& entry, bool follow) noexcept {
    switch (entry.what) {
        case walk_entry::kind::file: return DT_REG;
        case walk_entry::kind::directory: return DT_DIR;
        case walk_entry::kind::symlink: break;
        case walk_entry::kind::failed: return DT_UNKNOWN;  // Opening it will say what is wrong.
        default: return DT_FIFO;
    }
    struct stat facts{};
    if (!follow) {
        return DT_LNK;
    }
    return ::fstatat(directory, entry.path.c_str(), &facts, 0) == 0
               ? static_cast<unsigned char>(IFTODT(facts.st_mode))
               : static_cast<unsigned char>(DT_REG);  // As above.
}

}  // namespace

std::optional<file_outcome> enter_directory(directory_pair& pair, const file_names& names,
                                            bool follow_source, bool follow_target) {
    pair.source = unique_fd{::openat(names.source_directory, names.source.c_str(),
                                     directory_flags | (follow_source ? 0 : O_NOFOLLOW))};
    if (!pair.source || ::fstat(pair.source.get(), &pair.facts) != 0) {
        return failed(copy_step::open_source);
    }
    for (const auto* above = pair.parent.get(); above != nullptr; above = above->parent.get()) {
        struct stat target{};
        if (same(above->facts, pair.facts) ||
            (::fstat(above->target.get(), &target) == 0 && same(target, pair.facts))) {
            return file_outcome::failed(copy_step::into_itself, error_from_errno(ELOOP));
        }
    }
    const mode_t mode = (pair.facts.st_mode & permissions) | own_permissions;
    pair.made = ::mkdirat(names.target_directory, names.target.c_str(), mode) == 0;
    if (!pair.made && errno != EEXIST) {
        return failed(copy_step::make_directory);
    }
    pair.target = unique_fd{::openat(names.target_directory, names.target.c_str(),
                                     directory_flags | (follow_target ? 0 : O_NOFOLLOW))};
    if (!pair.target) {
        return failed(errno == ENOTDIR || errno == ELOOP ? copy_step::not_a_directory
                                                         : copy_step::make_directory);
    }
    struct stat target{};
    if (::fstat(pair.target.get(), &target) == 0 && same(target, pair.facts)) {
        return file_outcome::failed(copy_step::same_file, error_from_errno(EINVAL));
    }
    pair.may_share_blocks = shares_blocks_in(pair.target.get());
    return std::nullopt;
}

bool shares_blocks_in(int directory) noexcept {
    struct statfs where{};
    return ::fstatfs(directory, &where) != 0 ||
           may_share_blocks(static_cast<std::uint32_t>(where.f_type));
}

result<directory_portion> read_portion(directory_pair& pair, bool follow) {
    if (!pair.names.fd) {
        pair.names.fd = unique_fd{::fcntl(pair.source.get(), F_DUPFD_CLOEXEC, 0)};
        if (!pair.names.fd) {
            return fail_errno(errno);
        }
    }
    read_batch(pair.names, {}, -1, {});
    if (pair.names.failed.code != errc::none) {
        return std::unexpected{pair.names.failed};
    }
    directory_portion portion;
    for (walk_entry& entry : pair.names.batch) {
        const unsigned char type = type_of(pair.source.get(), entry, follow);
        portion.push_back({std::move(entry.path), type});
    }
    if (portion.empty()) {
        pair.names = {};
    }
    return portion;
}

result<void> finish_directory(const directory_pair& pair, const kept_attributes& kept) noexcept {
    if (!kept.mode && pair.made) {
        const mode_t wanted = pair.facts.st_mode & permissions & ~process_umask();
        const mode_t made =
            ((pair.facts.st_mode & permissions) | own_permissions) & ~process_umask();
        if (wanted != made && ::fchmod(pair.target.get(), wanted) != 0) {
            return fail_errno(errno);
        }
    }
    return kept.any() ? copy_attributes(pair.source.get(), pair.facts, pair.target.get(), kept)
                      : result<void>{};
}

result<void> sync_directory(int directory) noexcept {
    const unique_fd readable{::openat(directory, ".", directory_flags)};
    if (!readable || (::fsync(readable.get()) != 0 && errno != EINVAL)) {
        return fail_errno(errno);
    }
    return {};
}

bool is_within(const std::string& path, const struct stat& facts) noexcept {
    unique_fd at{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    struct stat here{};
    if (!at || ::fstat(at.get(), &here) != 0) {
        return false;
    }
    for (;;) {
        if (same(here, facts)) {
            return true;
        }
        unique_fd above{::openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC)};
        struct stat next{};
        if (!above || ::fstat(above.get(), &next) != 0 || same(next, here)) {
            return false;  // The root, which is above itself.
        }
        at = std::move(above);
        here = next;
    }
}

}  // namespace ringway
