// The bytes of a client's handshake, cut anywhere, to a server's session.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/tls/self_certificate.hpp>

#include "tls/session.hpp"

namespace tls = ringway::tls;

namespace {

struct world {
    world() {
        const std::vector<std::string> names{"localhost"};
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        const auto now_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
        const auto text = tls::make_self_certificate(names, now_s);
        RW_ASSERT(text.has_value());
        auto set = tls::certificate_set::make({&*text, 1}, now_s);
        RW_ASSERT(set.has_value());
        holder.replace(*std::move(set));
        context =
            *tls::server_context::make(holder, {.alpn = {"h2", "http/1.1"}, .allow_tls_1_2 = true});
    }
    tls::certificate_holder holder;
    std::unique_ptr<tls::server_context> context;
};

}  // namespace

// The first byte is the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static world once;
    if (size == 0) {
        return 0;
    }
    const std::size_t piece_bytes = data[0] == 0 ? size : data[0];
    ringway::byte_view rest{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
    const auto server = tls::session::accept(*once.context);
    auto progress = server->advance();
    while (!rest.empty() && progress == tls::session::progress::wants_input) {
        const auto piece = rest.first(std::min(piece_bytes, rest.size()));
        rest = rest.subspan(piece.size());
        server->feed(piece);
        progress = server->advance();
        RW_ASSERT(progress != tls::session::progress::wants_input || server->unread() == 0);
    }
    RW_ASSERT(progress != tls::session::progress::failed || !server->problem().empty());
    return 0;
}
