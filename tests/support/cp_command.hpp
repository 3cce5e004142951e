// `ringway cp`, run by tests.
#pragma once

#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "support/child_process.hpp"

namespace ringway::test {

[[nodiscard]] inline launch cp_launch(std::vector<std::string> arguments, uid_t user = 0) {
    arguments.insert(arguments.begin(), "cp");
    return {.program = RINGWAY_BINARY, .arguments = std::move(arguments), .user = user};
}

[[nodiscard]] inline ended_process run_cp(std::vector<std::string> arguments, uid_t user = 0) {
    return run_program(cp_launch(std::move(arguments), user));
}

}  // namespace ringway::test
