// A file descriptor with one owner.
#pragma once

#include <utility>

namespace ringway {

/// Owns a descriptor and closes it with close(2). For descriptors that no ring operation uses any
/// more: what operations are in flight on must be closed through its stream or file.
class unique_fd {
public:
    unique_fd() = default;
    explicit unique_fd(int fd) noexcept : fd_{fd} {}
    unique_fd(unique_fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    unique_fd& operator=(unique_fd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    ~unique_fd() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

    /// Closes what is held, if anything. Errors of close(2) are ignored: the descriptor is gone
    /// whatever it says (close(2), "Dealing with error returns").
    void reset() noexcept;

private:
    int fd_ = -1;
};

}  // namespace ringway
