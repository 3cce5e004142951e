// Hearing of changes below a directory: inotify for the directories that the cache knows.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/fs/root.hpp>

namespace ringway::files {

/// Watches directories and tells which names in them changed. One per shard.
///
/// What inotify(7) does not see: changes through memory maps, through hard links in other
/// directories, behind symbolic links, and those another machine makes on a network file system.
/// For these the cache's time to live counts.
class file_watch {
public:
    /// More paths of directories than this are not watched.
    static constexpr std::size_t directories_max = 4096;

    /// Told of each change.
    class listener {
    public:
        listener() = default;
        listener(const listener&) = delete;
        listener& operator=(const listener&) = delete;
        virtual ~listener() = default;
        /// `name` in `directory` (normal path, "" for the root) came, went or changed.
        virtual void changed(std::string_view directory, std::string_view name) = 0;
        /// Anything may have changed: a directory moved, or events were lost.
        virtual void everything_changed() = 0;
    };

    /// Lifetime: both outlive the watch.
    file_watch(const root& beneath, listener& told) : root_{beneath}, told_{told} {}

    /// Starts listening. Fails with the errno of inotify_init1(2): the cache then lives by its time
    /// to live alone.
    [[nodiscard]] result<void> open() noexcept;

    /// Watches the directory of the file `path`, and those above it up to the root.
    void add_file(std::string_view path);

    /// Tells changes until stopped. Cancel: ends it. Resumes: on this shard.
    [[nodiscard]] task<void> run();

    [[nodiscard]] std::size_t directories() const noexcept { return by_path_.size(); }

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    void add_directory(std::string_view path);
    void read_events();
    [[nodiscard]] bool tell(int watch, std::uint32_t mask, std::string_view name);
    void forget_all();

    const root& root_;
    listener& told_;
    unique_fd inotify_;
    std::unordered_map<std::string, int, text_hash, std::equal_to<>> by_path_;
    // Links give one directory several paths, which share a watch.
    std::unordered_map<int, std::vector<std::string>> by_watch_;
    bool told_of_limit_ = false;
};

}  // namespace ringway::files
