#include "cli/version.hpp"

#include <fmt/core.h>
#include <sys/utsname.h>

// The build says both.
#ifndef RINGWAY_VERSION
#define RINGWAY_VERSION "unknown"
#endif
#ifndef RINGWAY_BUILD_TYPE
#define RINGWAY_BUILD_TYPE "unknown"
#endif

namespace ringway::cli {

std::string_view version_number() { return RINGWAY_VERSION; }

std::string kernel_release() {
    utsname facts{};
    return ::uname(&facts) == 0 ? facts.release : "unknown";
}

std::string build_text() {
    return fmt::format("{}, {}, libstdc++ {}", RINGWAY_BUILD_TYPE, __VERSION__, _GLIBCXX_RELEASE);
}

std::string version_text() {
    utsname facts{};
    const bool known = ::uname(&facts) == 0;
    return fmt::format("ringway {}\nbuild: {}\nkernel: {} {} {}\n", version_number(), build_text(),
                       known ? facts.sysname : "unknown", known ? facts.release : "",
                       known ? facts.machine : "");
}

}  // namespace ringway::cli
