// A loopback interface of this process's own.
#pragma once

#include <string>

namespace ringway::lab {

/// Moves the calling process, which must have one thread, and its children to come into a network
/// namespace that has nothing but a loopback interface: no other traffic, no packet filter, no
/// ports that others use. TCP controls congestion with cubic there, where the kernel has it: the
/// default of a machine may be one that paces, which makes no sense on loopback.
///
/// Yields what was done, for the facts of a run: "loopback of a network namespace, cubic". Where it
/// is not allowed (CAP_SYS_ADMIN) everything stays as it was and the text says so. Does nothing the
/// second time.
[[nodiscard]] std::string isolate_loopback();

}  // namespace ringway::lab
