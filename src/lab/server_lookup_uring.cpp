// Lookups on bare liburing: receive, read the block, send the record, again.
#include <array>
#include <cstddef>
#include <cstdint>
#include <sys/socket.h>

#include "lab/lookup.hpp"
#include "lab/uring_conversations.hpp"

namespace ringway::lab {
namespace {

class looking_up {
public:
    looking_up(int fd, const record_file& from) noexcept : fd_{fd}, from_{&from} {}

    void prepare(io_uring_sqe& entry) {
        if (at_ == step::receiving && request_.take(received_)) {
            at_ = step::reading;
        }
        const auto number = request_.number();
        switch (at_) {
            case step::receiving:
                io_uring_prep_recv(&entry, fd_, buffer_.data(), buffer_.size(), 0);
                break;
            case step::reading:
                io_uring_prep_read(&entry, from_->fd(), block_.bytes.data(), lookup_block_bytes,
                                   from_->block_of(number));
                break;
            case step::sending:
                const auto record = block_.record_of(number);
                io_uring_prep_send(&entry, fd_, record.data(), record.size(),
                                   MSG_NOSIGNAL | MSG_WAITALL);
                break;
        }
    }

    bool take(int result) {
        switch (at_) {
            case step::receiving:
                if (result > 0) {
                    received_ = byte_view{buffer_}.first(static_cast<std::size_t>(result));
                }
                return result > 0;
            case step::reading:
                at_ = step::sending;
                return result == static_cast<int>(lookup_block_bytes);
            default: at_ = step::receiving; return result == static_cast<int>(record_bytes);
        }
    }

private:
    enum class step : std::uint8_t { receiving, reading, sending };

    int fd_;
    const record_file* from_;
    step at_ = step::receiving;
    lookup_request request_;
    byte_view received_;  // What is left of `buffer_`.
    std::array<std::byte, 512> buffer_;
    lookup_block block_;
};

}  // namespace

int serve_lookups_by_uring(int listener, const record_file& from, const server_options& options) {
    return serve_uring_conversations<looking_up>(listener, from, options);
}

}  // namespace ringway::lab
