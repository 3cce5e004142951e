// Hands work from any thread to the one thread that owns it, without a lock.
#pragma once

#include <atomic>

namespace ringway {

/// A list of nodes that any thread adds to and one thread empties. `Node` has a member
/// `Node* next`, which belongs to the inbox from `push` until `take_all` returns the node.
template <class Node>
class work_inbox {
public:
    work_inbox() = default;
    work_inbox(const work_inbox&) = delete;
    work_inbox& operator=(const work_inbox&) = delete;

    /// Adds `node`; any thread. True when the inbox was empty: whoever gets that answer wakes the
    /// owner, the others need not. What was written before `push` is seen after `take_all`.
    bool push(Node& node) noexcept {
        Node* newest = newest_.load(std::memory_order_relaxed);
        do {
            node.next = newest;
        } while (!newest_.compare_exchange_weak(newest, &node, std::memory_order_release,
                                                std::memory_order_relaxed));
        return newest == nullptr;
    }

    /// Whether there is nothing to take; any thread, and only a hint on others than the owner's.
    [[nodiscard]] bool empty() const noexcept {
        return newest_.load(std::memory_order_relaxed) == nullptr;
    }

    /// Takes everything, linked by `next`, in the order in which it was pushed; null if there is
    /// nothing. Owner only. Read a node's `next` before handing the node on.
    [[nodiscard]] Node* take_all() noexcept {
        Node* newest = newest_.exchange(nullptr, std::memory_order_acquire);
        Node* oldest = nullptr;
        while (newest != nullptr) {
            Node* const before = newest->next;
            newest->next = oldest;
            oldest = newest;
            newest = before;
        }
        return oldest;
    }

private:
    std::atomic<Node*> newest_{nullptr};
};

}  // namespace ringway
