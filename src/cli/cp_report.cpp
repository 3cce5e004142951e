#include "cli/cp_report.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace ringway::cli {
namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"._-/+,:@%="}.contains(c);
}

bool is_printable(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
}

std::string reason(const error& failure) {
    return failure.sys != 0 ? std::strerror(failure.sys) : std::string{name_of(failure.code)};
}

// What the errno means for somebody who copies; empty: nothing special.
std::string full_or_forbidden(const error& failure, const std::string& name) {
    switch (failure.sys) {
        case ENOSPC:
            return name +
                   ": the disk is full: make room and copy it again, with --resume from "
                   "where it stopped";
        case EDQUOT: return name + ": your quota is used up: make room and copy it again";
        case EFBIG: return name + ": too large for this file system or for ulimit -f";
        case EROFS: return name + ": its file system is mounted read-only";
        case EACCES:
        case EPERM:
            return name +
                   ": no permission to write there: choose another place, or run this as "
                   "somebody who may";
        default: return {};
    }
}

std::string open_text(const copy_event& event, const std::string& source) {
    switch (event.failure.sys) {
        case ENOENT: return source + ": there is no such file";
        case ENOTDIR: return source + ": a part of this path is no directory";
        case EACCES:
        case EPERM: return source + ": no permission to read it: run this as somebody who may";
        case ELOOP: return source + ": its links lead in a circle, or it became one";
        case EMFILE:
        case ENFILE: return source + ": too many open files: raise ulimit -n, or use -j 1";
        default: return fmt::format("{}: can't be opened: {}", source, reason(event.failure));
    }
}

// Replacing a file needs the right to its directory, writing into it does not.
std::string replace_text(const copy_event& event, const std::string& target) {
    if (event.step != copy_step::create && event.step != copy_step::publish) {
        return {};
    }
    switch (event.failure.sys) {
        case EACCES:
        case EPERM:
            return target +
                   ": no permission to write there: choose another place, --in-place if the file "
                   "is there and may be written, or run this as somebody who may";
        case EBUSY:
            return target + (event.step == copy_step::create
                                 ? ": another copy to it is under way: wait for that one"
                                 : ": is a mount point: --in-place writes into it");
        default: return {};
    }
}

std::string create_text(const copy_event& event, const std::string& target) {
    if (const auto text = replace_text(event, target); !text.empty()) {
        return text;
    }
    if (const auto text = full_or_forbidden(event.failure, target); !text.empty()) {
        return text;
    }
    switch (event.failure.sys) {
        case ENOENT: return target + ": its directory does not exist: make it first (mkdir -p)";
        case ENOTDIR: return target + ": a part of this path is no directory";
        case ETXTBSY: return target + ": is a program that runs: copy without --in-place";
        case EEXIST:
            return target +
                   ": there is one of that name already, from another SOURCE: it was not "
                   "overwritten";
        default: return fmt::format("{}: can't be made: {}", target, reason(event.failure));
    }
}

std::string copying_text(const copy_event& event, const std::string& source,
                         const std::string& target, copy_method asked) {
    if (event.failure.code == errc::unsupported) {
        const bool direct = asked == copy_method::ring_direct;
        const auto what = direct ? std::string{"direct I/O"}
                          : asked == copy_method::automatic
                              ? std::string{"--reflink=always"}
                              : fmt::format("--method={}", name_of(asked));
        return fmt::format("{}: {} can't be used between these files ({}): leave it out", source,
                           what, reason(event.failure));
    }
    if (const auto text = full_or_forbidden(event.failure, target); !text.empty()) {
        return text;
    }
    return fmt::format("{}: could not be copied to {}: {}", source, target, reason(event.failure));
}

const char* name_of_what(copy_what what) {
    switch (what) {
        case copy_what::copied: return "copied";
        case copy_what::kept: return "kept";
        case copy_what::skipped: return "skipped";
        case copy_what::linked: return "linked";
        case copy_what::special: return "special";
        case copy_what::directory: return "directory";
        case copy_what::warned: return "warned";
        case copy_what::failed: return "failed";
    }
    return "unknown";
}

