#include "http/client_h3_words.hpp"

#include <array>
#include <string_view>

namespace ringway::http::detail {
namespace {

// RFC 9000 section 20.1; TLS's alerts are behind them.
std::string name_of_error(std::uint64_t code) {
    static constexpr std::array<std::string_view, 17> names{"NO_ERROR",
                                                            "INTERNAL_ERROR",
                                                            "CONNECTION_REFUSED",
                                                            "FLOW_CONTROL_ERROR",
                                                            "STREAM_LIMIT_ERROR",
                                                            "STREAM_STATE_ERROR",
                                                            "FINAL_SIZE_ERROR",
                                                            "FRAME_ENCODING_ERROR",
                                                            "TRANSPORT_PARAMETER_ERROR",
                                                            "CONNECTION_ID_LIMIT_ERROR",
                                                            "PROTOCOL_VIOLATION",
                                                            "INVALID_TOKEN",
                                                            "APPLICATION_ERROR",
                                                            "CRYPTO_BUFFER_EXCEEDED",
                                                            "KEY_UPDATE_ERROR",
                                                            "AEAD_LIMIT_REACHED",
                                                            "NO_VIABLE_PATH"};
    if (code < names.size()) {
        return std::string{names[code]};
    }
    return code >= 0x100 && code <= 0x1ff ? "TLS alert " + std::to_string(code - 0x100)
                                          : "error " + std::to_string(code);
}

}  // namespace

std::string words_of(const quic::closing& how) {
    if (how.reason.code == errc::timed_out) {
        return "no answer in time";
    }
    if (how.reason.code == errc::unsupported) {  // RFC 9000 section 6.2.
        return "the server speaks other versions of QUIC, neither version 1 nor 2";
    }
    if (how.reason.sys != 0) {
        return describe(how.reason);
    }
    if (!how.text.empty()) {
        return how.text;
    }
    if (how.by_application) {
        return (how.by_peer ? "the server closed with error " : "closed here with error ") +
               std::to_string(how.code);
    }
    if (how.code == 0) {
        return "the server closed the connection";
    }
    return (how.by_peer ? "the server closed: QUIC's " : "the server broke QUIC's rules: ") +
           name_of_error(how.code);
}

bool is_about_certificate(const quic::closing& how) noexcept {
    constexpr std::uint64_t alerts = 0x100;
    return !how.by_peer && !how.by_application &&
           ((how.code >= alerts + 42 && how.code <= alerts + 46) || how.code == alerts + 48);
}

}  // namespace ringway::http::detail
