// Programs that run at one side of the network: servers and clients.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <sys/types.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "lab/network.hpp"

namespace ringway::lab {

/// A running program. Killed and waited for when this dies; the kernel kills it when the thread
/// that started it dies, however that happens (PR_SET_PDEATHSIG).
class process {
public:
    /// Starts `arguments[0]`, searched in PATH. Its standard input is empty; what it prints is
    /// kept in memory. Fails with a line for people.
    [[nodiscard]] static std::expected<process, std::string> start(
        const network& in, side at, const std::vector<std::string>& arguments);

    process(process&& other) noexcept;
    process& operator=(process&& other) = delete;
    ~process();

    /// What it has printed so far.
    [[nodiscard]] std::string output() const;
    [[nodiscard]] std::string errors() const;

    [[nodiscard]] pid_t id() const noexcept { return id_; }
    void signal(int number) const noexcept;

    /// The exit status, or 128 and the signal; nothing if it still runs after `limit`.
    [[nodiscard]] std::expected<int, std::string> wait(std::chrono::milliseconds limit);

    /// Processor time of user and kernel, after it has ended.
    [[nodiscard]] std::chrono::microseconds cpu_time() const noexcept { return cpu_time_; }

private:
    process() = default;

    pid_t id_ = -1;
    std::string name_;
    unique_fd handle_;  // pidfd_open(2), to wait with a limit.
    unique_fd output_;
    unique_fd errors_;
    bool ended_ = false;
    int status_ = -1;
    std::chrono::microseconds cpu_time_{0};
};

struct finished_program {
    int status = -1;
    std::string output;
    std::string errors;
    std::chrono::microseconds cpu_time{0};
};

/// Runs a program to its end. Fails if it can't be started or does not end within `limit`; it is
/// killed then.
[[nodiscard]] std::expected<finished_program, std::string> run_program(
    const network& in, side at, const std::vector<std::string>& arguments,
    std::chrono::milliseconds limit);

}  // namespace ringway::lab
