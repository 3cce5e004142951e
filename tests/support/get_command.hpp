// `ringway get`, run in a directory of its own.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "support/child_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {

/// The file at `path`; "(none)" when there is none.
[[nodiscard]] inline std::string content_of(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        return "(none)";
    }
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// Files go into a new directory, and so does the cache.
struct get_command {
    [[nodiscard]] launch how(std::vector<std::string> arguments) const {
        std::string line = "cd '" + out.path() + "' && exec '" RINGWAY_BINARY "' get";
        for (const auto& each : arguments) {
            line += " '" + each + "'";
        }
        return {.program = "sh",
                .arguments = {"-c", line},
                .environment = {{"XDG_CACHE_HOME", out.at("cache")}}};
    }
    [[nodiscard]] ended_process run(std::vector<std::string> arguments) const {
        return run_program(how(std::move(arguments)));
    }
    [[nodiscard]] std::string file(const std::string& name) const {
        return content_of(out.at(name));
    }

    temporary_site out;
};

}  // namespace ringway::test
