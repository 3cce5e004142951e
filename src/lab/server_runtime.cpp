// Ringway's own runtime, as an application would use it.
#include <ringway/net/stream.hpp>

#include "lab/bench_server.hpp"
#include "lab/runtime_server.hpp"

namespace ringway::lab {
namespace {

task<void> converse(int fd, const bench_service& service) {
    stream peer{fd};
    unsigned state = 0;
    for (;;) {
        const auto received = co_await peer.receive();
        if (!received || !*received) {
            break;  // Broken, or the peer has sent everything.
        }
        const auto answer = service.answer(state, received->bytes());
        if (!answer.empty() && !co_await peer.send(answer)) {
            break;
        }
    }
    co_await peer.close();
}

}  // namespace

int serve_by_runtime(const bench_service& service, const server_options& options) {
    return run_runtime_server(options, [&service](int fd) { return converse(fd, service); });
}

}  // namespace ringway::lab
