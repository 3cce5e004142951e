// One regular file by its names: what comes before and after its bytes. Everything here blocks.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <utility>

#include <ringway/base/unique_fd.hpp>
#include <ringway/copy/copy_paths.hpp>

#include "copy/new_file.hpp"

namespace ringway {

/// Where a file is and where its copy goes. The directories stay open, by descriptor or AT_FDCWD.
struct file_names {
    int source_directory = -1;
    int target_directory = -1;
    std::string source;
    std::string target;
    bool may_share_blocks = true;  ///< See the function of this name.
    bool target_is_new = false;    ///< The target directory is: it holds nothing but copies.
};

/// The umask, which can only be asked by changing it: first called before there are threads.
[[nodiscard]] mode_t process_umask() noexcept;

/// How one name has ended.
struct file_outcome {
    copy_what what = copy_what::copied;
    copy_report report;
    std::string sha256;
    copy_step step{};
    error failure;

    [[nodiscard]] static file_outcome failed(copy_step at, error why) {
        file_outcome made;
        made.what = copy_what::failed;
        made.step = at;
        made.failure = why;
        return made;
    }
};

/// The steps of one copy: `open`, `prepare`, then the bytes from `from` to `to`, then `complete`.
class one_file {
public:
    /// Lifetime: `options` and `stop` outlive it.
    one_file(const copy_options& options, const std::atomic<bool>& stop, file_names names)
        : options_{&options}, stop_{&stop}, names_{std::move(names)} {}

    /// Opens the source and looks at it. A result: how it has ended already, without success.
    [[nodiscard]] std::optional<file_outcome> open(bool follow);

    /// Opens what the bytes go into. A result: it has ended, perhaps because there is nothing to
    /// do.
    [[nodiscard]] std::optional<file_outcome> prepare();

    /// All bytes are there: attributes, verification, name.
    [[nodiscard]] file_outcome complete(const copy_report& report);

    /// The failure of the copying itself, told with the step that it belongs to.
    [[nodiscard]] file_outcome failed_copying(error why) const;

    [[nodiscard]] const struct stat& facts() const noexcept { return facts_; }
    [[nodiscard]] int from() const noexcept { return from_.get(); }
    [[nodiscard]] int to() const noexcept { return fresh_ ? fresh_->fd() : in_place_.get(); }
    /// After `prepare`: the copy is a new file, and not written into what was there.
    [[nodiscard]] bool is_fresh() const noexcept { return fresh_.has_value(); }
    /// Bytes at the begin that the copy has already.
    [[nodiscard]] std::uint64_t present() const noexcept { return present_; }
    [[nodiscard]] const file_names& names() const noexcept { return names_; }

private:
    std::optional<file_outcome> open_in_place();
    std::optional<file_outcome> keep_what_is_same();
    std::optional<file_outcome> make_fresh();
    std::optional<file_outcome> find_prefix();
    std::optional<file_outcome> look_at_target();
    std::optional<file_outcome> publish();
    [[nodiscard]] file_outcome verify(file_outcome outcome) const;
    [[nodiscard]] bool is_source(const struct stat& other) const noexcept;

    const copy_options* options_;
    const std::atomic<bool>* stop_;
    file_names names_;
    unique_fd from_;
    struct stat facts_{};
    std::optional<new_file> fresh_;
    unique_fd in_place_;
    std::optional<struct stat> existing_;  // What has the target's name, if anybody looked.
    std::uint64_t present_ = 0;
};

/// A small regular file, opened as `file`, from begin to end. Nothing if it is not for this way:
/// too large, sparse, perhaps a reflink, or, with `wait` false, not in the page cache; then it is
/// being read ahead. Blocks.
[[nodiscard]] std::optional<file_outcome> copy_small_file(one_file& file,
                                                          const copy_options& options,
                                                          copy_meter& meter, bool wait);

}  // namespace ringway
