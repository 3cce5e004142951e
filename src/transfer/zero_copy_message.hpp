// One message of pooled memory, and what goes in front of it, that is sent without a copy.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>

#include <ringway/base/bytes.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/ring/zero_copy.hpp>

namespace ringway {

/// Holds its buffers until it dies; what the kernel still sends from then is safe, for the pool
/// gives no buffer out before its notification has come. On one shard, while it awaits its send.
class zero_copy_message {
public:
    static constexpr std::size_t buffers_max = 4;

    zero_copy_message() = default;
    zero_copy_message(const zero_copy_message&) = delete;
    zero_copy_message& operator=(const zero_copy_message&) = delete;
    ~zero_copy_message();

    /// One more buffer of `pool`, for the body; null when there is none, or enough of them.
    [[nodiscard]] zero_copy_buffer* add_buffer(zero_copy_pool& pool) noexcept;
    /// The first `count` bytes of the latest buffer belong to the body.
    void commit(std::size_t count) noexcept;
    /// Puts `text` in front of all. False if it is too long for that. Needs a buffer.
    [[nodiscard]] bool put_head(std::string_view text) noexcept;

    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] std::size_t buffers() const noexcept { return count_; }

    /// The send of all of it: SEND_ZC of one piece, else SENDMSG_ZC. `by_number`: the kernel may
    /// know the memory by its slot. Lifetime: this stays where it is until the send has ended.
    [[nodiscard]] operation to_operation(int socket, const zero_copy_route& route,
                                         bool by_number) noexcept;
    /// What a send of `sent` bytes has left over, for a send of another kind.
    [[nodiscard]] std::span<iovec> rest(std::size_t sent) noexcept;

private:
    [[nodiscard]] std::span<iovec> parts() noexcept;
    [[nodiscard]] zero_copy_buffer& buffer(std::size_t which) noexcept {
        return leases_[which]->buffer();
    }

    std::size_t count_ = 0;
    std::size_t head_size_ = 0;
    std::array<std::optional<zero_copy_pool::lease>, buffers_max> leases_;
    std::array<iovec, buffers_max + 1> parts_{};  // The first one is for the head.
    msghdr header_{};
};

}  // namespace ringway
