// Which first flights of early data (0-RTT) have been taken: none is taken twice.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway::quic {

/// A strike register (RFC 8446 section 8.2) of fixed size in memory that processes can share. Any
/// thread of any of them; without locks, so one that dies holds nobody up.
class replay_register {
public:
    enum class verdict : std::uint8_t {
        fresh,  ///< Nobody has asked for it within its retention: take the data.
        seen,   ///< Somebody has, or is asking at the same moment: refuse it.
        full,   ///< There is no room to remember it: refuse it.
    };

    /// 8 bytes each. Twice as many as there are early handshakes within the retention keep nearly
    /// all of them from finding it full.
    static constexpr std::size_t entries_default = std::size_t{1} << 20U;
    static constexpr std::size_t entries_max = std::size_t{1} << 28U;

    /// Makes one with room for `entries`, rounded up to a power of two, at least 64. Memory is
    /// taken when it is used. Fails with `invalid_argument` above entries_max, else as
    /// memfd_create(2) and mmap(2) do.
    [[nodiscard]] static result<std::unique_ptr<replay_register>> make(
        std::size_t entries = entries_default);

    /// The register that another process made, by the descriptor that it has handed over. Fails
    /// with `malformed` when that is something else.
    [[nodiscard]] static result<std::unique_ptr<replay_register>> attach(unique_fd shared);

    replay_register(const replay_register&) = delete;
    replay_register& operator=(const replay_register&) = delete;
    ~replay_register();

    /// Asks and remembers in one step. Of all calls with one `key`, in all processes, at most one
    /// yields `fresh` within `retention`, which is at most 8 years. `now_unix_s`: seconds since
    /// 1970, the same clock for all. Takes about a microsecond.
    [[nodiscard]] verdict add(byte_view key, std::int64_t now_unix_s,
                              std::chrono::seconds retention) noexcept;

    /// For another process: close-on-exec, owned by the register.
    [[nodiscard]] int descriptor() const noexcept { return shared_.get(); }
    [[nodiscard]] std::size_t entries() const noexcept;

private:
    struct memory;
    using slot = std::atomic<std::uint64_t>;
    replay_register(unique_fd shared, memory* at, std::size_t bytes) noexcept;
    [[nodiscard]] static result<std::unique_ptr<replay_register>> map(unique_fd shared,
                                                                      std::size_t bytes);

    unique_fd shared_;
    memory* memory_;
    std::size_t bytes_;
};

}  // namespace ringway::quic
