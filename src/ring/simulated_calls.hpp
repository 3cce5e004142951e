// One try at an operation of a simulated kernel, with the faults that may strike it.
#pragma once

#include <cstdint>
#include <sys/uio.h>

#include <ringway/ring/driver.hpp>

#include "ring/simulated_buffers.hpp"
#include "ring/simulated_faults.hpp"
#include "ring/simulated_network.hpp"

namespace ringway::detail {

/// What came of a try.
struct attempt_outcome {
    enum class step : std::uint8_t {
        blocked,   ///< Nothing can happen before something else does.
        again,     ///< Some bytes moved; go on later.
        finished,  ///< `told` is to be told; with `more`, go on later.
    };
    step next = step::blocked;
    completion told{};
};

class simulated_calls {
public:
    simulated_calls(simulated_network& network, simulated_buffers& buffers,
                    simulated_faults& faults, driver_counters& counters) noexcept
        : network_{network}, buffers_{buffers}, faults_{faults}, counters_{counters} {}

    /// Does for `op` what can be done now. `done` counts the bytes of a send that have gone.
    [[nodiscard]] attempt_outcome attempt(const operation& op, std::uint32_t& done) noexcept;

private:
    attempt_outcome accept(const operation& op) noexcept;
    attempt_outcome connect(const operation& op) noexcept;
    attempt_outcome receive(const operation& op) noexcept;
    attempt_outcome receive_message(const operation& op) noexcept;
    attempt_outcome receive_pooled(const operation& op, int there) noexcept;
    attempt_outcome receive_failed(const operation& op, int result) noexcept;
    attempt_outcome send(const operation& op, std::uint32_t& done) noexcept;
    attempt_outcome send_parts(const operation& op, const iovec* parts, std::size_t count,
                               std::uint32_t& done) noexcept;
    attempt_outcome send_file(const operation& op) noexcept;
    attempt_outcome splice_to_socket(const operation& op) noexcept;
    attempt_outcome move_to_socket(int socket, int source, std::uint64_t offset,
                                   std::uint32_t length_max) noexcept;
    attempt_outcome on_file(const operation& op) noexcept;
    attempt_outcome on_socket(const operation& op, std::uint32_t& done) noexcept;

    [[nodiscard]] int common_fault(const operation& op) noexcept;
    [[nodiscard]] int file_fault(const operation& op) noexcept;
    void maybe_reset(int fd) noexcept;

    simulated_network& network_;
    simulated_buffers& buffers_;
    simulated_faults& faults_;
    driver_counters& counters_;
};

}  // namespace ringway::detail
