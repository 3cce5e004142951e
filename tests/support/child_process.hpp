// Programs that tests run: the command itself, and clients.
#pragma once

#include <string>
#include <sys/resource.h>
#include <sys/types.h>
#include <utility>
#include <vector>

#include <ringway/base/unique_fd.hpp>

namespace ringway::test {

struct launch {
    std::string program;
    std::vector<std::string> arguments;
    /// Beside the environment of the tests, of which RINGWAY_* is left out but for the driver.
    std::vector<std::pair<std::string, std::string>> environment = {};
    rlim_t descriptors_max = 0;  ///< Soft and hard limit of open files; 0: as ours.
    uid_t user = 0;              ///< Of the process, where we are root; 0: ours.
    /// A system call that fails with EPERM, as in a container that forbids it; -1: none.
    long refused_call = -1;
};

struct ended_process {
    int exit_status = -1;  ///< 128 and more: the signal that ended it.
    std::string standard_output;
    std::string standard_error;
};

/// A running program. Killed if the test ends before it does.
class child_process {
public:
    explicit child_process(const launch& what);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    [[nodiscard]] pid_t id() const noexcept { return id_; }
    void signal(int number) const noexcept;

    /// What it has written so far.
    [[nodiscard]] std::string standard_output() const;
    [[nodiscard]] std::string standard_error() const;

    /// Whether it has ended by now.
    [[nodiscard]] bool has_ended() noexcept;

    /// Waits for its end; a test failure if that does not come.
    ended_process wait();

private:
    unique_fd output_;
    unique_fd error_;
    pid_t id_ = -1;
    bool ended_ = false;
    int exit_status_ = -1;
};

/// Runs a program to its end.
[[nodiscard]] ended_process run_program(const launch& what);

}  // namespace ringway::test
