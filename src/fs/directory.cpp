#include "fs/directory.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <dirent.h>
#include <fcntl.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include <ringway/fs/file_status.hpp>

#include "fs/open_beneath.hpp"
#include "fs/status_at.hpp"

namespace ringway {
namespace {

directory_entry entry_of(std::string_view name, const file_status& status) {
    return {.name = std::string{name},
            .is_directory = status.is_directory,
            .size = status.size,
            .mtime_ns = status.mtime_ns};
}

// What the name stands for, without reading it. A link is resolved in the same way as for serving,
// so that a listing tells nothing of what is out of reach.
std::optional<file_status> look_up(const directory_to_read& what, const char* name) {
    auto seen = status_at(what.directory, name);
    if (!seen || !S_ISLNK(seen->mode)) {
        return seen ? std::optional{*seen} : std::nullopt;
    }
    if (what.policy == symlink_policy::deny) {
        return std::nullopt;
    }
    std::string path{what.path};
    path += path.empty() || path.ends_with('/') ? "" : "/";
    path += name;
    const auto target = open_waiting(what.root, path.c_str(), what.policy, O_PATH | O_CLOEXEC);
    if (!target) {
        return std::nullopt;
    }
    seen = status_of(target->get());
    return seen ? std::optional{*seen} : std::nullopt;
}

}  // namespace

result<directory_listing> read_directory(const directory_to_read& what) noexcept {
    directory_listing listing;
    std::size_t seen = 0;  // Names that lead nowhere cost as much to look at as others.
    alignas(dirent64) std::array<char, 32'768> buffer;
    for (;;) {
        const ssize_t size = ::getdents64(what.directory, buffer.data(), buffer.size());
        if (size < 0) {
            return fail_errno(errno);
        }
        if (size == 0) {
            return listing;
        }
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            const auto* const raw = reinterpret_cast<const dirent64*>(buffer.data() + at);
            at += raw->d_reclen;
            const std::string_view name{raw->d_name};
            if (name == "." || name == "..") {
                continue;
            }
            if (seen++ == what.entries_max) {
                listing.more = true;
                return listing;
            }
            // Nobody is given a FIFO, a socket or a device.
            if (const auto status = look_up(what, raw->d_name);
                status && (status->is_regular || status->is_directory)) {
                listing.entries.push_back(entry_of(name, *status));
            }
        }
    }
}

}  // namespace ringway
