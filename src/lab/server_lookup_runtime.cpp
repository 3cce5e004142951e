// Lookups on Ringway's runtime.
#include <memory>

#include <ringway/net/stream.hpp>
#include <ringway/ring/await.hpp>

#include "lab/lookup.hpp"
#include "lab/runtime_server.hpp"

namespace ringway::lab {
namespace {

operation read_of(const record_file& from, std::uint64_t number, lookup_block& into) {
    operation op;
    op.kind = op_kind::read;
    op.fd = from.fd();
    op.offset = from.block_of(number);
    op.address = into.bytes.data();
    op.length = lookup_block_bytes;
    return op;
}

// The requests in one piece of input. False when the connection is of no more use.
task<bool> answer_all(stream& peer, const record_file& from, lookup_request& request,
                      lookup_block& block, byte_view bytes) {
    while (request.take(bytes)) {
        const auto number = request.number();
        const auto read = co_await await_operation{read_of(from, number, block)};
        if (read.result != static_cast<int>(lookup_block_bytes) ||
            !co_await peer.send(block.record_of(number))) {
            co_return false;
        }
    }
    co_return true;
}

task<void> converse(int fd, const record_file& from) {
    stream peer{fd};
    lookup_request request;
    const auto block = std::make_unique<lookup_block>();  // Aligned, which frames are not.
    for (;;) {
        const auto received = co_await peer.receive();
        if (!received || !*received ||
            !co_await answer_all(peer, from, request, *block, received->bytes())) {
            break;
        }
    }
    co_await peer.close();
}

}  // namespace

int serve_lookups_by_runtime(const record_file& from, const server_options& options) {
    return run_runtime_server(options, [&from](int fd) { return converse(fd, from); });
}

}  // namespace ringway::lab
