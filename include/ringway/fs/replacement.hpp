// Writing a file anew so that nobody ever sees half of it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/directory_handle.hpp>
#include <ringway/fs/file.hpp>

namespace ringway {

struct replace_options {
    std::uint32_t mode = 0644;    ///< Of the new file, less the umask.
    bool durable = false;         ///< `commit` waits for stable storage, content before name.
    bool keeps_existing = false;  ///< Only where there is nothing yet; else `commit`: EEXIST.
    bool named = false;           ///< Use a temporary name from the beginning, never O_TMPFILE.
};

/// A file that is written out of sight and takes the place of another, or of nothing, at once.
///
/// It has no name (O_TMPFILE, open(2)) until `commit`, so nothing is left behind when the process
/// is killed. To replace something it gets a temporary name for a moment: ".NAME.<16 digits>~".
/// File systems without O_TMPFILE (and `named`) give it that name from the beginning.
///
/// A symbolic link in place of the file is itself replaced; a directory is not: EISDIR or EEXIST.
/// Owner, attributes and further names of the old file are not taken over.
/// Must be committed or abandoned, else the destructor abandons by system calls that may wait.
class replacement {
public:
    /// Lifetime: `where` until it resumes. Fails as `open_file` does, and with `invalid_argument`
    /// when `path` ends without a name. Cancel: nothing is left behind.
    [[nodiscard]] static task<result<replacement>> begin(const root& where, std::string path,
                                                         replace_options options = {});

    replacement(replacement&& other) noexcept;
    replacement& operator=(replacement&&) = delete;
    ~replacement();

    /// What is to be written.
    [[nodiscard]] const file& content() const noexcept { return content_; }
    /// The directory it will be in.
    [[nodiscard]] const directory_handle& directory() const noexcept { return directory_; }

    /// Puts the file in its place and closes it. Nothing may be in flight on it.
    /// Fails with the errno of fsync(2), linkat(2), rename(2) or close(2). After a failure of one
    /// of the first three the old file is still in place and nothing is left behind; of fsync of
    /// the directory or of close the new one is in place.
    /// Cancel: `canceled`, and the old file is in place, unless the new one was so already.
    [[nodiscard]] task<result<void>> commit();

    /// Leaves everything as it was. Not cancellable.
    [[nodiscard]] task<void> abandon();

private:
    replacement(directory_handle directory, std::string name, file content, std::string temporary,
                replace_options options) noexcept;
    [[nodiscard]] task<result<void>> put_in_place();
    [[nodiscard]] task<result<void>> rename_temporary();

    directory_handle directory_;
    std::string name_;
    file content_;
    std::string temporary_;  // The name it has meanwhile; "": none.
    replace_options options_;
};

}  // namespace ringway
