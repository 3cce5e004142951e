// liburing as most programs begin: receive into the connection's own buffer, send, receive again.
#include <array>
#include <cstddef>
#include <sys/socket.h>

#include "lab/bench_server.hpp"
#include "lab/uring_conversations.hpp"

namespace ringway::lab {
namespace {

constexpr std::size_t buffer_bytes = 16 * 1024;

class answering {
public:
    answering(int fd, const bench_service& service) noexcept : fd_{fd}, service_{&service} {}

    void prepare(io_uring_sqe& entry) {
        sending_ = !unsent_.empty();
        if (sending_) {
            io_uring_prep_send(&entry, fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
        } else {
            io_uring_prep_recv(&entry, fd_, buffer_.data(), buffer_.size(), 0);
        }
    }

    bool take(int result) {
        if (result <= 0) {
            return false;
        }
        const auto size = static_cast<std::size_t>(result);
        unsent_ = sending_ ? unsent_.subspan(size)
                           : service_->answer(state_, byte_view{buffer_}.first(size));
        return true;
    }

private:
    int fd_;
    const bench_service* service_;
    unsigned state_ = 0;
    bool sending_ = false;
    byte_view unsent_;
    std::array<std::byte, buffer_bytes> buffer_;
};

}  // namespace

int serve_by_uring_single(int listener, const bench_service& service,
                          const server_options& options) {
    return serve_uring_conversations<answering>(listener, service, options);
}

}  // namespace ringway::lab
