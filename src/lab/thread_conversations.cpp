#include "lab/thread_conversations.hpp"

namespace ringway::lab {

bool send_all(int fd, byte_view bytes) noexcept {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return false;
        }
        bytes = bytes.subspan(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
    return true;
}

}  // namespace ringway::lab
