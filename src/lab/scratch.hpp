// A directory for one run, that is gone however the run ends.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <sys/types.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::lab {

/// A new directory. A small process of its own waits for the end of this one and
/// removes it then, after SIGKILL too.
class scratch {
public:
    /// In `place`; in $TMPDIR or /tmp if that is empty. Forks: make it before there are other
    /// threads. Fails with a line for people.
    [[nodiscard]] static std::expected<scratch, std::string> make(const std::string& place = "");

    scratch(scratch&& other) noexcept;
    scratch& operator=(scratch&&) = delete;
    /// Returns when the directory is gone.
    ~scratch();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string at(std::string_view name) const;

    /// Writes a file of `size` bytes that a compressor makes nothing of, the same for the same
    /// seed. False if that failed.
    [[nodiscard]] bool add_noise(std::string_view name, std::uint64_t size,
                                 std::uint64_t seed) const;
    [[nodiscard]] bool add_text(std::string_view name, std::string_view text) const;
    /// The content of a file; "" if there is none.
    [[nodiscard]] std::string read(std::string_view name) const;

private:
    scratch() = default;
    std::string path_;
    unique_fd held_;  // The other process sees its end.
    pid_t keeper_ = -1;
};

}  // namespace ringway::lab
