// Attempts at a connection beside each other: the first that succeeds is taken.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <ringway/coro/task.hpp>
#include <ringway/http/client_connection.hpp>
#include <ringway/http/client_types.hpp>

namespace ringway::http::detail {

using made_connection = client_result<std::shared_ptr<client_connection>>;

/// Begins an attempt, which notes in the timings when its steps had happened.
using client_attempt = std::move_only_function<task<made_connection>(client_timings&)>;

/// How soon the next attempt begins (RFC 8305 section 5).
inline constexpr std::chrono::milliseconds race_stagger{250};

struct client_race_result {
    made_connection made;
    std::size_t winner = 0;  ///< Of the attempts, where one has won.
    client_timings timings;  ///< Of the winner.
    /// Whether the attempt had failed by itself before the race was decided.
    std::vector<bool> failed;
};

/// Begins `attempts` in order, the next when one has failed or `stagger` has passed since the last
/// began. Connections that come second are closed.
///
/// Fails with a refused certificate if there was one, else with the failure that came last.
/// Lifetime: what the attempts borrow, until it resumes. Cancel: all attempts are given up.
/// Resumes: on this shard, when all attempts have ended.
[[nodiscard]] task<client_race_result> race_connections(std::vector<client_attempt> attempts,
                                                        client_timings timings,
                                                        nanoseconds stagger = race_stagger);

}  // namespace ringway::http::detail
