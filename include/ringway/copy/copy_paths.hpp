// Copies files and trees by name, many at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <ringway/base/result.hpp>
#include <ringway/copy/attributes.hpp>
#include <ringway/copy/settings.hpp>
#include <ringway/coro/task.hpp>

namespace ringway {

/// Which symbolic links are copied as what they lead to; the others as links.
enum class followed_links : std::uint8_t { none, named, all };

struct copy_options {
    copy_settings how;
    bool recursive = false;
    kept_attributes kept;
    bool hard_links = false;  ///< Several names of one file are that in the copy too.
    followed_links follow = followed_links::all;  ///< `named`: those among the sources.
    bool no_target_directory = false;  ///< The destination is the copy's name, whatever it is.
    bool keep_existing = false;        ///< What is there under the name is left alone.
    bool in_place = false;   ///< Write into what is there; else it is replaced when all has come.
    bool resume = false;     ///< Keep what an earlier run has copied, if it is the same.
    bool verify = false;     ///< Read both sides again and compare their SHA-256.
    bool tell_each = false;  ///< Tell each file, not only what failed.
    unsigned jobs = 2;       ///< Threads for calls that block; 1 to 64.
};

/// What was being done when it failed.
enum class copy_step : std::uint8_t {
    open_source,
    list_directory,
    read_source,  ///< Or writing the copy, where the kernel does both at once.
    create,
    write,
    publish,  ///< Giving the complete copy its name.
    attributes,
    make_directory,
    make_link,
    make_special,
    verify,           ///< `malformed`: the two sides differ.
    same_file,        ///< Source and destination are one file.
    into_itself,      ///< A directory into one beneath it.
    not_a_directory,  ///< The destination should be one.
    is_a_directory,   ///< The destination is one, the source is not.
    left_out,         ///< A directory without `recursive`.
    changed,          ///< The source shrank.
};

enum class copy_what : std::uint8_t {
    copied,
    kept,     ///< It was there already, the same; `resume`.
    skipped,  ///< Something was there; `keep_existing`.
    linked,   ///< A symbolic link, or a further name of a file that was copied before.
    special,  ///< A FIFO, socket or device was made.
    directory,
    warned,  ///< The copy is there, but not all of its attributes.
    failed,
};

/// What became of one name.
struct copy_event {
    copy_what what = copy_what::copied;
    std::string source;
    std::string destination;
    copy_report report;  ///< Of `copied`.
    std::string sha256;  ///< With `verify`, in hexadecimal.
    copy_step step{};    ///< Of `failed` and `warned`.
    error failure;       ///< Of `failed` and `warned`.
};

struct copy_totals {
    std::uint64_t files = 0;  ///< Copied.
    std::uint64_t kept = 0;
    std::uint64_t skipped = 0;
    std::uint64_t links = 0;
    std::uint64_t specials = 0;
    std::uint64_t directories = 0;
    std::uint64_t warnings = 0;
    std::uint64_t failures = 0;
    std::uint64_t moved = 0;  ///< Bytes.
};

using copy_listener = std::move_only_function<void(const copy_event&)>;

/// Copies each of `sources` to `destination`, which is a directory they go into, or, with a single
/// source, the name of the copy.
///
/// What fails is told to `listener` and the others go on. A copy appears under its name when it is
/// complete (`in_place` apart), and a failed or stopped one leaves nothing behind, except
/// NAME.part with `resume`. Directories that were there keep what they hold.
/// Bounds: two descriptors for each level of directories and about 140 for each job; in memory the
/// names of the directories in each directory on the way, and of each file with several names one.
/// Lifetime: `sources`, `meter` and `listener` outlive the task; the listener is called on this
/// shard and must not block. `meter` may be read by anybody meanwhile.
/// Cancel: what is under way ends within some MiB and is undone; the totals tell what was done.
/// Resumes: on this shard.
[[nodiscard]] task<copy_totals> copy_paths(std::span<const std::string> sources,
                                           std::string destination, copy_options options,
                                           copy_meter& meter, copy_listener& listener);

}  // namespace ringway
