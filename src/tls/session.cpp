#include "tls/session.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gnutls/gnutls.h>
#include <memory>
#include <netinet/in.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/tls/client_context.hpp>
#include <ringway/tls/server_context.hpp>
#include <ringway/tls/types.hpp>

#include "tls/client_hello.hpp"
#include "tls/key_schedule.hpp"
#include "tls/priorities.hpp"
#include "tls/record_keys.hpp"

namespace ringway::tls {
namespace {

bool is_address(const std::string& host) noexcept {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

unsigned char* raw(const std::byte* bytes) noexcept {
    return reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes));
}

}  // namespace

session::session(server_context* context, unsigned flags) noexcept : context_{context} {
    const int failed = gnutls_init(&handle_, flags | GNUTLS_NONBLOCK);
    RW_ASSERT(failed == 0);
    gnutls_session_set_ptr(handle_, this);
    gnutls_transport_set_ptr(handle_, this);
    gnutls_transport_set_pull_function(handle_, [](void* self, void* into, std::size_t size) {
        return static_cast<ssize_t>(pull(self, into, size));
    });
    gnutls_transport_set_push_function(handle_, [](void* self, const void* from, std::size_t size) {
        return static_cast<ssize_t>(push(self, from, size));
    });
    // Asked only by gnutls_session_get_data2, which would poll the pointer as a descriptor.
    gnutls_transport_set_pull_timeout_function(handle_, [](void* self, unsigned) {
        return static_cast<session*>(self)->input_.empty() ? 0 : 1;
    });
    gnutls_handshake_set_max_packet_length(handle_, message_max);
    gnutls_handshake_set_secret_function(
        handle_, [](gnutls_session_t handle, gnutls_record_encryption_level_t level,
                    const void* read, const void* write, std::size_t size) {
            return keep_secrets(handle, static_cast<int>(level), read, write, size);
        });
}

session::~session() { gnutls_deinit(handle_); }

std::unique_ptr<session> session::accept(server_context& context) {
    std::unique_ptr<session> made{
        new session{&context, GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET}};
    gnutls_priority_set(made->handle_, context.priorities());
    gnutls_certificate_server_set_request(made->handle_, GNUTLS_CERT_IGNORE);
    gnutls_handshake_set_hook_function(
        made->handle_, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
        [](gnutls_session_t handle, unsigned, unsigned, unsigned incoming,
           const gnutls_datum_t* message) {
            auto* const self = static_cast<session*>(gnutls_session_get_ptr(handle));
            const auto* const body = reinterpret_cast<const std::byte*>(message->data);
            return incoming == 0 ? 0 : self->choose_policy({body, message->size});
        });
    made->set_alpn(context.options().alpn, GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE);
    return made;
}

std::unique_ptr<session> session::connect(const client_context& context, std::string_view host,
                                          byte_view resume) {
    std::unique_ptr<session> made{new session{nullptr, GNUTLS_CLIENT}};
    gnutls_priority_set(made->handle_, context.priorities());
    gnutls_credentials_set(made->handle_, GNUTLS_CRD_CERTIFICATE, context.credentials());
    made->set_alpn(context.options().alpn, 0);
    made->verified_name_ = host;
    if (!is_address(made->verified_name_)) {
        gnutls_server_name_set(made->handle_, GNUTLS_NAME_DNS, host.data(), host.size());
    }
    if (context.options().verify) {
        gnutls_session_set_verify_cert(made->handle_, made->verified_name_.c_str(), 0);
    }
    if (!resume.empty()) {  // Data that is no use only means a full handshake.
        gnutls_session_set_data(made->handle_, resume.data(), resume.size());
    }
    return made;
}

void session::set_alpn(std::span<const std::string> names, unsigned flags) {
    std::array<gnutls_datum_t, alpn_names_max> list{};
    RW_ASSERT(names.size() <= list.size());
    std::ranges::transform(names, list.begin(), [](const std::string& name) {
        return gnutls_datum_t{raw(as_bytes(name).data()), static_cast<unsigned>(name.size())};
    });
    if (!names.empty()) {
        gnutls_alpn_set_protocols(handle_, list.data(), static_cast<unsigned>(names.size()), flags);
    }
}

