#include <ringway/copy/copy_paths.hpp>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/stop.hpp>

#include "copy/tree_copier.hpp"

namespace ringway {
namespace {

// Passes a stop on to what blocks.
struct stop_to_meter : stop_callback {
    explicit stop_to_meter(copy_meter& whose) noexcept
        : stop_callback{[](stop_callback& self) noexcept {
              static_cast<stop_to_meter&>(self).meter.stop.store(true, std::memory_order_relaxed);
          }},
          meter{whose} {}
    copy_meter& meter;
};

bool is_directory(const std::string& path) noexcept {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

std::string without_slashes(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) {
        path.pop_back();
    }
    return path;
}

// What a source is called in a directory; "." for what has no name of its own: its content then.
std::string last_name(const std::string& path) {
    const auto slash = path.rfind('/');
    std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    return name.empty() || name == ".." ? "." : name;
}

std::string join(const std::string& directory, const std::string& name) {
    return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

// A name that is a link is that of what it leads to: the copy takes that one's place.
std::string behind_links(std::string path) {
    struct stat facts{};
    if (::lstat(path.c_str(), &facts) != 0 || !S_ISLNK(facts.st_mode)) {
        return path;
    }
    char* const real = ::realpath(path.c_str(), nullptr);
    if (real == nullptr) {
        return path;  // It leads nowhere: the copy takes the place of the link.
    }
    std::string found{real};
    std::free(real);
    return found;
}

copy_event failed_event(const std::string& source, const std::string& destination, copy_step step,
                        int failure) {
    return {.what = copy_what::failed,
            .source = source,
            .destination = destination,
            .step = step,
            .failure = error_from_errno(failure)};
}

}  // namespace

// The destination is a directory: each goes into it under its own name.
task<void> tree_copier::copy_into(std::span<const std::string> sources, std::string destination) {
    const unique_fd directory{::open(destination.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!directory) {
        ++totals_.failures;
        listener_(failed_event(destination, destination, copy_step::create, errno));
        co_return;
    }
    std::set<std::string> used;
    for (const std::string& each : sources) {
        if (meter_.stop.load(std::memory_order_relaxed)) {
            break;
        }
        const std::string name = last_name(without_slashes(each));
        const std::string path = join(destination, name);
        if (name != "." && !used.insert(name).second) {
            ++totals_.failures;
            listener_(failed_event(each, path, copy_step::publish, EEXIST));
            continue;
        }
        co_await copy_source(each, directory.get(), name, path);
    }
    co_await work_.join();
    finish_names(directory.get(), destination);
}

// What is no file and no directory has no content that could go to where a link leads: it would
// become the file itself that its own name leads to.
bool tree_copier::takes_place_of_links(const std::string& source) const noexcept {
    struct stat facts{};
    const int flags = follows(source) ? 0 : AT_SYMLINK_NOFOLLOW;
    return ::fstatat(AT_FDCWD, source.c_str(), &facts, flags) == 0 &&
           (S_ISLNK(facts.st_mode) ||
            (options_.recursive && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)));
}

task<void> tree_copier::copy_as(std::string source, std::string destination) {
    const bool wants_directory = destination.ends_with('/');
    struct stat facts{};
    const bool source_is_directory = ::stat(source.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
    if (wants_directory && !source_is_directory) {
        ++totals_.failures;
        listener_(failed_event(source, destination, copy_step::not_a_directory, ENOTDIR));
        co_return;
    }
    destination = without_slashes(std::move(destination));
    if (!takes_place_of_links(source)) {
        destination = behind_links(std::move(destination));
    }
    const auto slash = destination.rfind('/');
    const std::string above = slash == std::string::npos ? "." : destination.substr(0, slash + 1);
    const std::string name = destination.substr(slash == std::string::npos ? 0 : slash + 1);
    const unique_fd directory{::open(above.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!directory) {
        ++totals_.failures;
        listener_(failed_event(source, destination, copy_step::create, errno));
        co_return;
    }
    co_await copy_source(std::move(source), directory.get(), name.empty() ? "." : name,
                         destination);
    co_await work_.join();
    finish_names(directory.get(), destination);
}

// The names in the destination's directory, as durable as the files are.
void tree_copier::finish_names(int directory, const std::string& destination) {
    if (!options_.how.sync) {
        return;
    }
    if (const auto synced = sync_directory(directory); !synced) {
        ++totals_.warnings;
        listener_({.what = copy_what::warned,
                   .source = destination,
                   .destination = destination,
                   .step = copy_step::attributes,
                   .failure = synced.error()});
    }
}

task<copy_totals> tree_copier::run(std::span<const std::string> sources, std::string destination) {
    static_cast<void>(process_umask());
    stop_to_meter relay{meter_};
    relay.link(co_await this_stop{});
    if (!options_.no_target_directory && is_directory(destination)) {
        co_await copy_into(sources, std::move(destination));
    } else if (sources.size() == 1) {
        co_await copy_as(sources.front(), std::move(destination));
    } else {
        ++totals_.failures;
        listener_(failed_event(sources.empty() ? destination : sources.front(), destination,
                               copy_step::not_a_directory, ENOTDIR));
    }
    co_return totals_;
}

task<copy_totals> copy_paths(std::span<const std::string> sources, std::string destination,
                             copy_options options, copy_meter& meter, copy_listener& listener) {
    tree_copier copier{options, meter, listener};
    co_return co_await copier.run(sources, std::move(destination));
}

}  // namespace ringway
