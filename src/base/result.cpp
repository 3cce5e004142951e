#include <ringway/base/result.hpp>

#include <cerrno>
#include <cstring>

namespace ringway {

error error_from_errno(int sys) noexcept {
    switch (sys) {
        case ECANCELED: return {errc::canceled, sys};
        case ETIMEDOUT:
        case ETIME: return {errc::timed_out, sys};
        case EPIPE:
        case ECONNRESET:
        case ECONNABORTED:
        case ENOTCONN: return {errc::closed, sys};
        case ENOENT:
        case ENOTDIR: return {errc::not_found, sys};
        case EACCES:
        case EPERM:
        case ELOOP:
        case EXDEV: return {errc::not_permitted, sys};
        case EAGAIN: return {errc::would_block, sys};
        case ENOBUFS: return {errc::out_of_buffers, sys};
        case EINVAL: return {errc::invalid_argument, sys};
        case EOPNOTSUPP:
        case ENOSYS: return {errc::unsupported, sys};
        default: return {errc::system, sys};
    }
}

std::unexpected<error> fail_errno(int sys) noexcept {
    return std::unexpected{error_from_errno(sys)};
}

std::unexpected<error> fail(errc code) noexcept { return std::unexpected{error{code, 0}}; }

std::string_view name_of(errc code) noexcept {
    switch (code) {
        case errc::none: return "none";
        case errc::system: return "system";
        case errc::canceled: return "canceled";
        case errc::timed_out: return "timed_out";
        case errc::closed: return "closed";
        case errc::truncated: return "truncated";
        case errc::not_found: return "not_found";
        case errc::not_permitted: return "not_permitted";
        case errc::not_regular: return "not_regular";
        case errc::would_block: return "would_block";
        case errc::out_of_buffers: return "out_of_buffers";
        case errc::limit: return "limit";
        case errc::invalid_argument: return "invalid_argument";
        case errc::malformed: return "malformed";
        case errc::unsupported: return "unsupported";
    }
    return "unknown";
}

std::string describe(error failure) {
    std::string text{name_of(failure.code)};
    if (failure.sys != 0) {
        text += ": ";
        text += std::strerror(failure.sys);
    }
    return text;
}

}  // namespace ringway
