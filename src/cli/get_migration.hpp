// --migrate: moving a download's connection to other local addresses, in turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ringway/http/client.hpp>
#include <ringway/net/endpoint.hpp>

#include "cli/get_progress.hpp"

namespace ringway::cli {

/// One download's. Says what it did and what it could not do.
class get_migration {
public:
    static constexpr std::uint64_t unknown = UINT64_MAX;

    /// Lifetime: both outlive it.
    get_migration(const std::vector<endpoint>& places, get_progress& says, bool quiet) noexcept
        : places_{places}, says_{says}, quiet_{quiet} {}

    /// `done` of `total` bytes have come over `by`: moves at equal distances; without a total, once
    /// for each MiB. A connection that can't move yet is asked again with the next bytes.
    void step(http::client_response& by, std::uint64_t done, std::uint64_t total);

    /// All has come: tells of the places that it did not get to.
    void end(const http::client_response& by);

private:
    void look(const http::client_response& by);
    void say_failure(const endpoint& to, error why);

    const std::vector<endpoint>& places_;
    get_progress& says_;
    bool quiet_;
    std::size_t next_ = 0;
    std::optional<endpoint> pending_;  // Its path is being validated.
};

/// Why a connection could not move to a local address, in words.
[[nodiscard]] std::string migration_problem(error why);

/// An address without the port that stands for any.
[[nodiscard]] std::string place_text(const endpoint& place);

}  // namespace ringway::cli
