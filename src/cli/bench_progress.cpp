#include "cli/bench_progress.hpp"

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <unistd.h>

#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

bool on_terminal() { return ::isatty(STDERR_FILENO) != 0; }

}  // namespace

void print_progress(std::string_view line) {
    print_text(stderr, "{}{}{}", on_terminal() ? "\r\033[K" : "", line, on_terminal() ? "" : "\n");
    std::fflush(stderr);
}

void end_progress() {
    if (on_terminal()) {
        print_text(stderr, "\r\033[K");
        std::fflush(stderr);
    }
}

std::string own_path() {
    std::error_code failed;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
    return failed ? "ringway" : path.string();
}

}  // namespace ringway::cli
