// The command, serving a directory in a process of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/child_process.hpp"
#include "support/http_client.hpp"

namespace ringway::test {

/// `ringway serve DIR` on a free port of the loopback interface, with two shards. Ends by SIGTERM,
/// at the latest when this dies; any exit status but 0 is a failure of the test then.
class server_process {
public:
    using options = std::vector<std::string>;

    /// Starts the server and waits until it is ready. Of `how` the program and the arguments are
    /// filled in.
    explicit server_process(const std::string& directory, const options& more = {},
                            launch how = {});
    server_process(const server_process&) = delete;
    server_process& operator=(const server_process&) = delete;
    ~server_process();

    /// Of the first TCP socket.
    [[nodiscard]] int port() const noexcept { return ports_.empty() ? 0 : ports_.front(); }
    /// Of all TCP sockets, in the order of --listen.
    [[nodiscard]] const std::vector<int>& ports() const noexcept { return ports_; }
    /// Of metrics and health.
    [[nodiscard]] int admin_port() const noexcept { return admin_port_; }

    [[nodiscard]] http_client connect(int receive_buffer = 0) const {
        return http_client{port(), receive_buffer};
    }
    /// Asks once, on a connection of its own.
    [[nodiscard]] http_response get(std::string_view target, std::string_view fields = {}) const {
        return connect().get(target, fields);
    }
    /// The sum over all labels of a metric; its name may end with labels in braces, which then
    /// must be there as written.
    [[nodiscard]] double metric(std::string_view name) const;

    void signal(int number) const noexcept { child_.signal(number); }
    [[nodiscard]] bool has_ended() noexcept { return child_.has_ended(); }
    [[nodiscard]] pid_t id() const noexcept { return child_.id(); }
    /// What the server has said so far on standard error.
    [[nodiscard]] std::string said() const { return child_.standard_error(); }

    /// Waits for the end of the server.
    ended_process wait();
    /// Asks the server to end and waits for it.
    ended_process stop();

private:
    child_process child_;
    std::vector<int> ports_;
    int admin_port_ = 0;
    bool waited_ = false;
};

/// Runs the command to its end: for what fails before it serves.
[[nodiscard]] ended_process run_command(
    const std::vector<std::string>& arguments,
    const std::vector<std::pair<std::string, std::string>>& environment = {});

}  // namespace ringway::test
