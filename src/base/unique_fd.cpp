#include <ringway/base/unique_fd.hpp>

#include <unistd.h>

namespace ringway {

void unique_fd::reset() noexcept {
    if (fd_ >= 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

}  // namespace ringway
