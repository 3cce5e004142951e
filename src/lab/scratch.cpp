#include "lab/scratch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>

namespace ringway::lab {
namespace {

constexpr int attempts_max = 50;
constexpr std::chrono::milliseconds between_attempts{20};

// Who was killed beside the owner may still write a file.
void remove(const std::string& path) {
    std::error_code failed;
    for (int i = 0; i < attempts_max; ++i) {
        std::filesystem::remove_all(path, failed);
        if (!failed) {
            return;
        }
        std::this_thread::sleep_for(between_attempts);
    }
}

// In the child: makes the directory, tells its name, and removes it when nobody holds the other end
// of `life`. It makes it so that a kill at any moment finds somebody who cleans up.
[[noreturn]] void keep(int life, int tell, std::string path) {
    ::setsid();  // Out of reach of ^C.
    ::signal(SIGPIPE, SIG_IGN);
    const bool made = ::mkdtemp(path.data()) != nullptr;
    const int problem = made ? 0 : errno;
    static_cast<void>(::write(tell, &problem, sizeof problem) > 0 &&
                      ::write(tell, path.data(), path.size()) > 0);
    ::close(tell);
    char nothing = 0;
    while (::read(life, &nothing, 1) < 0 && errno == EINTR) {
    }
    if (made) {
        remove(path);
    }
    ::_exit(0);
}

// As many bytes as come before the end, `size` at most.
std::size_t read_all(int from, void* into, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::read(from, static_cast<char*>(into) + done, size - done);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            break;
        }
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return done;
}

}  // namespace

std::expected<scratch, std::string> scratch::make(const std::string& place) {
    std::error_code failed;
    const auto usual = std::filesystem::temp_directory_path(failed);
    const std::string pattern = (!place.empty() ? std::filesystem::path{place}
                                 : failed       ? std::filesystem::path{"/tmp"}
                                                : usual) /
                                "ringway-lab-XXXXXX";
    const auto failure = [&pattern](int problem) {
        return std::unexpected{
            fmt::format("can't make {}: {}", pattern, describe(error_from_errno(problem)))};
    };
    std::array<int, 2> life{};
    if (::pipe2(life.data(), O_CLOEXEC) != 0) {
        return failure(errno);
    }
    const unique_fd life_end{life[0]};
    scratch made;
    made.held_ = unique_fd{life[1]};
    std::array<int, 2> tell{};
    if (::pipe2(tell.data(), O_CLOEXEC) != 0) {
        return failure(errno);
    }
    const unique_fd told{tell[0]};
    unique_fd telling{tell[1]};
    made.keeper_ = ::fork();
    if (made.keeper_ == 0) {
        made.held_.reset();
        keep(life_end.get(), telling.get(), pattern);
    }
    if (made.keeper_ < 0) {
        return std::unexpected{std::string{"can't start a process: there are too many"}};
    }
    telling.reset();
    int problem = ECHILD;
    std::string path(pattern.size(), '\0');
    if (read_all(told.get(), &problem, sizeof problem) == sizeof problem && problem == 0 &&
        read_all(told.get(), path.data(), path.size()) == path.size()) {
        made.path_ = std::move(path);
        return made;
    }
    return failure(problem == 0 ? ECHILD : problem);
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
