// A directory of files whose bytes are known: what simulated servers serve.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ringway/files/mime.hpp>
#include <ringway/files/site_options.hpp>
#include <ringway/fs/root.hpp>

#include "support/run_on_shard.hpp"

namespace ringway::test {

/// One file of the site. No two of its bytes' neighbourhoods are alike, so that a part of another
/// file, or of another place, is noticed.
struct sim_file {
    std::string path;  ///< As requests name it: "/small.html".
    std::string content;
    std::string gzipped;  ///< Of the ready-made variant; "" if there is none. Any bytes.
    std::string type;     ///< Its Content-Type.
    std::string etag;     ///< As the server said first; `sim_site::shared` has learned it.
    std::string gzipped_etag;
    std::string last_modified;
};

class sim_site {
public:
    sim_site();

    /// One for all tests of a process, with entity tags and dates.
    [[nodiscard]] static const sim_site& shared();

    [[nodiscard]] const std::vector<sim_file>& files() const noexcept { return files_; }
    [[nodiscard]] const sim_file& file(std::string_view path) const;
    [[nodiscard]] const root& beneath() const noexcept { return root_; }
    [[nodiscard]] const files::site_options& options() const noexcept { return options_; }
    [[nodiscard]] const files::mime_table& types() const noexcept { return types_; }
    [[nodiscard]] const scratch_directory& directory() const noexcept { return directory_; }

private:
    void add(std::string_view name, std::string_view path, std::size_t size, std::string_view type);
    void learn();

    scratch_directory directory_;
    std::vector<sim_file> files_;
    root root_;
    files::site_options options_;
    files::mime_table types_;
};

/// `size` bytes that depend on `seed`.
[[nodiscard]] std::string sim_bytes(std::uint64_t seed, std::size_t size);

}  // namespace ringway::test
