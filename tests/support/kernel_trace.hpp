// What programs really ask the kernel for, as the kernel tells it (tracefs), and not as they say.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "support/child_process.hpp"

namespace ringway::test {

/// System calls that move bytes, and operations of io_uring as the kernel takes them. An instance
/// of tracefs of its own, gone with this.
class kernel_trace {
public:
    /// None without the right to trace, or without tracefs: `why_not` says which.
    [[nodiscard]] static std::unique_ptr<kernel_trace> make(std::string& why_not);
    kernel_trace(const kernel_trace&) = delete;
    kernel_trace& operator=(const kernel_trace&) = delete;
    ~kernel_trace();

    /// Runs a program to its end and watches it, from its first instruction on.
    [[nodiscard]] ended_process run(const launch& what) const;
    /// Watches what `process` does from now on, with all its threads.
    void follow(pid_t process) const;

    /// How often something was asked for since the last `run` or `follow`: "sendfile64" is a system
    /// call, "READ_FIXED" an operation.
    [[nodiscard]] std::size_t count(std::string_view what) const;
    /// How many lines of the trace hold all of `text`, in the kernel's words.
    [[nodiscard]] std::size_t lines_with(std::string_view text, std::string_view and_text) const;
    /// How many lines with `text` say "flags" with this bit set.
    [[nodiscard]] std::size_t lines_with_flag(std::string_view text, std::uint64_t bit) const;
    /// All of it, for messages of tests that fail.
    [[nodiscard]] std::string text() const;

private:
    explicit kernel_trace(std::string path) : path_{std::move(path)} {}
    // And forgets what was seen.
    void stop() const;

    std::string path_;
};

}  // namespace ringway::test
