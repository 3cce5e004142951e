// A server that says whatever a test wants it to, right or wrong.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <ringway/base/unique_fd.hpp>

namespace ringway::test {

/// Accepts TCP connections on the loopback interface, one thread for each.
class scripted_server {
public:
    /// What to send to a request with this head; "" sends nothing more. The connection is closed
    /// behind it unless `keeps` is true.
    using script = std::function<std::string(const std::string& head)>;

    explicit scripted_server(script answers, bool keeps = false);
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;
    ~scripted_server();

    [[nodiscard]] int port() const noexcept { return port_; }
    [[nodiscard]] std::string url(const std::string& target) const;
    /// The heads of all requests so far.
    [[nodiscard]] std::vector<std::string> requests() const;

private:
    void accept_all();
    void serve(int fd);

    script answers_;
    bool keeps_;
    unique_fd listener_;
    int port_;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::atomic<bool> ending_{false};
    std::thread acceptor_;
};

/// "HTTP/1.1 STATUS\r\nFIELDS\r\n" with the body and its Content-Length. `fields` end with CRLF.
[[nodiscard]] std::string answer(const std::string& status, const std::string& fields,
                                 const std::string& body);

/// The value of a field in a head; "" if there is none.
[[nodiscard]] std::string field_of(const std::string& head, const std::string& name);

}  // namespace ringway::test
