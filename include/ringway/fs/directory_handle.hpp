// An opened directory, and changes of the names in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/root.hpp>

namespace ringway {

/// Owns the descriptor of a directory. Changes name single names in it, without '/': so they can't
/// lead anywhere else, whatever others do with the directories above meanwhile.
///
/// Every change fails with `invalid_argument` for a name that is empty, "." or "..", or has a '/'
/// or a NUL in it, else with the errno of its manual page.
/// Lifetime, for every call: the handle outlives it. Cancel: what was begun is waited for;
/// `canceled` means that nothing was changed. Resumes: on the same shard.
class directory_handle {
public:
    explicit directory_handle(unique_fd fd) noexcept : fd_{std::move(fd)} {}

    /// The directory `path` beneath `where`; "" is `where` itself. Fails as `root::open_beneath`,
    /// and with ENOTDIR.
    [[nodiscard]] static task<result<directory_handle>> open(
        const root& where, std::string path, symlink_policy policy = symlink_policy::inside);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// renameat2(2) to `new_name` in `target`, which may be this one. What has that name is
    /// replaced, unless `keeps_existing`: then EEXIST.
    [[nodiscard]] task<result<void>> rename(std::string name, const directory_handle& target,
                                            std::string new_name,
                                            bool keeps_existing = false) const;

    /// linkat(2): another name for the file `fd`, which may have none so far (O_TMPFILE).
    /// Fails with EEXIST if there is something of that name. Needs /proc.
    [[nodiscard]] task<result<void>> link_file(int fd, std::string name) const;

    /// linkat(2): `new_name` in `target` for what `name` is here. Symbolic links are not followed.
    [[nodiscard]] task<result<void>> link(std::string name, const directory_handle& target,
                                          std::string new_name) const;

    /// unlinkat(2), of what is no directory.
    [[nodiscard]] task<result<void>> remove(std::string name) const;
    /// unlinkat(2) with AT_REMOVEDIR, of an empty directory.
    [[nodiscard]] task<result<void>> remove_directory(std::string name) const;
    /// mkdirat(2); `mode` less the umask.
    [[nodiscard]] task<result<void>> make_directory(std::string name,
                                                    std::uint32_t mode = 0755) const;

    /// Waits until the names of this directory are on stable storage (fsync(2)).
    [[nodiscard]] task<result<void>> sync() const;

private:
    unique_fd fd_;
};

/// Whether `name` is the name of one thing in a directory.
[[nodiscard]] bool is_single_name(std::string_view name) noexcept;

}  // namespace ringway
