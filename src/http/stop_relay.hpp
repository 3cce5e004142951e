// Passing the stop of whoever runs a session on to the session's own sources.
#pragma once

#include <ringway/coro/stop.hpp>
#include <ringway/http/session_context.hpp>

namespace ringway::http::detail {

/// A drain that has lost its patience comes this way, and is counted.
/// Lifetime: all that it is given outlives it.
struct stop_relay : stop_callback {
    stop_relay(session_context& context, stop_source& serving, stop_source& farewell) noexcept
        : stop_callback{[](stop_callback& self) noexcept {
              auto& me = static_cast<stop_relay&>(self);
              me.context_.metrics.timeouts.add(observe::timeout_kind::drain,
                                               me.context_.draining ? 1 : 0);
              me.serving_.request_stop();
              me.farewell_.request_stop();
          }},
          context_{context},
          serving_{serving},
          farewell_{farewell} {}

    session_context& context_;
    stop_source& serving_;
    stop_source& farewell_;
};

}  // namespace ringway::http::detail
