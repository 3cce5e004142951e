#include "cli/line_log.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ringway::cli {

result<line_log> line_log::open(const std::string& path) {
    constexpr mode_t everybody = 0666;  // The umask takes away.
    unique_fd file{
        path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                    : ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, everybody)};
    if (!file) {
        return fail_errno(errno);
    }
    return line_log{std::move(file)};
}

bool line_log::flush() {
    if (pending_.empty()) {
        return true;
    }
    if (torn_) {
        pending_.insert(0, 1, '\n');
    }
    std::size_t done = 0;
    int failed = 0;
    while (failed == 0 && done < pending_.size()) {
        const auto count = ::write(file_.get(), pending_.data() + done, pending_.size() - done);
        if (count >= 0) {
            done += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            failed = errno;
        }
    }
    torn_ = torn_ && done == 0;
    if (failed != 0) {
        const auto end = done == 0 ? 0 : pending_.rfind('\n', done - 1) + 1;
        lost_ += static_cast<std::uint64_t>(
            std::ranges::count(std::string_view{pending_}.substr(
                                   std::max<std::size_t>(end, pending_.front() == '\n' ? 1 : 0)),
                               '\n'));
        take_back(done - end);
    }
    pending_.clear();
    errno = failed;
    return failed == 0;
}

// Of a line that was begun. A pipe keeps it: there the next line begins with an end.
void line_log::take_back(std::size_t bytes) {
    struct stat seen{};
    if (bytes == 0) {
        return;
    }
    torn_ = ::fstat(file_.get(), &seen) != 0 || !S_ISREG(seen.st_mode) ||
            ::ftruncate(file_.get(), seen.st_size - static_cast<off_t>(bytes)) != 0;
}

}  // namespace ringway::cli
