#include "http/client_link.hpp"

#include <algorithm>
#include <chrono>
#include <linux/tcp.h>
#include <netinet/in.h>  // NOLINT(misc-include-cleaner): IPPROTO_TCP comes by it.
#include <sys/socket.h>

#include <ringway/net/plain_transport.hpp>

namespace ringway::http::detail {

client_link::client_link(int fd)
    : stream_{std::make_unique<stream>(fd)},
      transport_{std::make_unique<plain_transport>(*stream_)} {}

client_link::client_link(int fd, const tls::client_context& context, std::string_view host,
                         byte_view resume) {
    auto made = std::make_unique<tls::connection>(fd, context, host, resume);
    secure_ = made.get();
    transport_ = std::move(made);
}

task<result<void>> client_link::handshake() {
    if (secure_ == nullptr) {
        co_return result<void>{};
    }
    co_return co_await secure_->handshake();
}

std::vector<std::byte> client_link::resumption_data() const {
    return secure_ == nullptr ? std::vector<std::byte>{} : secure_->resumption_data();
}

client_facts client_link::facts() const noexcept {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(transport_->fd(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
        return {};
    }
    return {.rtt = std::chrono::microseconds{info.tcpi_rtt},
            .rtt_min = std::chrono::microseconds{info.tcpi_min_rtt},
            .lost = info.tcpi_lost,
            .retransmitted = info.tcpi_total_retrans,
            .congestion_window = std::uint64_t{info.tcpi_snd_cwnd} * info.tcpi_snd_mss};
}

task<void> client_link::close() {
    if (transport_->pending() == 0) {
        transport_->shutdown_send();
    }
    co_await transport_->close();
}

task<result<void>> send_all(transport& to, byte_view bytes) {
    while (!bytes.empty()) {
        const std::size_t fits = std::min(bytes.size(), to.free_bytes());
        to.put(bytes.first(fits));
        bytes = bytes.subspan(fits);
        if (to.free_bytes() == 0 || bytes.empty()) {
            const auto sent = co_await to.flush();
            if (!sent) {
                co_return std::unexpected{sent.error()};
            }
        }
    }
    co_return result<void>{};
}

}  // namespace ringway::http::detail
