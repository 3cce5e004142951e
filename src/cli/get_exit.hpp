// How `ringway get` ends.
#pragma once

#include <ringway/http/client_types.hpp>

namespace ringway::cli {

/// Exit statuses; they are told in the manual and stay as they are.
enum class get_exit : int {
    ok = 0,
    failed = 1,        ///< The server broke its protocol or gave up.
    usage = 2,         ///< The command line makes no sense.
    not_resolved = 3,  ///< The name has no address.
    not_connected = 4,
    certificate = 5,  ///< The server's certificate was refused.
    status = 6,       ///< The server answered with 400 or more.
    not_written = 7,  ///< The file can't be written, or is there already.
    timed_out = 8,
    incomplete = 9,     ///< The body ended early, or the pieces do not fit together.
    interrupted = 130,  ///< By a signal, as a shell has it.
};

[[nodiscard]] constexpr get_exit exit_of(const http::client_failure& why) noexcept {
    using http::client_stage;
    if (why.certificate) {
        return get_exit::certificate;
    }
    switch (why.what.code) {
        case errc::timed_out:
            return why.stage == client_stage::name ? get_exit::not_resolved : get_exit::timed_out;
        case errc::canceled: return get_exit::interrupted;
        case errc::truncated: return get_exit::incomplete;
        default: break;
    }
    switch (why.stage) {
        case client_stage::request: return get_exit::usage;
        // As where HTTP/1.1 says that the body was truncated.
        case client_stage::body:
            return why.what.code == errc::closed ? get_exit::incomplete : get_exit::failed;
        case client_stage::name: return get_exit::not_resolved;
        case client_stage::connect: return get_exit::not_connected;
        default: return get_exit::failed;
    }
}

}  // namespace ringway::cli
