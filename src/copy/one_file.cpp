#include "copy/one_file.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include "copy/compare.hpp"

namespace ringway {
namespace {

constexpr mode_t permissions = 0777;
constexpr mode_t own_permissions = 0700;
constexpr mode_t readable_by_owner = 0600;

bool is_full(int failure) noexcept {
    return failure == ENOSPC || failure == EDQUOT || failure == EFBIG || failure == EROFS;
}

// Without a new time of access, which only the owner and root may ask for: copying writes nothing
// to where it reads from, which is a tenth of the work for small files. Whoever was refused once is
// not likely to be the owner of the next file.
unique_fd open_untouched(int directory, const char* name, int flags) noexcept {
    static std::atomic<bool> may{true};
    if (may.load(std::memory_order_relaxed)) {
        unique_fd opened{::openat(directory, name, flags | O_NOATIME)};
        if (opened || errno != EPERM) {
            return opened;
        }
        may.store(false, std::memory_order_relaxed);
    }
    return unique_fd{::openat(directory, name, flags)};
}

// What a file system of a server, or of another process, says only when a file is closed: that
// there was no room, or that it could not be written (close(2)). Closing one more descriptor asks
// for it.
result<void> flushed(int file) noexcept {
    const int again = ::fcntl(file, F_DUPFD_CLOEXEC, 0);
    if (again < 0 || ::close(again) == 0 || errno == EINTR) {
        return {};
    }
    return fail_errno(errno);
}

// What an unfinished copy is called: NAME.part, if a directory entry may be as long as that and
// none of the sources is called so; else another name that only depends on this one.
std::string part_name(const file_names& names) {
    std::string plain = names.target + ".part";
    const bool taken = ::faccessat(names.source_directory, (names.source + ".part").c_str(), F_OK,
                                   AT_SYMLINK_NOFOLLOW) == 0;
    if (plain.size() <= NAME_MAX && !taken) {
        return plain;
    }
    constexpr std::size_t kept_of_name = 200;
    std::uint64_t sum = 0xcbf29ce484222325;  // FNV-1a.
    for (const char each : names.target) {
        sum = (sum ^ static_cast<unsigned char>(each)) * 0x100000001b3;
    }
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(sum));
    return "." + names.target.substr(0, kept_of_name) + "." + digits.data() + ".part";
}

}  // namespace

mode_t process_umask() noexcept {
    static const mode_t mask = [] {
        const mode_t now = ::umask(0);
        ::umask(now);
        return now;
    }();
    return mask;
}

std::optional<file_outcome> one_file::open(bool follow) {
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (follow ? 0 : O_NOFOLLOW);
    from_ = open_untouched(names_.source_directory, names_.source.c_str(), flags);
    if (!from_ || ::fstat(from_.get(), &facts_) != 0) {
        return file_outcome::failed(copy_step::open_source, error_from_errno(errno));
    }
    if (S_ISDIR(facts_.st_mode)) {
        return file_outcome::failed(copy_step::left_out, error_from_errno(EISDIR));
    }
    return std::nullopt;
}

bool one_file::is_source(const struct stat& other) const noexcept {
    return other.st_dev == facts_.st_dev && other.st_ino == facts_.st_ino;
}

std::optional<file_outcome> one_file::look_at_target() {
    struct stat there{};
    if (::fstatat(names_.target_directory, names_.target.c_str(), &there, AT_SYMLINK_NOFOLLOW) !=
        0) {
        return errno == ENOENT ? std::nullopt
                               : std::optional{file_outcome::failed(copy_step::create,
                                                                    error_from_errno(errno))};
    }
    existing_ = there;
    if (is_source(there)) {
        return file_outcome::failed(copy_step::same_file, error_from_errno(EINVAL));
    }
    if (S_ISDIR(there.st_mode)) {
        return file_outcome::failed(copy_step::is_a_directory, error_from_errno(EISDIR));
    }
    if (options_->keep_existing) {
        return file_outcome{.what = copy_what::skipped};
    }
    return std::nullopt;
}

std::optional<file_outcome> one_file::prepare() {
    if (!names_.target_is_new) {
        if (auto ended = look_at_target()) {
            return ended;
        }
    }
    const bool special = existing_ && !S_ISREG(existing_->st_mode) && !S_ISLNK(existing_->st_mode);
    if (options_->resume && existing_ && S_ISREG(existing_->st_mode)) {
        if (auto ended = keep_what_is_same()) {
            return ended;
        }
    }
    return special || (options_->in_place && existing_) ? open_in_place() : make_fresh();
}

std::optional<file_outcome> one_file::open_in_place() {
    const bool regular = S_ISREG(existing_->st_mode);
    const int flags = (regular ? O_RDWR : O_WRONLY) | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
    in_place_ = unique_fd{::openat(names_.target_directory, names_.target.c_str(), flags)};
    if (!in_place_) {
        return file_outcome::failed(copy_step::create, error_from_errno(errno));
    }
    if (!regular) {
        return std::nullopt;
    }
    if (options_->resume) {
        return find_prefix();
    }
    if (::ftruncate(in_place_.get(), 0) != 0) {
        return file_outcome::failed(copy_step::create, error_from_errno(errno));
    }
    return std::nullopt;
}

