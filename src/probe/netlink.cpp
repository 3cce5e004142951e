#include "probe/netlink.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <sys/socket.h>
#include <sys/time.h>

#include <ringway/base/assert.hpp>

namespace ringway::probe {
namespace {

// What ends the answers, 0 or an errno; nothing if more will come.
std::optional<int> read_answers(std::span<const std::byte> rest,
                                std::vector<std::vector<std::byte>>* answers) {
    nlmsghdr head{};
    while (rest.size() >= sizeof head) {
        std::memcpy(&head, rest.data(), sizeof head);
        if (head.nlmsg_len < sizeof head || head.nlmsg_len > rest.size()) {
            return EPROTO;
        }
        const auto content = rest.subspan(sizeof head, head.nlmsg_len - sizeof head);
        if (head.nlmsg_type == NLMSG_DONE) {
            return 0;
        }
        if (head.nlmsg_type == NLMSG_ERROR) {
            int failure = -EPROTO;
            std::memcpy(&failure, content.data(), std::min(content.size(), sizeof failure));
            return -failure;
        }
        if (answers != nullptr) {
            answers->emplace_back(content.begin(), content.end());
        }
        const std::size_t whole = NLMSG_ALIGN(head.nlmsg_len);
        rest = whole >= rest.size() ? std::span<const std::byte>{} : rest.subspan(whole);
    }
    return std::nullopt;
}

}  // namespace

netlink_request::netlink_request(std::uint16_t type, std::uint16_t flags) {
    nlmsghdr head{};
    head.nlmsg_type = type;
    head.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
    append(head);
}

void netlink_request::append_bytes(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
}

void netlink_request::attribute(std::uint16_t type, std::span<const std::byte> value) {
    const nlattr head{static_cast<std::uint16_t>(sizeof(nlattr) + value.size()), type};
    append(head);
    append_bytes(value);
}

void netlink_request::text(std::uint16_t type, std::string_view value) {
    std::vector<std::byte> bytes(value.size() + 1);
    std::memcpy(bytes.data(), value.data(), value.size());
    attribute(type, bytes);
}

void netlink_request::number(std::uint16_t type, std::uint32_t value) {
    attribute(type, std::as_bytes(std::span{&value, 1}));
}

std::size_t netlink_request::begin(std::uint16_t type) {
    const std::size_t at = bytes_.size();
    append(nlattr{0, static_cast<std::uint16_t>(type | NLA_F_NESTED)});
    return at;
}

void netlink_request::end(std::size_t begun) noexcept {
    RW_ASSERT(begun + sizeof(nlattr) <= bytes_.size());
    const auto length = static_cast<std::uint16_t>(bytes_.size() - begun);
    std::memcpy(bytes_.data() + begun, &length, sizeof length);
}

std::span<const std::byte> netlink_request::finish() noexcept {
    const auto length = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &length, sizeof length);
    return bytes_;
}

netlink_socket::netlink_socket(int family) noexcept
    : socket_{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family)} {
    constexpr timeval patience{.tv_sec = 0, .tv_usec = 200'000};
    if (!socket_ ||
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
        error_ = errno;
    }
}

int netlink_socket::ask(netlink_request& what, std::vector<std::vector<std::byte>>* answers) {
    const auto request = what.finish();
    if (error_ != 0 || ::send(socket_.get(), request.data(), request.size(), 0) < 0) {
        return error_ != 0 ? error_ : errno;
    }
    std::vector<std::byte> memory(std::size_t{32} * 1024);
    for (;;) {
        const ssize_t size = ::recv(socket_.get(), memory.data(), memory.size(), 0);
        if (size <= 0) {
            return size == 0 ? EPIPE : errno;
        }
        const auto ended = read_answers({memory.data(), static_cast<std::size_t>(size)}, answers);
        if (ended) {
            return *ended;
        }
    }
}

std::uint64_t number_in(std::span<const std::byte> value) noexcept {
    std::uint64_t out = 0;
    if (value.size() <= sizeof out) {
        std::memcpy(&out, value.data(), value.size());
    }
    return out;
}

}  // namespace ringway::probe
