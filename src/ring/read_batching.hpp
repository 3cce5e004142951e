// How many reads of files the io_uring driver hands to the kernel at once.
#pragma once

namespace ringway {

/// Decides when reads that wait in the submission ring leave, before the turn's own system call.
///
/// Reads that a device answers leave a few at a time: it begins while the next ones are made, and
/// answers one by one; handed over in one lump they come back in one, and the device idles
/// meanwhile. Reads that the page cache answers are done within the system call, and one call for
/// all of them is cheapest. Which of the two is the case is seen from what was done within a call
/// of a few, and looked at now and then; until the first look, and so for a single batch, all leave
/// in one call.
class read_batching {
public:
    /// Counts a read that waits; true when those that wait should be handed over.
    [[nodiscard]] bool add() noexcept { return ++waiting_ >= at_once_; }

    /// Those that waited have left with something else.
    void all_left() noexcept {
        waiting_ = 0;
        if (at_once_ != few && ++turns_ == turns_between_looks) {
            at_once_ = few;
        }
    }

    /// They have left by themselves, and so many completions were there at once.
    void left(unsigned done) noexcept {
        at_once_ = 2 * done >= waiting_ ? many : few;
        waiting_ = 0;
        turns_ = 0;
    }

private:
    static constexpr unsigned few = 4;
    static constexpr unsigned many = ~0U;
    static constexpr unsigned turns_between_looks = 64;

    unsigned waiting_ = 0;
    unsigned at_once_ = many;
    unsigned turns_ = 0;
};

}  // namespace ringway
