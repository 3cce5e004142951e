#include "transfer/zero_copy_message.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include <ringway/base/assert.hpp>

namespace ringway {

// What is on its way stays together until its notification comes. What was never sent, or has had
// its notification, does not.
zero_copy_message::~zero_copy_message() {
    if (count_ == 0 || buffer(0).noted) {
        return;
    }
    for (std::size_t i = 0; i < count_; ++i) {
        buffer(i).next = nullptr;
    }
}

zero_copy_buffer* zero_copy_message::add_buffer(zero_copy_pool& pool) noexcept {
    if (count_ == buffers_max) {
        return nullptr;
    }
    auto lease = pool.take();
    if (!lease) {
        return nullptr;
    }
    zero_copy_buffer& added = leases_[count_].emplace(std::move(lease)).buffer();
    if (count_ > 0) {
        buffer(count_ - 1).next = &added;
    }
    ++count_;
    parts_[count_] = {added.memory.data(), 0};
    return &added;
}

void zero_copy_message::commit(std::size_t count) noexcept {
    RW_ASSERT(count_ > 0 && count <= buffer(count_ - 1).memory.size());
    parts_[count_].iov_len = count;
}

bool zero_copy_message::put_head(std::string_view text) noexcept {
    RW_ASSERT(count_ > 0 && head_size_ == 0);
    const byte_span room = buffer(0).head;
    if (text.size() > room.size()) {
        return false;
    }
    std::ranges::copy(std::as_bytes(std::span{text}), room.begin());  // May be empty.
    parts_[0] = {room.data(), text.size()};
    head_size_ = text.size();
    return true;
}

std::span<iovec> zero_copy_message::parts() noexcept {
    const std::size_t first = head_size_ > 0 ? 0 : 1;
    return std::span{parts_}.subspan(first, count_ + 1 - first);
}

std::size_t zero_copy_message::size() const noexcept {
    std::size_t total = 0;
    for (std::size_t i = 0; i <= count_; ++i) {
        total += parts_[i].iov_len;
    }
    return total;
}

operation zero_copy_message::to_operation(int socket, const zero_copy_route& route,
                                          bool by_number) noexcept {
    zero_copy_buffer& first = buffer(0);
    first.route = route;
    const std::span<iovec> all = parts();
    operation op;
    op.fd = socket;
    op.extra = &first;
    if (by_number && count_ == 1) {  // A send names one enrolled buffer.
        op.buffer_slot = first.slot;
    }
    if (all.size() == 1) {
        op.kind = op_kind::send_zc;
        op.address = all.front().iov_base;
        op.length = static_cast<std::uint32_t>(all.front().iov_len);
        return op;
    }
    header_.msg_iov = all.data();
    header_.msg_iovlen = all.size();
    op.kind = op_kind::sendmsg_zc;
    op.address = &header_;
    return op;
}

std::span<iovec> zero_copy_message::rest(std::size_t sent) noexcept {
    RW_ASSERT(sent <= size());
    std::span<iovec> left = parts();
    while (!left.empty() && sent >= left.front().iov_len) {
        sent -= left.front().iov_len;
        left = left.subspan(1);
    }
    if (!left.empty()) {
        left.front().iov_base = static_cast<std::byte*>(left.front().iov_base) + sent;
        left.front().iov_len -= sent;
    }
    return left;
}

}  // namespace ringway
