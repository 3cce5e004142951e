// The Unix socket by which commands speak with a running guard: a line of JSON each way.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "guard/guard_service.hpp"

namespace ringway::guard {

/// Where the guard of `interface` listens: in /run/ringway for root, else in
/// $XDG_RUNTIME_DIR/ringway, or /tmp/ringway-UID where that is not set.
[[nodiscard]] std::filesystem::path default_socket_path(std::string_view interface);

/// The guards of this user that have a socket there, by their interfaces.
[[nodiscard]] std::vector<std::string> guards_with_sockets();

/// Sends a request and takes the answer. Fails with a line for the operator: no guard there, not
/// permitted, no answer for 30 s.
[[nodiscard]] told<std::string> ask_guard(const std::filesystem::path& socket,
                                          std::string_view request);

/// Listens at a path, and answers root and the user that it belongs to.
class control_socket {
public:
    /// Makes the socket, with mode 0600, and its directory with 0755. What a guard left behind that
    /// is gone is replaced; fails where one answers, and names its process.
    [[nodiscard]] static told<control_socket> open(std::filesystem::path path);
    /// Removes the path.
    ~control_socket();
    control_socket(control_socket&&) noexcept = default;
    control_socket& operator=(control_socket&&) = delete;

    /// Answers, and lets `service` tick, until `end` (an eventfd(2) or the like) is readable. At
    /// most 16 clients at once, each with 5 s for a request of at most 1 MiB.
    void run(guard_service& service, int end, const guard_service::sink& events);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    struct client {
        unique_fd socket;
        std::string in;
        std::string out;
        bool answered = false;
        time_point deadline;
    };

    control_socket(std::filesystem::path path, unique_fd listening)
        : path_{std::move(path)}, listening_{std::move(listening)} {}
    void accept_one(time_point now);
    /// False: it has ended.
    static bool serve(client& one, guard_service& service, time_point now);

    std::filesystem::path path_;
    unique_fd listening_;
    std::vector<client> clients_;
};

/// The process that listens at the socket; 0 if none does.
[[nodiscard]] pid_t listener_of(const std::filesystem::path& socket);

}  // namespace ringway::guard
