// How the user ends a measurement.
#pragma once

namespace ringway::cli {

/// From now on SIGINT and SIGTERM are noted. A second one has its usual effect: this process ends,
/// and its children with it.
void watch_signals();

/// The same in a child that measures: it may get a signal from the terminal and from its parent.
void watch_signals_as_child();

/// They have their usual effect again.
void forget_signals();

/// Whether one has come.
[[nodiscard]] bool interrupted() noexcept;

}  // namespace ringway::cli
