// A directory to serve, made for one test.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/run_on_shard.hpp"

namespace ringway::test {

/// Files, links and stranger things below a new directory. Names are relative to it, and the
/// directories in them are made on the way.
class temporary_site : public scratch_directory {
public:
    /// Writes a file, in place if there is one.
    void add(std::string_view name, std::string_view content) const;
    /// Adds a file of `size` bytes of `pattern`, and yields them.
    std::string add_pattern(std::string_view name, std::size_t size, unsigned seed = 1) const;
    /// Writes a file and moves it over the one called `name`, as careful programs do.
    void replace(std::string_view name, std::string_view content) const;
    void add_link(std::string_view name, const std::string& target) const;
    /// Lets the link `name` lead to `target`, in one step.
    void switch_link(std::string_view name, const std::string& target) const;
    void add_fifo(std::string_view name) const;
    void add_socket(std::string_view name) const;

    void truncate(std::string_view name, std::size_t size) const;
    void remove(std::string_view name) const;
    void rename(std::string_view from, std::string_view to) const;
    void set_mtime(std::string_view name, std::int64_t unix_seconds) const;

private:
    void make_parents(std::string_view name) const;
};

}  // namespace ringway::test
