// Cancellation on one shard: a source asks, callbacks hear it. No locks, no reference counts.
#pragma once

#include <ringway/base/assert.hpp>

namespace ringway {

class stop_source;

/// Something that is told once when a stop is requested. Intrusive: it lives where its owner lives
/// and unlinks itself when it dies. A callback may unlink other callbacks and itself.
class stop_callback {
public:
    using function = void (*)(stop_callback& self) noexcept;

    explicit stop_callback(function told) noexcept : told_{told} {}
    stop_callback(const stop_callback&) = delete;
    stop_callback& operator=(const stop_callback&) = delete;
    ~stop_callback() { unlink(); }

    /// Listens to `source`; `source` may be null (never stopped). If a stop was requested already,
    /// the callback is told at once. Must not be linked. Lifetime: `source` outlives the link.
    void link(stop_source* source) noexcept;

    /// Stops listening. Does nothing when not linked.
    void unlink() noexcept;

private:
    friend class stop_source;

    function told_;
    stop_callback* next_ = nullptr;
    stop_callback** place_ = nullptr;  // What points at us; null when not linked.
};

/// The side that requests the stop. Used on one shard only; a stop from another shard is a message
/// to the owner.
class stop_source {
public:
    stop_source() = default;
    stop_source(const stop_source&) = delete;
    stop_source& operator=(const stop_source&) = delete;
    ~stop_source() { RW_ASSERT(first_ == nullptr); }

    /// Tells every linked callback, in no particular order, and remembers. Later calls do nothing.
    void request_stop() noexcept;

    [[nodiscard]] bool stop_requested() const noexcept { return requested_; }

private:
    friend class stop_callback;

    stop_callback* first_ = nullptr;
    bool requested_ = false;
};

/// A source that is also stopped when its parent is.
class linked_stop_source {
public:
    /// `parent` may be null. Lifetime: `parent` outlives this.
    explicit linked_stop_source(stop_source* parent) noexcept : link_{*this} { link_.link(parent); }

    [[nodiscard]] stop_source& source() noexcept { return source_; }
    void request_stop() noexcept { source_.request_stop(); }
    [[nodiscard]] bool stop_requested() const noexcept { return source_.stop_requested(); }

private:
    struct parent_link : stop_callback {
        explicit parent_link(linked_stop_source& self) noexcept
            : stop_callback{[](stop_callback& me) noexcept {
                  static_cast<parent_link&>(me).self_.request_stop();
              }},
              self_{self} {}
        linked_stop_source& self_;
    };

    stop_source source_;
    parent_link link_;
};

}  // namespace ringway
