#include <ringway/coro/semaphore.hpp>

namespace ringway {

// Strictly in order: whoever wants little behind one who wants much waits too.
void semaphore::grant() noexcept {
    while (!waiting_.empty()) {
        auto& first = static_cast<acquire_awaiter&>(waiting_.front());
        if (units_ < first.count_) {
            return;
        }
        units_ -= first.count_;
        first.finish({});
    }
}

// The one who leaves may have been in the way of others.
void semaphore::acquire_awaiter::give_up() noexcept {
    leave();
    owner_.grant();
}

}  // namespace ringway