std::optional<file_outcome> one_file::make_fresh() {
    // Until it has its attributes and its name nobody else gets at it.
    const bool later = options_->kept.mode || options_->resume;
    const mode_t mode = later ? (facts_.st_mode & own_permissions) | readable_by_owner
                              : facts_.st_mode & permissions;
    auto made = new_file::make(names_.target_directory, names_.target, mode,
                               options_->resume ? part_name(names_) : std::string{});
    if (!made) {
        return file_outcome::failed(copy_step::create, made.error());
    }
    fresh_.emplace(*std::move(made));
    return options_->resume ? find_prefix() : std::nullopt;
}

// What an earlier run has left: kept as far as it is the same.
std::optional<file_outcome> one_file::find_prefix() {
    if (!S_ISREG(facts_.st_mode)) {
        return std::nullopt;
    }
    const auto same =
        common_prefix(from(), to(), static_cast<std::uint64_t>(facts_.st_size), *stop_);
    if (!same) {
        return file_outcome::failed(copy_step::read_source, same.error());
    }
    if (::ftruncate(to(), static_cast<off_t>(*same)) != 0) {
        return file_outcome::failed(copy_step::create, error_from_errno(errno));
    }
    present_ = *same;
    return std::nullopt;
}

std::optional<file_outcome> one_file::keep_what_is_same() {
    if (existing_->st_size != facts_.st_size) {
        return std::nullopt;
    }
    const unique_fd there{::openat(names_.target_directory, names_.target.c_str(),
                                   O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW)};
    if (!there) {
        return std::nullopt;  // It is replaced, without having been looked at.
    }
    const auto length = static_cast<std::uint64_t>(facts_.st_size);
    const auto same = common_prefix(from(), there.get(), length, *stop_);
    if (!same) {
        return file_outcome::failed(copy_step::read_source, same.error());
    }
    if (*same < length) {
        return std::nullopt;
    }
    file_outcome kept{.what = copy_what::kept};
    kept.report.bytes = length;
    if (options_->kept.any()) {
        const auto given = copy_attributes(from(), facts_, there.get(), options_->kept);
        if (!given) {
            kept.what = copy_what::warned;
            kept.step = copy_step::attributes;
            kept.failure = given.error();
        }
    }
    return kept;
}

file_outcome one_file::failed_copying(error why) const {
    if (why.code == errc::truncated) {
        return file_outcome::failed(copy_step::changed, why);
    }
    return file_outcome::failed(is_full(why.sys) ? copy_step::write : copy_step::read_source, why);
}

file_outcome one_file::verify(file_outcome outcome) const {
    const auto source = sha256_of(from(), false, *stop_);
    const auto copy = sha256_of(to(), true, *stop_);
    if (!source || !copy) {
        return file_outcome::failed(copy_step::verify, source ? copy.error() : source.error());
    }
    if (*source != *copy) {
        return file_outcome::failed(copy_step::verify, {errc::malformed, 0});
    }
    outcome.sha256 = *copy;
    return outcome;
}

file_outcome one_file::complete(const copy_report& report) {
    file_outcome outcome{.report = report};
    // The others are known to be local.
    const auto taken = names_.may_share_blocks ? flushed(to()) : result<void>{};
    if (!taken) {
        return file_outcome::failed(copy_step::write, taken.error());
    }
    if (options_->verify && S_ISREG(facts_.st_mode)) {
        outcome = verify(std::move(outcome));
        if (outcome.what == copy_what::failed) {
            return outcome;
        }
    }
    if (fresh_ && options_->resume && !options_->kept.mode) {
        static_cast<void>(::fchmod(to(), facts_.st_mode & permissions & ~process_umask()));
    }
    if (options_->kept.any()) {
        const auto given = copy_attributes(from(), facts_, to(), options_->kept);
        if (!given) {
            outcome.what = copy_what::warned;
            outcome.step = copy_step::attributes;
            outcome.failure = given.error();
        }
    }
    if (auto failed = publish()) {
        return *std::move(failed);
    }
    return outcome;
}

std::optional<file_outcome> one_file::publish() {
    if (!fresh_) {
        return std::nullopt;
    }
    auto named = existing_ ? fail_errno(EEXIST) : fresh_->publish(existing_name::keep);
    if (!named && named.error().sys == EEXIST) {
        existing_.reset();
        if (auto ended = look_at_target()) {  // It may have come since.
            return ended;
        }
        if (existing_ && S_ISREG(existing_->st_mode) && !options_->kept.mode) {
            // The name keeps the permissions and the owner that it had, where that is allowed.
            if (existing_->st_uid != ::geteuid() || existing_->st_gid != ::getegid()) {
                static_cast<void>(!::fchown(to(), existing_->st_uid, existing_->st_gid));
            }
            static_cast<void>(::fchmod(to(), existing_->st_mode & permissions));
        }
        named = fresh_->publish(existing_name::replace);
    }
    if (!named) {
        return file_outcome::failed(copy_step::publish, named.error());
    }
    return std::nullopt;
}

}  // namespace ringway
