// A file that appears under its name when it is complete, and not before: `replacement` of fs for
// calls that block anyway.
#pragma once

#include <string>
#include <sys/types.h>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway {

/// What is done about a name that exists.
enum class existing_name : unsigned char {
    replace,  ///< The new file takes its place at once (rename(2)).
    keep,     ///< Fails with EEXIST.
};

/// Made without a name (O_TMPFILE, open(2), Linux 3.11), so that nothing is left behind however the
/// process ends; where that can't be done, under a name of its own beside the final one. All calls
/// block; any thread, one at a time.
class new_file {
public:
    /// Opens a new, empty file in the directory `directory` that will be called `name`, for reading
    /// and writing, with `mode` less the umask. `part_name`: it has this name meanwhile, which
    /// stays if it is not finished; one that exists is opened as it is. Empty: none. Fails with the
    /// errno of open(2), and with EBUSY if another process has the part (flock(2)). Lifetime:
    /// `directory` outlives it.
    [[nodiscard]] static result<new_file> make(int directory, std::string name, mode_t mode,
                                               std::string part_name = {});

    new_file(new_file&& other) noexcept = default;
    new_file& operator=(new_file&&) = delete;
    /// What has not been published is removed, unless it has a `part_name`.
    ~new_file();

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Gives it its name. Fails with EEXIST (see `existing_name`), EISDIR if there is a directory,
    /// else with the errno of linkat(2) or rename(2); may be called again then.
    [[nodiscard]] result<void> publish(existing_name existing);

private:
    new_file(unique_fd fd, int directory, std::string name) noexcept
        : fd_{std::move(fd)}, directory_{directory}, name_{std::move(name)} {}
    [[nodiscard]] int link_as(const char* name) const noexcept;

    unique_fd fd_;
    int directory_;
    std::string name_;
    std::string own_name_;  // Empty: it has none.
    bool stays_ = false;    // Under its own name, whatever happens.
};

}  // namespace ringway
