// An intrusive list of operations that a driver holds.
#pragma once

#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {

/// First in, first out, with removal from anywhere. Uses `operation::next` and `previous`, so an
/// operation is in one list at most.
class op_list {
public:
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    [[nodiscard]] operation& front() const noexcept { return *first_; }

    /// Whether `one`, which need not be an operation any more, is in the list.
    [[nodiscard]] bool has(const void* one) const noexcept {
        const operation* each = first_;
        while (each != nullptr && each != one) {
            each = each->next;
        }
        return each != nullptr;
    }

    void push_back(operation& op) noexcept {
        op.next = nullptr;
        op.previous = last_;
        (last_ != nullptr ? last_->next : first_) = &op;
        last_ = &op;
    }

    operation& pop_front() noexcept {
        RW_ASSERT(first_ != nullptr);
        operation& op = *first_;
        remove(op);
        return op;
    }

    void remove(operation& op) noexcept {
        (op.previous != nullptr ? op.previous->next : first_) = op.next;
        (op.next != nullptr ? op.next->previous : last_) = op.previous;
        op.next = op.previous = nullptr;
    }

    void swap(op_list& other) noexcept {
        std::swap(first_, other.first_);
        std::swap(last_, other.last_);
    }

private:
    operation* first_ = nullptr;
    operation* last_ = nullptr;
};

}  // namespace ringway