// What GnuTLS would pass over or refuse with another alert than RFC 8446 says. What is damaged it
// refuses as it should.
int session::judge(const client_hello& hello) const noexcept {
    if (!hello.is_readable) {
        return 0;
    }
    if (!hello.offers_tls_1_3) {
        return context_->options().allow_tls_1_2 ? 0 : GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
    }
    if (!hello.has_null_compression_only) {
        return GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;  // Section 4.1.2.
    }
    return hello.has_signature_algorithms && hello.has_groups ? 0 : GNUTLS_E_MISSING_EXTENSION;
}

// For a peer that sends more than a handshake can have.
void session::refuse_length() { static_cast<void>(fail_with(GNUTLS_E_HANDSHAKE_TOO_LARGE)); }

// The first ClientHello decides: the one after a HelloRetryRequest asks for the same
// (RFC 8446 4.1.2).
int session::choose_policy(byte_view message) {
    if (shown_ != nullptr) {
        return 0;
    }
    const client_hello hello = read_client_hello(message);
    if (const int refused = judge(hello); refused != 0) {
        return refused;
    }
    server_name_ = hello.server_name;
    certificates_ = context_->certificates().current();
    shown_ = &certificates_->find(server_name_);
    if (context_->options().session_tickets) {
        std::array<std::byte, 64> key = context_->ticket_secret(shown_->identity());
        const gnutls_datum_t datum{raw(key.data()), key.size()};
        gnutls_session_ticket_enable_server(handle_, &datum);
        wipe(key);
    }
    return gnutls_credentials_set(handle_, GNUTLS_CRD_CERTIFICATE, shown_->credentials());
}

long session::pull(void* self, void* into, std::size_t size) {
    auto& me = *static_cast<session*>(self);
    if (me.input_.empty()) {
        if (me.at_end_) {
            return 0;
        }
        gnutls_transport_set_errno(me.handle_, EAGAIN);
        return -1;
    }
    const std::size_t taken = std::min(size, me.input_.size());
    std::memcpy(into, me.input_.data(), taken);
    me.input_ = me.input_.subspan(taken);
    return static_cast<long>(taken);
}

long session::push(void* self, const void* from, std::size_t size) {
    auto& me = *static_cast<session*>(self);
    const auto* const bytes = static_cast<const std::byte*>(from);
    me.output_.insert(me.output_.end(), bytes, bytes + size);
    return static_cast<long>(size);
}

int session::keep_secrets(gnutls_session_int* handle, int level, const void* read,
                          const void* write, std::size_t size) {
    auto& me = *static_cast<session*>(gnutls_session_get_ptr(handle));
    if (level == GNUTLS_ENCRYPTION_LEVEL_APPLICATION) {
        if (read != nullptr) {
            me.read_secret_ = secret{{static_cast<const std::byte*>(read), size}};
        }
        if (write != nullptr) {
            me.write_secret_ = secret{{static_cast<const std::byte*>(write), size}};
        }
    }
    return 0;
}

session::progress session::advance() {
    constexpr int warnings_max = 8;
    int warnings = 0;
    for (;;) {
        const std::size_t before = input_.size();
        const int code = gnutls_handshake(handle_);
        if (code == GNUTLS_E_SUCCESS) {
            send_tickets();
            return progress::done;
        }
        if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED) {
            if (input_.empty()) {
                return progress::wants_input;
            }
            // It pauses behind the records of a message that goes on, even when more is there.
            if (input_.size() == before) {
                return fail_with(GNUTLS_E_UNEXPECTED_PACKET);
            }
        } else if (gnutls_error_is_fatal(code) != 0 || ++warnings == warnings_max) {
            return fail_with(gnutls_error_is_fatal(code) != 0 ? code : GNUTLS_E_UNEXPECTED_PACKET);
        }
    }
}

session::progress session::fail_with(int code) {
    problem_ = gnutls_strerror(code);
    certificate_refused_ = code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
    if (certificate_refused_) {
        problem_ = certificate_words();
    }
    alert_received_ = code == GNUTLS_E_FATAL_ALERT_RECEIVED;
    if (alert_received_) {
        const char* const name = gnutls_alert_get_name(gnutls_alert_get(handle_));
        problem_ = problem_ + ": " + (name == nullptr ? "unknown" : name);
    } else if (code != GNUTLS_E_PREMATURE_TERMINATION) {
        alert_sent_ = gnutls_alert_send_appropriate(handle_, code) == 0;
    }
    return progress::failed;
}

