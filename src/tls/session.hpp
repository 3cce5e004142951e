// A GnuTLS session over memory: the handshake, and all of TLS 1.2. No sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/tls/client_context.hpp>
#include <ringway/tls/server_context.hpp>
#include <ringway/tls/types.hpp>

#include "tls/key_schedule.hpp"
#include "tls/record_keys.hpp"

struct gnutls_session_int;

namespace ringway::tls {

struct client_hello;

/// Feed what arrives, `advance`, send what is in `output`; again until it is done or failed.
class session {
public:
    enum class progress : std::uint8_t { wants_input, done, failed };

    /// Handshake messages longer than this are refused: more than any ClientHello has, and than
    /// the certificate chains that a client meets.
    static constexpr std::size_t message_max = std::size_t{48} * 1024;

    [[nodiscard]] static std::unique_ptr<session> accept(server_context& context);
    /// `host` is asked for and verified; an IP address is not sent. `resume` is what an earlier
    /// connection's `resumption_data` yielded, or empty.
    [[nodiscard]] static std::unique_ptr<session> connect(const client_context& context,
                                                          std::string_view host, byte_view resume);
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session();

    /// Lifetime: `arrived` until all is read. Requires unread() == 0.
    void feed(byte_view arrived) noexcept { input_ = arrived; }
    /// The peer has closed.
    void feed_end() noexcept { at_end_ = true; }
    /// Bytes of the last feed that belong to what follows the handshake.
    [[nodiscard]] std::size_t unread() const noexcept { return input_.size(); }

    [[nodiscard]] progress advance();

    /// What is to be sent, after a failure too: the alert. Lifetime: until the next call.
    [[nodiscard]] byte_view output() const noexcept { return output_; }
    void clear_output() noexcept { output_.clear(); }
    /// The same, for the caller to keep: for what is sent while more may be received.
    [[nodiscard]] std::vector<std::byte> take_output() noexcept { return std::move(output_); }

    /// Fails because too much has arrived: the alert is in the output.
    void refuse_length();

    /// After a failure: GnuTLS's words, for a log.
    [[nodiscard]] std::string_view problem() const noexcept { return problem_; }
    /// A client's: whether it refused the server's certificate; `problem` says why.
    [[nodiscard]] bool certificate_refused() const noexcept { return certificate_refused_; }
    [[nodiscard]] bool alert_received() const noexcept { return alert_received_; }
    [[nodiscard]] bool alert_sent() const noexcept { return alert_sent_; }

    // What was agreed on; once done.
    [[nodiscard]] version spoken() const noexcept;
    [[nodiscard]] cipher algorithm() const noexcept;
    [[nodiscard]] std::string cipher_text() const;
    [[nodiscard]] std::string alpn() const;
    [[nodiscard]] bool resumed() const noexcept;
    /// A server's: what the client asked for, and what it was shown.
    [[nodiscard]] const std::string& server_name() const noexcept { return server_name_; }
    [[nodiscard]] const policy* shown() const noexcept { return shown_; }
    [[nodiscard]] const std::shared_ptr<const certificate_set>& certificates() const noexcept {
        return certificates_;
    }

    /// TLS 1.3: the keys of one direction, for the record layer that goes on from here.
    enum class direction : std::uint8_t { receiving, sending };
    [[nodiscard]] record_keys keys(direction which) const;

    /// A client's: NewSessionTicket messages that arrived later, and what they make possible.
    void add_tickets(byte_view messages);
    [[nodiscard]] std::vector<std::byte> resumption_data() const;

    // TLS 1.2: GnuTLS goes on with the records.
    /// Plaintext from what was fed: 0 bytes at the end; `would_block` wants input.
    [[nodiscard]] result<std::size_t> receive(byte_span into);
    /// Appends records to the output. False after a failure.
    [[nodiscard]] bool send(byte_view plain);
    void send_close_notify();
    [[nodiscard]] bool has_ended_cleanly() const noexcept { return !at_end_; }

private:
    explicit session(server_context* context, unsigned flags) noexcept;
    void set_alpn(std::span<const std::string> names, unsigned flags);
    [[nodiscard]] int judge(const client_hello& hello) const noexcept;
    [[nodiscard]] int choose_policy(byte_view message);
    [[nodiscard]] progress fail_with(int code);
    [[nodiscard]] std::string certificate_words() const;
    void send_tickets();

    static long pull(void* self, void* into, std::size_t size);
    static long push(void* self, const void* from, std::size_t size);
    static int keep_secrets(gnutls_session_int* handle, int level, const void* read,
                            const void* write, std::size_t size);

    gnutls_session_int* handle_ = nullptr;
    server_context* context_ = nullptr;
    std::shared_ptr<const certificate_set> certificates_;
    const policy* shown_ = nullptr;
    byte_view input_;
    std::vector<std::byte> output_;
    secret read_secret_;
    secret write_secret_;
    std::string server_name_;
    std::string problem_;
    std::string verified_name_;
    bool at_end_ = false;
    bool certificate_refused_ = false;
    bool alert_received_ = false;
    bool alert_sent_ = false;
    bool tickets_sent_ = false;
};

}  // namespace ringway::tls
