// Lookups as a database without an event loop does them: a thread for each connection, pread(2).
#include <array>
#include <cstddef>
#include <span>
#include <unistd.h>

#include "lab/lookup.hpp"
#include "lab/thread_conversations.hpp"

namespace ringway::lab {
namespace {

class looking_up {
public:
    explicit looking_up(const record_file& from) noexcept : from_{&from} {}

    std::span<std::byte> room() noexcept { return received_; }
    bool take(int fd, std::size_t size) {
        auto bytes = byte_view{received_}.first(size);
        while (request_.take(bytes)) {
            const auto number = request_.number();
            const auto got = ::pread(from_->fd(), block_.bytes.data(), lookup_block_bytes,
                                     static_cast<off_t>(from_->block_of(number)));
            if (got != static_cast<ssize_t>(lookup_block_bytes) ||
                !send_all(fd, block_.record_of(number))) {
                return false;
            }
        }
        return true;
    }

private:
    const record_file* from_;
    lookup_request request_;
    std::array<std::byte, 512> received_;
    lookup_block block_;
};

}  // namespace

int serve_lookups_by_threads(int listener, const record_file& from) {
    return serve_thread_conversations<looking_up>(listener, from);
}

}  // namespace ringway::lab
