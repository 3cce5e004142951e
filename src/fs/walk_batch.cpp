#include "fs/walk_batch.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <dirent.h>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <utility>

#include "fs/open_beneath.hpp"
#include "fs/status_at.hpp"

namespace ringway {
namespace {

// What getdents64 fills at a time: about 512 short names, more than a batch never holds.
constexpr std::size_t names_bytes = 16'384;

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;

walk_entry::kind kind_of_type(unsigned char type) noexcept {
    switch (type) {
        case DT_REG: return walk_entry::kind::file;
        case DT_DIR: return walk_entry::kind::directory;
        case DT_LNK: return walk_entry::kind::symlink;
        default: return walk_entry::kind::other;
    }
}

walk_entry::kind kind_of(const file_status& status) noexcept {
    if (status.is_regular) {
        return walk_entry::kind::file;
    }
    if (status.is_directory) {
        return walk_entry::kind::directory;
    }
    return S_ISLNK(status.mode) ? walk_entry::kind::symlink : walk_entry::kind::other;
}

void set_failed(walk_entry& entry, error why) noexcept {
    entry.what = walk_entry::kind::failed;
    entry.why = why;
}

// What a link leads to, if it may be followed and leads anywhere.
void follow(walk_entry& entry, int root_fd, const std::string& path,
            const walk_options& options) noexcept {
    const std::string whole = path.empty() ? entry.path : path + '/' + entry.path;
    const auto target = open_waiting(root_fd, whole.c_str(), options.policy, O_PATH | O_CLOEXEC);
    const auto status =
        target ? status_of(target->get()) : result<file_status>{std::unexpected{target.error()}};
    if (status) {
        entry.what = kind_of(*status);
        entry.status = *status;
    }
}

void look_at_entry(walk_entry& entry, int directory, bool type_known, const walk_options& options,
                   int root_fd, const std::string& path) noexcept {
    if (!type_known || options.with_status) {
        const auto status = status_at(directory, entry.path.c_str());
        if (!status) {
            set_failed(entry, status.error());
            return;
        }
        entry.what = kind_of(*status);
        entry.status = *status;
    }
    if (entry.what == walk_entry::kind::symlink && options.policy != symlink_policy::deny) {
        follow(entry, root_fd, path, options);
    }
    if (!options.with_status) {
        entry.status.reset();
    }
}

}  // namespace

void read_batch(walk_source& from, const walk_options& options, int root_fd,
                const std::string& path) noexcept {
    from.batch.clear();
    from.next = 0;
    alignas(dirent64) std::array<char, names_bytes> buffer;
    while (from.batch.empty() && !from.ended) {
        const ssize_t size = ::getdents64(from.fd.get(), buffer.data(), buffer.size());
        if (size <= 0) {
            from.ended = true;
            // A directory that was removed meanwhile has no more names: ENOENT.
            if (size < 0 && errno != ENOENT) {
                from.failed = error_from_errno(errno);
            }
            return;
        }
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            const auto* const raw = reinterpret_cast<const dirent64*>(buffer.data() + at);
            at += raw->d_reclen;
            const std::string_view name{raw->d_name};
            if (name == "." || name == "..") {
                continue;
            }
            walk_entry& entry = from.batch.emplace_back();
            entry.path = name;
            entry.what = kind_of_type(raw->d_type);
            look_at_entry(entry, from.fd.get(), raw->d_type != DT_UNKNOWN, options, root_fd, path);
        }
    }
}

result<walk_source> open_source(int parent, const std::string& name, int root_fd,
                                const std::string& path, bool follows,
                                const walk_options& options) noexcept {
    walk_source opened;
    if (follows) {
        auto fd = open_waiting(root_fd, path.empty() ? "." : path.c_str(), options.policy,
                               directory_flags);
        if (!fd) {
            return std::unexpected{fd.error()};
        }
        opened.fd = *std::move(fd);
    } else {
        opened.fd = unique_fd{::openat(parent, name.c_str(), directory_flags | O_NOFOLLOW)};
        if (!opened.fd) {
            return fail_errno(errno);
        }
    }
    const auto status = status_of(opened.fd.get());
    if (!status) {
        return std::unexpected{status.error()};
    }
    opened.status = *status;
    read_batch(opened, options, root_fd, path);
    return opened;
}

}  // namespace ringway
