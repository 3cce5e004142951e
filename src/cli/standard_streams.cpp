#include "cli/standard_streams.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

bool reader_is_gone(int descriptor) {
    pollfd about{.fd = descriptor, .events = POLLOUT, .revents = 0};
    return ::poll(&about, 1, 0) == 1 && (about.revents & POLLERR) != 0;
}

}  // namespace

void occupy_standard_streams() {
    for (int each = STDIN_FILENO; each <= STDERR_FILENO; ++each) {
        if (::fcntl(each, F_GETFD) < 0 && errno == EBADF) {
            // The lowest free number, which is this one: those below are taken by now.
            ::open("/dev/null", each == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

int status_after_output(std::FILE* output, int status) {
    const bool failed_before = std::ferror(output) != 0;
    const bool flushed = std::fflush(output) == 0;
    if (flushed && !failed_before) {
        return status;
    }
    const int why = flushed ? 0 : errno;
    if (why != EPIPE && !reader_is_gone(::fileno(output))) {
        print_text(stderr, "ringway: standard output could not be written{}{}\n",
                   why != 0 ? ": " : ", not all of it", why != 0 ? std::strerror(why) : "");
    }
    return status == 0 ? 1 : status;
}

}  // namespace ringway::cli
