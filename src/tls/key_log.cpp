#include "tls/key_log.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::tls {

void protect_key_log() noexcept {
    static const bool once = [] {
        const char* const name = ::secure_getenv("SSLKEYLOGFILE");
        if (name == nullptr || *name == '\0') {
            return true;
        }
        const unique_fd file{
            ::open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR)};
        return true;  // One that can't be made GnuTLS leaves out too.
    }();
    static_cast<void>(once);
}

}  // namespace ringway::tls
