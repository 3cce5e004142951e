// What the servers of a benchmark answer, apart from how they move it: the same for all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ringway/base/bytes.hpp>

namespace ringway::lab {

enum class service_kind : std::uint8_t {
    echo,    ///< What comes goes back.
    http,    ///< Each head of a request (up to an empty line) is answered by the same response.
    lookup,  ///< Records of a file by number (lookup.hpp); not of this class.
};

[[nodiscard]] std::string_view name_of(service_kind kind) noexcept;
[[nodiscard]] std::optional<service_kind> find_service(std::string_view name) noexcept;

class bench_service {
public:
    /// Requests that one call of `answer` can answer; more are a peer that pipelines without
    /// bounds, and are dropped.
    static constexpr std::size_t batch_max = 16;

    /// `body_bytes`: of the HTTP response's body.
    bench_service(service_kind kind, std::size_t body_bytes);

    /// What is to be sent for the bytes `in`, which may be nothing. `state` is of the connection,
    /// 0 in the beginning. Lifetime: of `in` for echo, else of this.
    [[nodiscard]] byte_view answer(unsigned& state, byte_view in) const noexcept;

private:
    service_kind kind_;
    std::size_t response_bytes_ = 0;
    std::string responses_;  // `batch_max` of them, so that several go in one piece.
};

}  // namespace ringway::lab
