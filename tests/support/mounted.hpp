// Tests on several file systems: those that are there, and those that can be mounted from a file.
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ringway/fs/root.hpp>

#include "support/run_on_shard.hpp"

namespace ringway::test {

/// A file system of its own, in memory or in a file, gone with this.
class mounted {
public:
    /// `kind` as of mount(8): "tmpfs" or what mkfs.<kind> makes. None if that is not possible here:
    /// `why_not` says why.
    [[nodiscard]] static std::unique_ptr<mounted> make(const std::string& kind,
                                                       std::uint64_t megabytes,
                                                       std::string& why_not);
    mounted(const mounted&) = delete;
    mounted& operator=(const mounted&) = delete;
    ~mounted();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    mounted() = default;

    scratch_directory scratch_;
    std::string path_;
    bool is_mounted_ = false;
};

/// A test that runs on the file system of the temporary folder, on tmpfs, and on ext4, xfs and
/// btrfs where they can be mounted; else it is skipped.
class each_file_system : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override;

    [[nodiscard]] const root& where() const { return *root_; }
    [[nodiscard]] std::string at(std::string_view name) const;
    void write(std::string_view name, std::string_view content) const;
    [[nodiscard]] std::string content(std::string_view name) const;
    /// Whether files can be opened with O_DIRECT here: on tmpfs since Linux 6.6.
    [[nodiscard]] bool has_direct_io() const;

private:
    std::unique_ptr<mounted> mounted_;
    std::unique_ptr<scratch_directory> scratch_;
    std::string path_;
    std::optional<root> root_;
};

/// As above, but only where files can be opened with O_DIRECT.
class each_direct_file_system : public each_file_system {
protected:
    void SetUp() override;
};

[[nodiscard]] inline auto file_systems() {
    return ::testing::Values("here", "tmpfs", "ext4", "xfs", "btrfs");
}

[[nodiscard]] inline std::string name_of_file_system(
    const ::testing::TestParamInfo<const char*>& info) {
    return info.param;
}

}  // namespace ringway::test
