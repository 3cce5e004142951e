// Messages to a shard from any thread: intrusive, lock-free, in order per sender.
#pragma once

#include <atomic>

namespace ringway {

/// Something that is told on another shard's thread. Lives with its sender, so posting allocates
/// nothing and can't fail; it must stay there until it was delivered.
struct message {
    using function = void (*)(message& self) noexcept;

    message* next = nullptr;
    function deliver = nullptr;
};

/// Many senders, one receiver. The receiver takes everything at once.
///
/// A sender pushes with one compare-and-swap on a cache line that the receiver touches once per
/// turn; there is no capacity that could overflow, because every message brings its own node.
class mailbox {
public:
    /// Adds `mail`. Any thread. Returns whether the box was empty: only then a sleeping receiver
    /// needs to be woken.
    bool push(message& mail) noexcept {
        message* first = first_.load(std::memory_order_relaxed);
        do {
            mail.next = first;
        } while (!first_.compare_exchange_weak(first, &mail, std::memory_order_seq_cst,
                                               std::memory_order_relaxed));
        return first == nullptr;
    }

    [[nodiscard]] bool empty() const noexcept {
        return first_.load(std::memory_order_seq_cst) == nullptr;
    }

    /// Delivers what has arrived, oldest first. Receiver's thread only. Returns how many.
    unsigned deliver_all() noexcept {
        if (first_.load(std::memory_order_relaxed) == nullptr) {
            return 0;
        }
        message* newest = first_.exchange(nullptr, std::memory_order_acquire);
        message* oldest = nullptr;
        while (newest != nullptr) {
            message* const following = newest->next;
            newest->next = oldest;
            oldest = newest;
            newest = following;
        }
        unsigned delivered = 0;
        while (oldest != nullptr) {
            message& mail = *oldest;
            oldest = oldest->next;  // `mail` may be gone once delivered.
            mail.deliver(mail);
            ++delivered;
        }
        return delivered;
    }

private:
    alignas(64) std::atomic<message*> first_{nullptr};
};

}  // namespace ringway
