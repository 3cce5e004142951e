// A small HTTP/1.1 client that sends and sees exact bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <ringway/base/unique_fd.hpp>

namespace ringway::test {

/// A response as it came.
struct http_response {
    int status = 0;    ///< 0: none came before the connection ended.
    std::string head;  ///< Status line and fields, each with its CRLF, and the empty line.
    std::string body;
    bool complete = false;  ///< All that Content-Length promised has come.

    /// The value of the first field called `name`, in any case; "" if there is none.
    [[nodiscard]] std::string field(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    /// How many fields are called `name`.
    [[nodiscard]] std::size_t count(std::string_view name) const;
};

/// "METHOD TARGET HTTP/1.1", Host and `fields` (each with its CRLF).
[[nodiscard]] std::string request_text(std::string_view method, std::string_view target,
                                       std::string_view fields = {});

/// Connects to a port of the loopback interface; no socket if nobody listens there. A
/// `receive_buffer` other than 0 makes the kernel take little from who sends.
[[nodiscard]] unique_fd connect_to_port(int port, int receive_buffer = 0);

/// One connection. Waiting in vain is a failure of the test.
class http_client {
public:
    /// Connects as `connect_to_port`, where somebody listens.
    explicit http_client(int port, int receive_buffer = 0);
    /// Adopts a connected socket.
    explicit http_client(unique_fd socket);
    /// Connects to a Unix socket.
    [[nodiscard]] static http_client on_unix_socket(const std::string& path);

    /// Sends all of `bytes`; less if the server has gone.
    void send(std::string_view bytes) const;
    /// Says that nothing more is sent.
    void end_sending() const;

    /// The next response. `to_head`: it has no body, whatever its Content-Length.
    http_response receive(bool to_head = false);
    /// Sends a request and receives its response.
    http_response ask(std::string_view method, std::string_view target,
                      std::string_view fields = {});
    http_response get(std::string_view target, std::string_view fields = {}) {
        return ask("GET", target, fields);
    }

    /// What comes until the server ends the connection.
    std::string receive_to_the_end();
    /// Waits for the end of the connection. False if bytes come instead.
    [[nodiscard]] bool ends() { return receive_to_the_end().empty(); }
    /// Receives until `size` bytes are there, or the end. They are taken.
    std::string receive_bytes(std::size_t size);

    /// Whether the end of the connection is there already.
    [[nodiscard]] bool has_ended_by_now();
    /// Whether the connection ended by a reset.
    [[nodiscard]] bool was_reset() const noexcept { return reset_; }

    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

private:
    bool receive_some(bool wait);
    std::string take(std::size_t size);

    unique_fd socket_;
    std::string received_;
    bool ended_ = false;
    bool reset_ = false;
};

}  // namespace ringway::test
