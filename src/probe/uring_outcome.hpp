// From the result of an operation of a ring to an outcome.
#pragma once

#include <fmt/core.h>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

#include "probe/small_ring.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {

[[nodiscard]] inline outcome no_ring() { return found_no("there are no rings"); }

[[nodiscard]] inline outcome from_result(int result, int wanted) {
    if (result == small_ring::no_answer) {
        return found_no("it never completed");
    }
    if (result < 0) {
        return refused(-result);
    }
    return result == wanted ? found_yes() : found_no(fmt::format("it yielded {}", result));
}

[[nodiscard]] inline unique_fd memory_file(std::string_view content) {
    unique_fd file{::memfd_create("trial", MFD_CLOEXEC)};
    if (file && ::write(file.get(), content.data(), content.size()) < 0) {
        file.reset();
    }
    return file;
}

}  // namespace ringway::probe
