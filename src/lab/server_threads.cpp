// The oldest way: a thread for each connection, blocking calls.
#include <array>
#include <cstddef>
#include <span>

#include "lab/bench_server.hpp"
#include "lab/thread_conversations.hpp"

namespace ringway::lab {
namespace {

class answering {
public:
    explicit answering(const bench_service& service) noexcept : service_{&service} {}

    std::span<std::byte> room() noexcept { return buffer_; }
    bool take(int fd, std::size_t size) {
        return send_all(fd, service_->answer(state_, byte_view{buffer_}.first(size)));
    }

private:
    const bench_service* service_;
    unsigned state_ = 0;
    std::array<std::byte, 64 * 1024> buffer_;
};

}  // namespace

int serve_by_threads(int listener, const bench_service& service) {
    return serve_thread_conversations<answering>(listener, service);
}

}  // namespace ringway::lab
