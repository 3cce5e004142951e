// Shared ownership within one shard: a count without atomics.
#pragma once

#include <utility>

namespace ringway {

/// What `shard_ref` can own: derive publicly. The object is deleted with its last reference.
class shard_counted {
public:
    shard_counted() = default;
    shard_counted(const shard_counted&) = delete;
    shard_counted& operator=(const shard_counted&) = delete;

    /// How many references there are.
    [[nodiscard]] unsigned references() const noexcept { return references_; }

protected:
    ~shard_counted() = default;

private:
    template <class T>
    friend class shard_ref;
    unsigned references_ = 0;
};

/// A counted reference. All references to one object are used on one shard.
template <class T>
class shard_ref {
public:
    shard_ref() = default;
    /// Takes part in owning `object`, which was made with new; null is allowed.
    explicit shard_ref(T* object) noexcept : object_{object} { acquire(); }
    shard_ref(const shard_ref& other) noexcept : object_{other.object_} { acquire(); }
    shard_ref(shard_ref&& other) noexcept : object_{std::exchange(other.object_, nullptr)} {}
    shard_ref& operator=(shard_ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~shard_ref() { reset(); }

    [[nodiscard]] T* get() const noexcept { return object_; }
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDelete): it does not count, see below.
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }
    [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }

    /// Gives the object out without giving up its share: somebody must `adopt` it back.
    [[nodiscard]] T* release() noexcept { return std::exchange(object_, nullptr); }
    /// Takes over a share that was released.
    [[nodiscard]] static shard_ref adopt(T* object) noexcept {
        shard_ref taken;
        taken.object_ = object;
        return taken;
    }

    void reset() noexcept {
        T* const object = std::exchange(object_, nullptr);
        if (object != nullptr && --object->references_ == 0) {
            delete object;  // NOLINT(clang-analyzer-cplusplus.NewDelete): it does not count.
        }
    }

private:
    void acquire() noexcept {
        if (object_ != nullptr) {
            ++object_->references_;
        }
    }

    T* object_ = nullptr;
};

/// Makes a T that is shared within this shard. Allocates.
template <class T, class... Arguments>
[[nodiscard]] shard_ref<T> make_shared_here(Arguments&&... arguments) {
    return shard_ref<T>{new T(std::forward<Arguments>(arguments)...)};
}

}  // namespace ringway