// A client's: what is wrong with the server's certificate.
std::string session::certificate_words() const {
    gnutls_datum_t words{};
    const unsigned status = gnutls_session_get_verify_cert_status(handle_);
    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &words, 0) != 0) {
        return problem_;
    }
    std::string out{reinterpret_cast<const char*>(words.data), words.size};
    gnutls_free(words.data);
    while (out.ends_with(' ')) {
        out.pop_back();
    }
    return out;
}

// As OpenSSL does: a client that opens several connections at once needs several tickets, and one
// that came with a ticket has the others still.
void session::send_tickets() {
    if (context_ != nullptr && spoken() == version::tls_1_3 && !tickets_sent_ &&
        context_->options().session_tickets) {
        gnutls_session_ticket_send(handle_, resumed() ? 1 : 2, 0);
    }
    tickets_sent_ = true;
}

version session::spoken() const noexcept {
    switch (gnutls_protocol_get_version(handle_)) {
        case GNUTLS_TLS1_3: return version::tls_1_3;
        case GNUTLS_TLS1_2: return version::tls_1_2;
        default: return version::none;
    }
}

cipher session::algorithm() const noexcept {
    switch (gnutls_cipher_get(handle_)) {
        case GNUTLS_CIPHER_AES_128_GCM: return cipher::aes_128_gcm;
        case GNUTLS_CIPHER_AES_256_GCM: return cipher::aes_256_gcm;
        default: return cipher::chacha20_poly1305;
    }
}

std::string session::cipher_text() const {
    const char* const text = gnutls_ciphersuite_get(handle_);
    return text == nullptr ? "" : text;
}

std::string session::alpn() const {
    gnutls_datum_t chosen{};
    if (gnutls_alpn_get_selected_protocol(handle_, &chosen) != 0) {
        return {};
    }
    return {reinterpret_cast<const char*>(chosen.data), chosen.size};
}

bool session::resumed() const noexcept { return gnutls_session_is_resumed(handle_) != 0; }

record_keys session::keys(direction which) const {
    std::array<unsigned char, 8> number{};
    const bool reads = which == direction::receiving;
    const int failed =
        gnutls_record_get_state(handle_, reads ? 1 : 0, nullptr, nullptr, nullptr, number.data());
    const secret& from = reads ? read_secret_ : write_secret_;
    RW_ASSERT(failed == 0 && !from.empty());
    std::uint64_t next = 0;
    for (const unsigned char byte : number) {
        next = (next << 8U) | byte;
    }
    return {algorithm(), from, next};
}

// GnuTLS takes them as QUIC would hand them over: as messages, without records.
void session::add_tickets(byte_view messages) {
    gnutls_handshake_set_read_function(
        handle_, [](gnutls_session_t, gnutls_record_encryption_level_t,
                    gnutls_handshake_description_t, const void*, std::size_t) { return 0; });
    gnutls_handshake_write(handle_, GNUTLS_ENCRYPTION_LEVEL_APPLICATION, messages.data(),
                           messages.size());
}

std::vector<std::byte> session::resumption_data() const {
    gnutls_datum_t data{};
    if (gnutls_session_get_data2(handle_, &data) != 0) {
        return {};
    }
    const auto* const start = reinterpret_cast<const std::byte*>(data.data);
    std::vector<std::byte> copy{start, start + data.size};
    gnutls_free(data.data);
    return copy;
}

result<std::size_t> session::receive(byte_span into) {
    const auto got = gnutls_record_recv(handle_, into.data(), into.size());
    if (got >= 0) {
        return static_cast<std::size_t>(got);
    }
    if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED) {
        return fail(errc::would_block);
    }
    if (got == GNUTLS_E_PREMATURE_TERMINATION) {
        return 0;
    }
    static_cast<void>(fail_with(static_cast<int>(got)));  // A renegotiation too: we have none.
    return fail(alert_received_ ? errc::closed : errc::malformed);
}

bool session::send(byte_view plain) {
    while (!plain.empty()) {
        const auto sent = gnutls_record_send(handle_, plain.data(), plain.size());
        if (sent <= 0) {
            return false;  // It has failed before: the memory behind it takes everything.
        }
        plain = plain.subspan(static_cast<std::size_t>(sent));
    }
    return true;
}

void session::send_close_notify() { gnutls_bye(handle_, GNUTLS_SHUT_WR); }

}  // namespace ringway::tls
