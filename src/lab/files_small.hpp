// Reading many small files, one after the other and in batches.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "lab/bench_plan.hpp"

namespace ringway::lab {

/// A directory of small files, gone with this.
class small_files {
public:
    /// Fails with a line for people.
    [[nodiscard]] static outcome<std::unique_ptr<small_files>> make(const std::string& directory,
                                                                    std::size_t count,
                                                                    std::size_t bytes_each);
    small_files(const small_files&) = delete;
    small_files& operator=(const small_files&) = delete;
    ~small_files();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return names_.size() * bytes_each_; }

    /// Drops the content of all from the page cache; what is known of names and inodes stays.
    /// Fails with a line for people when it is still there.
    [[nodiscard]] outcome<void> make_cold() const;

private:
    small_files(std::string path, std::size_t bytes_each)
        : path_{std::move(path)}, bytes_each_{bytes_each} {}
    // Whether that worked.
    [[nodiscard]] bool drop_all() const;

    std::string path_;
    std::size_t bytes_each_;
    std::vector<std::string> names_;
};

/// How contents are taken: `kept` in memory, all of them, or each looked at once.
struct small_way {
    bool cold = false;
    bool kept = false;
    unsigned at_once = 256;  ///< Of a batch.
    bool epoll = false;      ///< Of a batch.
};

/// open, read until the end, close: one file after the other, all of them once.
[[nodiscard]] outcome<measurement> measure_small_loop(const trial& how, const small_files& of,
                                                      const small_way& way);

/// `visit_files` or, if `kept`, `read_files` of all.
[[nodiscard]] outcome<measurement> measure_small_batch(const trial& how, const small_files& of,
                                                       const small_way& way);

}  // namespace ringway::lab
