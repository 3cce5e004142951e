#include "fs/temporary_file.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <sys/random.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>

namespace ringway {
namespace {

// Room for what is put around the name, in the 255 bytes that a name may have.
constexpr std::size_t kept_of_name_max = 200;

}  // namespace

std::string temporary_name(const std::string& name) {
    std::uint64_t number = 0;
    RW_ASSERT(::getrandom(&number, sizeof number, 0) == sizeof number);
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(number));
    return '.' + name.substr(0, kept_of_name_max) + '.' + digits.data() + '~';
}

bool can_name_files() noexcept {
    static const bool has_proc = ::access("/proc/self/fd", X_OK) == 0;
    return has_proc;
}

bool lacks_unnamed_files(int sys) noexcept {
    return sys == EOPNOTSUPP || sys == EISDIR || sys == ENOENT || sys == EINVAL;
}

std::array<char, 32> path_of_open_file(int fd) noexcept {
    std::array<char, 32> path{};
    std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", fd);
    return path;
}

}  // namespace ringway
