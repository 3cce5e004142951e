#include "copy/other_kinds.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway {
namespace {

constexpr mode_t kind_and_permissions = S_IFMT | 0777;

// Makes something under the target's name, or under another and then in the place of what is there.
// `make(name)` is a system call.
template <class Make>
file_outcome make_or_replace(const file_names& names, const copy_options& options, copy_what made,
                             copy_step step, Make make) {
    if (make(names.target.c_str()) == 0) {
        return {.what = made};
    }
    if (errno != EEXIST) {
        return file_outcome::failed(step, error_from_errno(errno));
    }
    struct stat there{};
    struct stat source{};
    if (::fstatat(names.target_directory, names.target.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        ::fstatat(names.source_directory, names.source.c_str(), &source, AT_SYMLINK_NOFOLLOW) ==
            0 &&
        there.st_dev == source.st_dev && there.st_ino == source.st_ino) {
        return file_outcome::failed(copy_step::same_file, error_from_errno(EINVAL));
    }
    if (options.keep_existing) {
        return {.what = copy_what::skipped};
    }
    if (S_ISDIR(there.st_mode)) {
        return file_outcome::failed(copy_step::is_a_directory, error_from_errno(EISDIR));
    }
    static std::atomic<unsigned> count{0};
    const std::string own =
        ".ringway-link-" + std::to_string(::getpid()) + "-" + std::to_string(count.fetch_add(1));
    if (make(own.c_str()) != 0) {
        return file_outcome::failed(step, error_from_errno(errno));
    }
    if (::renameat(names.target_directory, own.c_str(), names.target_directory,
                   names.target.c_str()) != 0) {
        const int failure = errno;
        ::unlinkat(names.target_directory, own.c_str(), 0);
        return file_outcome::failed(copy_step::publish, error_from_errno(failure));
    }
    // Two names of one file: rename(2) did nothing.
    ::unlinkat(names.target_directory, own.c_str(), 0);
    return {.what = made};
}

// linkat(2), of a path of any length: one call takes PATH_MAX bytes.
int link_to(std::string_view path, int directory, const char* name) {
    unique_fd above;
    int from = AT_FDCWD;
    while (path.size() >= PATH_MAX) {
        const auto cut = path.rfind('/', PATH_MAX - 2);
        if (cut == std::string_view::npos || cut == 0) {
            errno = ENAMETOOLONG;
            return -1;
        }
        above = unique_fd{::openat(from, std::string{path.substr(0, cut)}.c_str(),
                                   O_PATH | O_DIRECTORY | O_CLOEXEC)};
        if (!above) {
            return -1;
        }
        from = above.get();
        path.remove_prefix(std::min(path.find_first_not_of('/', cut), path.size()));
    }
    return ::linkat(from, std::string{path}.c_str(), directory, name, 0);
}

file_outcome with_attributes(file_outcome made, const file_names& names, const struct stat& facts,
                             const copy_options& options) {
    const bool fresh = made.what == copy_what::linked || made.what == copy_what::special;
    if (fresh && options.kept.any()) {
        const auto given =
            copy_attributes_at(facts, names.target_directory, names.target.c_str(), options.kept);
        if (!given) {
            made.what = copy_what::warned;
            made.step = copy_step::attributes;
            made.failure = given.error();
        }
    }
    return made;
}

}  // namespace

file_outcome copy_link(const file_names& names, const copy_options& options) {
    struct stat facts{};
    std::string text(PATH_MAX, '\0');
    const ssize_t length =
        ::readlinkat(names.source_directory, names.source.c_str(), text.data(), text.size());
    if (length < 0 ||
        ::fstatat(names.source_directory, names.source.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return file_outcome::failed(copy_step::open_source, error_from_errno(errno));
    }
    text.resize(static_cast<std::size_t>(length));
    return with_attributes(make_or_replace(names, options, copy_what::linked, copy_step::make_link,
                                           [&](const char* name) {
                                               return ::symlinkat(text.c_str(),
                                                                  names.target_directory, name);
                                           }),
                           names, facts, options);
}

file_outcome copy_special(const file_names& names, const copy_options& options) {
    struct stat facts{};
    if (::fstatat(names.source_directory, names.source.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return file_outcome::failed(copy_step::open_source, error_from_errno(errno));
    }
    return with_attributes(
        make_or_replace(names, options, copy_what::special, copy_step::make_special,
                        [&](const char* name) {
                            return ::mknodat(names.target_directory, name,
                                             facts.st_mode & kind_and_permissions, facts.st_rdev);
                        }),
        names, facts, options);
}

file_outcome link_to_copy(const std::string& first, const file_names& names,
                          const copy_options& options) {
    return make_or_replace(
        names, options, copy_what::linked, copy_step::make_link,
        [&](const char* name) { return link_to(first, names.target_directory, name); });
}

}  // namespace ringway
