// Accepting connections on one shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/news_awaiter.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {

/// Owns a listening socket. Used on the shard it was made on; must be closed with `close` before it
/// dies.
///
/// Accepting is one multishot operation: connections are taken from the kernel as they come, also
/// while nobody waits in `accept`. When `untaken_max` are ahead of the consumer, or after `pause`,
/// further ones wait in the listener's backlog; only a burst that comes at once is taken whole.
class acceptor {
public:
    static constexpr std::size_t untaken_max = 64;

    /// Adopts the listening socket `listener`.
    explicit acceptor(int listener) noexcept;
    explicit acceptor(unique_fd listener) noexcept : acceptor{listener.release()} {}
    acceptor(const acceptor&) = delete;
    acceptor& operator=(const acceptor&) = delete;
    ~acceptor();

    using news = result<int>;
    /// The next connection, as result<int>: its descriptor, which the caller owns. In order of
    /// arrival, one awaiter at a time.
    ///
    /// A connection that broke before it was accepted is passed over in silence. Running out of
    /// something (`out_of_buffers`, or `system` with EMFILE, ENFILE or ENOMEM) is reported once;
    /// accepting then rests until the next call, so wait for descriptors to come free, or a moment,
    /// before that. Every other failure is of the listener itself and will come again.
    /// Cancel: `canceled`; nothing is lost, the next call yields what has come. Resumes: here.
    [[nodiscard]] news_awaiter<acceptor> accept() noexcept { return news_awaiter{*this}; }

    /// Leaves further connections to the backlog until the next `accept`. What was taken from the
    /// kernel already is still there for that.
    void pause() noexcept;

    /// Ends accepting, closes what was accepted and not taken, and the listener. Nobody may be in
    /// `accept`. Not cancellable. Resumes: on this shard. Afterwards only destruction is allowed.
    [[nodiscard]] task<void> close();

    [[nodiscard]] int fd() const noexcept { return fd_; }

    /// Accepted connections that wait to be taken.
    [[nodiscard]] std::size_t untaken() const noexcept { return accepted_.size() - taken_; }

    /// Connections accepted so far, taken or not.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
    friend news_awaiter<acceptor>;

    struct accept_operation : operation {
        acceptor* owner = nullptr;
    };

    void arm() noexcept;
    void completed(completion what) noexcept;
    [[nodiscard]] bool has_news() const noexcept;
    [[nodiscard]] result<int> take() noexcept;

    int fd_;
    bool pausing_ = false;  // The operation is being cancelled, not for an end.
    bool arming_ = false;   // Inside `arm`: an end that comes now is dealt with there.
    error failed_;          // To be reported once.
    std::uint64_t count_ = 0;
    std::vector<int> accepted_;  // Those from `taken_` on wait.
    std::size_t taken_ = 0;
    accept_operation operation_;
    news_awaiter<acceptor>* waiting_ = nullptr;
    unsigned users_ = 0;
    suspension* closing_ = nullptr;
};

}  // namespace ringway
