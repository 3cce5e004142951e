// The file that a URL is fetched into: FILE.part until all is there, then FILE.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ringway/base/unique_fd.hpp>
#include <ringway/wire/url.hpp>

#include "cli/get_exit.hpp"
#include "cli/get_options.hpp"
#include "cli/get_state.hpp"

namespace ringway::cli {

/// Why there is nothing to fetch, or nothing to fetch into. `ok`: all is there.
struct target_refusal {
    get_exit status = get_exit::not_written;
    std::string text;
};

/// Why `path` can't be written, and what to do about it. `failed`: an errno.
[[nodiscard]] std::string why_not_written(const std::string& path, int failed);

/// Small calls of the file system only, which may block for a moment.
class get_target {
public:
    /// Names the file, looks that nothing is lost, opens FILE.part and locks it against another
    /// process. With --continue reads what is known of it.
    [[nodiscard]] static std::expected<get_target, target_refusal> open(const get_options& options,
                                                                        const wire::url& from);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string part_path() const { return path_ + ".part"; }

    /// What was there before, to go on with.
    [[nodiscard]] const std::optional<get_state>& earlier() const noexcept { return earlier_; }

    /// Forgets what is there: the file begins anew. False when it can't.
    [[nodiscard]] bool begin_anew() noexcept;

    /// Writes `state` down, in one step. What can't be written only costs a later --continue.
    void save(const get_state& state) noexcept;

    /// All is there: FILE.part becomes FILE. An errno, or 0.
    [[nodiscard]] int complete() noexcept;

    /// Removes FILE.part and what is known of it.
    void discard() noexcept;

private:
    [[nodiscard]] std::string state_path() const { return path_ + ".part.state"; }
    [[nodiscard]] std::optional<target_refusal> open_part(const get_options& options);
    void read_earlier(const wire::url& from);

    std::string path_;
    unique_fd fd_;
    std::optional<get_state> earlier_;
    bool overwrite_ = false;
};

/// The file's name for `from`.
[[nodiscard]] std::string target_name(const get_options& options, const wire::url& from);

}  // namespace ringway::cli
