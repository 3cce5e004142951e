#include "cli/get_target.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ringway::cli {
namespace {

constexpr std::uint64_t state_bytes_max = 1U << 20U;

bool is_there(const std::string& path) noexcept {
    struct stat facts{};
    return ::lstat(path.c_str(), &facts) == 0;
}

bool has_bytes(const std::string& path) noexcept {
    struct stat facts{};
    return ::lstat(path.c_str(), &facts) == 0 && facts.st_size > 0;
}

bool is_device(const std::string& path) noexcept {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode);
}

std::string read_small(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::string text;
    text.resize(state_bytes_max);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

bool write_all(int fd, std::string_view text) noexcept {
    while (!text.empty()) {
        const auto wrote = ::write(fd, text.data(), text.size());
        if (wrote <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
}

}  // namespace

std::string why_not_written(const std::string& path, int failed) {
    switch (failed) {
        case ENOSPC: return path + ": the disk is full: make room, and go on with -C";
        case EDQUOT: return path + ": your quota is used up: make room, and go on with -C";
        case EFBIG: return path + ": too large for this file system or for ulimit -f";
        case EROFS:
            return path + ": its file system is mounted read-only: choose another place with -o";
        case EACCES:
        case EPERM: return path + ": no permission to write there: choose another place with -o";
        case ENOENT:
            return path + ": there is no such directory: make it, or choose another with -o";
        case ENOTDIR: return path + ": a part of this path is no directory";
        case ELOOP: return path + ": is a symbolic link, and those are not written through";
        case EPIPE: return path + ": nobody reads there any more";
        default: return fmt::format("{}: {}", path, std::strerror(failed));
    }
}

std::string target_name(const get_options& options, const wire::url& from) {
    if (!options.output.empty()) {
        return options.output;
    }
    auto name = wire::file_name_of(from);
    return name.empty() ? "index.html" : name;
}

std::expected<get_target, target_refusal> get_target::open(const get_options& options,
                                                           const wire::url& from) {
    get_target made;
    made.path_ = target_name(options, from);
    made.overwrite_ = options.overwrite;
    const auto& path = made.path_;
    if (is_device(path)) {
        return std::unexpected{
            target_refusal{.text = path + " is no regular file; -o - writes to standard output"}};
    }
    struct stat facts{};
    if (::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) {
        return std::unexpected{target_refusal{.text = path + " is a directory"}};
    }
    const bool has_part = has_bytes(made.part_path());
    if (is_there(path) && !options.overwrite) {
        if (options.go_on && !has_part) {
            return std::unexpected{target_refusal{
                get_exit::ok, path + " is there, and nothing of it is missing; --overwrite "
                                     "fetches it anew"}};
        }
        return std::unexpected{
            target_refusal{.text = path + " is there already; --overwrite replaces it"}};
    }
    if (has_part && !options.overwrite && !options.go_on) {
        return std::unexpected{target_refusal{
            .text = fmt::format("{} is there from before: -C goes on with it, --overwrite begins "
                                "anew",
                                made.part_path())}};
    }
    if (auto refused = made.open_part(options)) {
        return std::unexpected{*std::move(refused)};
    }
    if (options.go_on) {
        made.read_earlier(from);
    }
    return made;
}

std::optional<target_refusal> get_target::open_part(const get_options& options) {
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    fd_ = unique_fd{::open(part_path().c_str(), flags, 0666)};
    if (!fd_) {
        return target_refusal{.text = why_not_written(part_path(), errno)};
    }
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return target_refusal{.text = part_path() + " is being written by another download"};
    }
    if (!options.go_on && !begin_anew()) {
        return target_refusal{.text = why_not_written(part_path(), errno)};
    }
    return std::nullopt;
}

// What is known only counts where the file is as long as it says.
void get_target::read_earlier(const wire::url& from) {
    earlier_ = read_state(read_small(state_path()));
    struct stat facts{};
    if (!earlier_ || earlier_->url != from.text() || earlier_->validator.empty() ||
        ::fstat(fd_.get(), &facts) != 0) {
        earlier_.reset();
        return;
    }
    for (const get_range& each : earlier_->ranges) {
        if (each.done > each.first && each.done > static_cast<std::uint64_t>(facts.st_size)) {
            earlier_.reset();
            return;
        }
    }
}

bool get_target::begin_anew() noexcept {
    earlier_.reset();
    ::unlink(state_path().c_str());
    return ::ftruncate(fd_.get(), 0) == 0;
}

void get_target::save(const get_state& state) noexcept {
    const auto text = to_text(state);
    const auto fresh = state_path() + ".new";
    const unique_fd out{
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666)};
    if (!out || !write_all(out.get(), text) || ::rename(fresh.c_str(), state_path().c_str()) != 0) {
        ::unlink(fresh.c_str());
    }
}

int get_target::complete() noexcept {
    // Without --overwrite nothing that has come to be there meanwhile is replaced.
    const unsigned flags = overwrite_ ? 0 : RENAME_NOREPLACE;
    int failed =
        ::renameat2(AT_FDCWD, part_path().c_str(), AT_FDCWD, path_.c_str(), flags) == 0 ? 0 : errno;
    if (failed == EINVAL && !is_there(path_)) {  // A file system without that flag.
        failed = ::rename(part_path().c_str(), path_.c_str()) == 0 ? 0 : errno;
    }
    if (failed == 0) {
        ::unlink(state_path().c_str());
    }
    return failed;
}

void get_target::discard() noexcept {
    ::unlink(part_path().c_str());
    ::unlink(state_path().c_str());
}

}  // namespace ringway::cli
