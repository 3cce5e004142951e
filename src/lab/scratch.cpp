#include "lab/scratch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <random>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>

namespace ringway::lab {
namespace {

// In the child: waits until nobody holds the other end of the pipe.
[[noreturn]] void keep(int pipe, const std::string& path) {
    ::setsid();  // Out of reach of ^C.
    char nothing = 0;
    while (::read(pipe, &nothing, 1) < 0 && errno == EINTR) {
    }
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
    ::_exit(0);
}

}  // namespace

std::expected<scratch, std::string> scratch::make() {
    std::error_code failed;
    const auto place = std::filesystem::temp_directory_path(failed);
    std::string path = (failed ? std::filesystem::path{"/tmp"} : place) / "ringway-lab-XXXXXX";
    std::array<int, 2> pipe{};
    if (::mkdtemp(path.data()) == nullptr || ::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        return std::unexpected{
            fmt::format("can't make {}: {}", path, describe(error_from_errno(errno)))};
    }
    scratch made;
    made.path_ = path;
    const unique_fd near{pipe[0]};
    made.held_ = unique_fd{pipe[1]};
    made.keeper_ = ::fork();
    if (made.keeper_ == 0) {
        made.held_.reset();
        keep(near.get(), path);
    }
    if (made.keeper_ < 0) {
        std::filesystem::remove_all(path, failed);
        return std::unexpected{std::string{"can't start a process: there are too many"}};
    }
    return made;
}

scratch::scratch(scratch&& other) noexcept
    : path_{std::move(other.path_)},
      held_{std::move(other.held_)},
      keeper_{std::exchange(other.keeper_, -1)} {}

scratch::~scratch() {
    if (keeper_ > 0) {
        held_.reset();
        while (::waitpid(keeper_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

std::string scratch::at(std::string_view name) const { return fmt::format("{}/{}", path_, name); }

bool scratch::add_noise(std::string_view name, std::uint64_t size, std::uint64_t seed) const {
    std::ofstream file{at(name), std::ios::binary};
    std::mt19937_64 random{seed};
    std::vector<std::uint64_t> block(8192);
    while (size > 0) {
        std::ranges::generate(block, random);
        const auto bytes = std::min<std::uint64_t>(size, block.size() * sizeof block[0]);
        file.write(reinterpret_cast<const char*>(block.data()),
                   static_cast<std::streamsize>(bytes));
        size -= bytes;
    }
    file.close();
    return !file.fail();
}

bool scratch::add_text(std::string_view name, std::string_view text) const {
    std::ofstream file{at(name), std::ios::binary};
    file << text;
    file.close();
    return !file.fail();
}

std::string scratch::read(std::string_view name) const {
    std::ifstream file{at(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace ringway::lab
