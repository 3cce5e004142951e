#include "cli/served_directory.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::cli {
namespace {

reply not_a_directory(const std::string& path) {
    auto parent = std::filesystem::path{path}.parent_path().string();
    parent = parent.empty() ? "." : parent;
    return usage_error(fmt::format(
        "{} is not a directory; to serve the one that holds it: ringway serve {}", path, parent));
}

reply failed(const std::string& path, int failure) {
    switch (failure) {
        case ENOENT:
            return usage_error(fmt::format(
                "{} does not exist; name an existing directory: ringway serve DIR", path));
        case ENOTDIR: return not_a_directory(path);
        case EACCES:
            return usage_error(fmt::format(
                "{} may not be read by this user (uid {}); grant it (chmod o+rx DIR) or serve "
                "another directory",
                path, ::geteuid()));
        default:
            return usage_error(fmt::format("{} cannot be opened: {}; serve another directory", path,
                                           std::strerror(failure)));
    }
}

}  // namespace

std::optional<reply> check_served_directory(const std::string& path) {
    if (path.empty()) {
        return usage_error("the directory's name is empty; for the current one: ringway serve .");
    }
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) {
        return failed(path, errno);
    }
    if (!S_ISDIR(facts.st_mode)) {
        return not_a_directory(path);
    }
    const unique_fd opened{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!opened || ::faccessat(opened.get(), ".", X_OK, AT_EACCESS) != 0) {
        return failed(path, errno);
    }
    return std::nullopt;
}

}  // namespace ringway::cli