std::string line_of(const nlohmann::ordered_json& object) {
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string shell_quoted(std::string_view name) {
    if (!name.empty() && std::ranges::all_of(name, is_plain)) {
        return std::string{name};
    }
    if (std::ranges::all_of(name, is_printable) && !name.contains('\'')) {
        return "'" + std::string{name} + "'";
    }
    std::string text = "$'";
    for (const char c : name) {
        if (c == '\n') {
            text += "\\n";
        } else if (c == '\'' || c == '\\') {
            text += '\\';
            text += c;
        } else if (is_printable(c)) {
            text += c;
        } else {
            text += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
        }
    }
    return text + "'";
}

std::string failure_text(const copy_event& event, copy_method asked) {
    std::string source = shell_quoted(event.source);
    const std::string target = shell_quoted(event.destination);
    switch (event.step) {
        case copy_step::open_source: return open_text(event, source);
        case copy_step::list_directory:
            return fmt::format("{}: could not be listed to its end: {}", source,
                               reason(event.failure));
        case copy_step::read_source:
        case copy_step::write: return copying_text(event, source, target, asked);
        case copy_step::create:
        case copy_step::publish:
        case copy_step::make_directory:
        case copy_step::make_link:
        case copy_step::make_special: return create_text(event, target);
        case copy_step::attributes:
            return fmt::format("{}: is there, but not with all of its attributes: {}", target,
                               reason(event.failure));
        case copy_step::verify:
            return event.failure.code == errc::malformed
                       ? fmt::format(
                             "{}: differs from {} after it was written, and got no name: "
                             "the source changes, or a disk or the memory is faulty",
                             target, source)
                       : fmt::format("{}: could not be read back: {}", target,
                                     reason(event.failure));
        case copy_step::same_file:
            return fmt::format("{} and {} are the same file: nothing to copy", source, target);
        case copy_step::into_itself:
            return fmt::format("{}: can't be copied into itself, {}", source, target);
        case copy_step::not_a_directory:
            return fmt::format("{}: is no directory, but should be one", target);
        case copy_step::is_a_directory:
            return fmt::format("{}: is a directory and is not replaced by {}", target, source);
        case copy_step::left_out:
            return fmt::format("{}: is a directory: -r copies directories too", source);
        case copy_step::changed:
            return fmt::format(
                "{}: became shorter while it was copied, so it was not: copy it "
                "again",
                source);
    }
    return source;
}

std::string success_text(const copy_event& event) {
    return fmt::format("{} -> {} ({})", shell_quoted(event.source), shell_quoted(event.destination),
                       name_of_what(event.what));
}

std::string to_json(const copy_event& event, copy_method asked) {
    nlohmann::ordered_json out{{"source", event.source},
                               {"destination", event.destination},
                               {"result", name_of_what(event.what)}};
    if (event.what == copy_what::copied || event.what == copy_what::kept) {
        out["bytes"] = event.report.bytes;
        out["moved_bytes"] = event.report.moved;
        if (event.what == copy_what::copied) {
            out["method"] = name_of(event.report.method);
        }
        out["grew"] = event.report.grew;
    }
    if (!event.sha256.empty()) {
        out["sha256"] = event.sha256;
    }
    if (event.failure.code != errc::none) {
        out["problem"] = failure_text(event, asked);
        out["errno"] = event.failure.sys;
    }
    return line_of(out);
}

std::string to_json(const copy_totals& totals, nanoseconds elapsed, int exit_status) {
    return line_of({{"files", totals.files},
                    {"kept", totals.kept},
                    {"skipped", totals.skipped},
                    {"links", totals.links},
                    {"specials", totals.specials},
                    {"directories", totals.directories},
                    {"warnings", totals.warnings},
                    {"failures", totals.failures},
                    {"moved_bytes", totals.moved},
                    {"seconds", static_cast<double>(elapsed.count()) / 1e9},
                    {"exit", exit_status}});
}

}  // namespace ringway::cli
