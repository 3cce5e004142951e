// A transport without encryption: bytes as they are, over a stream.
#pragma once

#include <cstddef>
#include <memory>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/net/transport.hpp>
#include <ringway/ring/buffer_pool.hpp>

namespace ringway {

/// Collects output in one piece of memory and sends it with one call. The memory comes from a free
/// list of the shard and goes back as soon as it is sent.
class plain_transport final : public transport {
public:
    /// Output that is collected before a flush is needed.
    static constexpr std::size_t output_bytes_max = std::size_t{128} * 1024;

    /// `received`: what was received of the connection already; it is yielded first.
    /// Lifetime: `connection` outlives the transport and is closed by it.
    explicit plain_transport(stream& connection, buffer_lease received = {}) noexcept;
    ~plain_transport() override;

    [[nodiscard]] task<result<buffer_lease>> receive() override;
    [[nodiscard]] std::size_t free_bytes() const noexcept override;
    void put(byte_view bytes) noexcept override;
    [[nodiscard]] byte_span room(std::size_t wanted) noexcept override;
    void commit(std::size_t count) noexcept override;
    [[nodiscard]] std::size_t pending() const noexcept override { return used_; }
    [[nodiscard]] task<result<void>> flush() override;
    void shutdown_send() noexcept override { stream_.shutdown_send(); }
    [[nodiscard]] task<void> close() override;
    [[nodiscard]] int fd() const noexcept override { return stream_.fd(); }

private:
    void need_memory();
    void give_memory_back() noexcept;

    stream& stream_;
    buffer_lease received_;
    std::unique_ptr<std::byte[]> memory_;
    std::size_t used_ = 0;
    std::size_t room_ = 0;  // Of the latest `room`.
    bool flushing_ = false;
};

}  // namespace ringway
