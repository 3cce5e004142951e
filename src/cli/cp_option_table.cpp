#include "cli/cp_option_table.hpp"

#include <array>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "cli/driver_option.hpp"
#include "cli/option_setters.hpp"

namespace ringway::cli {
namespace {

constexpr auto flag = option_form::flag;
constexpr auto optional = option_form::optional_value;

using options = cp_options;
using view = std::string_view;

constexpr std::uint64_t buffer_bytes_least = 4096;
constexpr std::uint64_t buffer_bytes_most = std::uint64_t{64} << 20U;

constexpr std::array<std::pair<view, reflink_mode>, 3> reflink_modes{
    {{"auto", reflink_mode::automatic},
     {"always", reflink_mode::always},
     {"never", reflink_mode::never}}};
constexpr std::array<std::pair<view, sparse_mode>, 3> sparse_modes{
    {{"auto", sparse_mode::automatic},
     {"always", sparse_mode::always},
     {"never", sparse_mode::never}}};

parsed<void> set_method(options& to, view text) {
    std::vector<std::pair<view, copy_method>> choices;
    for (const copy_method each : copy_methods()) {
        choices.emplace_back(name_of(each), each);
    }
    return store(to.how.how.method, parse_choice<copy_method>(text, choices));
}

// Reads after --method, whatever the order they are given in.
parsed<void> set_direct(options& to) {
    const copy_method before = std::exchange(to.how.how.method, copy_method::ring_direct);
    if (before != copy_method::automatic && before != copy_method::ring_direct) {
        return std::unexpected{"contradicts --method=" + std::string{name_of(before)}};
    }
    return {};
}

parsed<void> set_buffer(options& to, view text) {
    const auto size = parse_size(text);
    if (size && (*size < buffer_bytes_least || *size > buffer_bytes_most ||
                 *size % buffer_bytes_least != 0)) {
        return std::unexpected{"\"" + std::string{text} +
                               "\" is no multiple of 4K between 4K and 64M"};
    }
    return store(to.how.how.buffer_bytes, size);
}

parsed<void> preserve(options& to, bool wanted) {
    to.how.kept = {.mode = wanted, .owner = wanted, .times = wanted, .xattrs = wanted};
    to.how.hard_links = wanted;
    return {};
}

parsed<void> follow(options& to, followed_links which) {
    to.how.follow = which;
    to.follow_given = true;
    return {};
}

constexpr cp_option what[] = {
    {{.group = "What is copied",
      .name = "recursive",
      .letter = 'r',
      .form = flag,
      .help = "Directories with all that is in them; links, FIFOs and devices as such. Also -R."},
     [](options& to, view text) { return store(to.how.recursive, parse_switch(text)); }},
    {{.group = "What is copied",
      .name = "preserve",
      .letter = 'p',
      .form = flag,
      .help = "Keep permissions, owner, times and extended attributes, and make several names of "
              "one file that again."},
     [](options& to, view text) { return if_wanted(text, [&] { return preserve(to, true); }); }},
    {{.group = "What is copied",
      .name = "archive",
      .letter = 'a',
      .form = flag,
      .help = "-r, -p and -P together."},
     [](options& to, view text) {
         return if_wanted(text, [&] {
             to.how.recursive = true;
             static_cast<void>(follow(to, followed_links::none));
             return preserve(to, true);
         });
     }},
    {{.group = "What is copied",
      .name = "no-dereference",
      .letter = 'P',
      .form = flag,
      .help = "Copy symbolic links as links. This is so with -r, unless -L or -H is given."},
     [](options& to, view text) {
         return if_wanted(text, [&] { return follow(to, followed_links::none); });
     }},
    {{.group = "What is copied",
      .name = "dereference",
      .letter = 'L',
      .form = flag,
      .help = "Copy what symbolic links lead to. This is so without -r."},
     [](options& to, view text) {
         return if_wanted(text, [&] { return follow(to, followed_links::all); });
     }},
    {{.group = "What is copied",
      .name = "dereference-named",
      .letter = 'H',
      .form = flag,
      .help = "Follow the links among SOURCE, copy all others as links."},
     [](options& to, view text) {
         return if_wanted(text, [&] { return follow(to, followed_links::named); });
     }},
};

constexpr cp_option where[] = {
    {{.group = "Where to",
      .name = "target-directory",
      .letter = 't',
      .value = "DIR",
      .help = "Into this directory; every other name is a SOURCE."},
     [](options& to, view text) -> parsed<void> {
         if (text.empty()) {
             return std::unexpected{std::string{"the directory's name is empty"}};
         }
         return store_text(to.target_directory, text);
     }},
    {{.group = "Where to",
      .name = "no-target-directory",
      .letter = 'T',
      .form = flag,
      .help = "DEST is the name of the copy, even if there is a directory of that name."},
     [](options& to, view text) { return store(to.how.no_target_directory, parse_switch(text)); }},
    {{.group = "Where to",
      .name = "no-clobber",
      .letter = 'n',
      .form = flag,
      .help = "Leave alone what is there."},
     [](options& to, view text) { return store(to.how.keep_existing, parse_switch(text)); }},
    {{.group = "Where to",
      .name = "in-place",
      .form = flag,
      .help = "Write into a file that is there, as cp does, instead of replacing it when the copy "
              "is complete: it keeps its other names, and is incomplete meanwhile."},
     [](options& to, view text) { return store(to.how.in_place, parse_switch(text)); }},
    {{.group = "Where to",
      .name = "resume",
      .form = flag,
      .help = "Go on after an interruption. What is there already is read and compared: what is "
              "the same is kept. An unfinished copy is NAME.part, and stays."},
     [](options& to, view text) { return store(to.how.resume, parse_switch(text)); }},
};

constexpr cp_option how[] = {
    {{.group = "How",
      .name = "method",
      .value = "METHOD",
      .default_value = "auto",
      .help = "auto, reflink, copy_file_range, sendfile, splice, read_write, mmap, ring or "
              "ring_direct. Only auto tries another way where one is refused."},
     set_method},
    {{.group = "How",
      .name = "direct",
      .form = flag,
      .help = "Past the page cache: --method=ring_direct."},
     [](options& to, view text) { return if_wanted(text, [&] { return set_direct(to); }); }},
    {{.group = "How",
      .name = "reflink",
      .form = optional,
      .value = "auto|always|never",
      .default_value = "auto",
      .help = "Share the blocks with the source, where the file system can; always: or fail.",
      .implied = "always"},
     [](options& to, view text) {
         return store(to.how.how.reflink, parse_choice<reflink_mode>(text, reflink_modes));
     }},
    {{.group = "How",
      .name = "sparse",
      .value = "auto|always|never",
      .default_value = "auto",
      .help = "Holes: those of the source; also where it has blocks of zeros; none."},
     [](options& to, view text) {
         return store(to.how.how.sparse, parse_choice<sparse_mode>(text, sparse_modes));
     }},
    {{.group = "How",
      .name = "verify",
      .form = flag,
      .help = "Read both again, the copy from the device, and compare their SHA-256 before the "
              "copy gets its name."},
     [](options& to, view text) { return store(to.how.verify, parse_switch(text)); }},
    {{.group = "How",
      .name = "sync",
      .form = flag,
      .help = "Wait for each file until it is on stable storage (fsync)."},
     [](options& to, view text) { return store(to.how.how.sync, parse_switch(text)); }},
    {{.group = "How",
      .name = "jobs",
      .letter = 'j',
      .value = "N",
      .default_value = "2",
      .help = "Files, or parts of a large one, at the same time."},
     [](options& to, view text) { return store(to.how.jobs, parse_number(text, 1, 64)); }},
    {{.group = "How",
      .name = "buffer",
      .value = "SIZE",
      .default_value = "256K",
      .help = "Size of each buffer, a multiple of 4K, at most 64M."},
     set_buffer},
    {{.group = "How",
      .name = "depth",
      .value = "N",
      .default_value = "8",
      .help = "Buffers in flight of the ring methods."},
     [](options& to, view text) { return store(to.how.how.depth, parse_number(text, 1, 256)); }},
    {{.group = "How",
      .name = "no-preallocate",
      .form = flag,
      .help = "Do not reserve the blocks of large files first."},
     [](options& to, view text) { return store_not(to.how.how.preallocate, text); }},
    {driver_option_text("How"), set_driver<options>},
};

constexpr cp_option telling[] = {
    {{.group = "Output",
      .name = "verbose",
      .letter = 'v',
      .form = flag,
      .help = "Name each file when it is done."},
     [](options& to, view text) { return store(to.verbose, parse_switch(text)); }},
    {{.group = "Output",
      .name = "quiet",
      .letter = 'q',
      .form = flag,
      .help = "No progress. Without a terminal there is none anyway."},
     [](options& to, view text) { return store(to.quiet, parse_switch(text)); }},
    {{.group = "Output",
      .name = "json",
      .form = flag,
      .help = "Print a line of JSON about each file, and one about all of them."},
     [](options& to, view text) { return store(to.json, parse_switch(text)); }},
};

constexpr auto all_options = [] {
    std::array<cp_option, std::size(what) + std::size(where) + std::size(how) + std::size(telling)>
        all{};
    auto* next = all.data();
    for (const auto part : {std::span<const cp_option>{what}, {where}, {how}, {telling}}) {
        for (const auto& option : part) {
            *next++ = option;
        }
    }
    return all;
}();

}  // namespace

std::span<const cp_option> cp_option_table() { return all_options; }

}  // namespace ringway::cli
