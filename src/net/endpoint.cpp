#include <ringway/net/endpoint.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <expected>
#include <net/if.h>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/un.h>
#include <system_error>

#include <ringway/base/assert.hpp>

namespace ringway {
namespace {

// The path of sockaddr_un, without the NUL that ends it.
constexpr std::size_t unix_path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
constexpr socklen_t unix_header_bytes = offsetof(sockaddr_un, sun_path);

template <class Address>
result<endpoint> wrap(const Address& address, socklen_t size = sizeof(Address)) noexcept {
    return endpoint::from(reinterpret_cast<const sockaddr*>(&address), size);
}

// Collects why a text is no endpoint.
class parser {
public:
    explicit parser(std::string_view* reason) noexcept : reason_{reason} {}

    result<endpoint> unix_path(std::string_view path) const noexcept {
        if (path.empty() || path == "@") {
            return no("there is no path behind \"unix:\"");
        }
        if (path.size() > unix_path_bytes_max) {
            return no("the path of a Unix socket has at most 107 bytes");
        }
        if (path.contains('\0')) {
            return no("the path holds a NUL byte");
        }
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::ranges::copy(path, address.sun_path);
        const bool abstract = path.front() == '@';
        if (abstract) {
            address.sun_path[0] = '\0';
        }
        const auto bytes = static_cast<socklen_t>(path.size() + (abstract ? 0 : 1));
        return wrap(address, unix_header_bytes + bytes);
    }

    result<std::uint16_t> port(std::string_view text) const noexcept {
        std::uint16_t number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
            return no("the port behind the last ':' must be a number from 0 to 65535");
        }
        return number;
    }

    result<endpoint> ipv4(std::string_view text, std::uint16_t port) const noexcept {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        if (text == "localhost") {
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            return wrap(address);
        }
        if (text.contains(':')) {
            return no("an IPv6 address stands in brackets: [::1]:80");
        }
        if (!as_number(AF_INET, text, &address.sin_addr)) {
            return no(
                "this is no IP address; names of hosts are not looked up, write an address "
                "such as 127.0.0.1:80, or :80 for every address");
        }
        return wrap(address);
    }

    result<endpoint> ipv6(std::string_view text, std::uint16_t port) const noexcept {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(port);
        const std::size_t percent = text.find('%');
        if (!as_number(AF_INET6, text.substr(0, percent), &address.sin6_addr)) {
            return no("what stands in brackets is no IPv6 address");
        }
        if (percent != std::string_view::npos) {
            std::array<char, IF_NAMESIZE> name{};
            const std::string_view wanted = text.substr(percent + 1);
            wanted.copy(name.data(), name.size() - 1);
            address.sin6_scope_id = wanted.size() < name.size() ? ::if_nametoindex(name.data()) : 0;
            if (address.sin6_scope_id == 0) {
                return no("there is no network interface with the name behind '%'");
            }
        }
        return wrap(address);
    }

    std::unexpected<error> no(std::string_view why) const noexcept {
        if (reason_ != nullptr) {
            *reason_ = why;
        }
        return fail(errc::invalid_argument);
    }

private:
    static bool as_number(int family, std::string_view text, void* address) noexcept {
        std::array<char, INET6_ADDRSTRLEN> terminated{};
        if (text.size() >= terminated.size() || text.contains('\0')) {
            return false;
        }
        std::ranges::copy(text, terminated.data());
        return ::inet_pton(family, terminated.data(), address) == 1;
    }

    std::string_view* reason_;
};

template <class Address>
Address storage_as(const sockaddr_storage& storage) noexcept {
    Address address{};
    std::memcpy(&address, &storage, sizeof(address));
    return address;
}

std::string ip_text(const sockaddr_storage& storage) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_INET) {
        const auto address = storage_as<sockaddr_in>(storage);
        ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
        return text.data();
    }
    const auto address = storage_as<sockaddr_in6>(storage);
    ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
    std::string bracketed = "[";
    bracketed += text.data();
    if (address.sin6_scope_id != 0) {
        std::array<char, IF_NAMESIZE> name{};
        bracketed += '%';
        bracketed += ::if_indextoname(address.sin6_scope_id, name.data()) != nullptr
                         ? std::string{name.data()}
                         : std::to_string(address.sin6_scope_id);
    }
    return bracketed + ']';
}

template <class Ask>
result<endpoint> ask_socket(Ask ask, int fd) noexcept {
    sockaddr_storage storage{};
    socklen_t size = sizeof(storage);
    if (ask(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        return fail_errno(errno);
    }
    return wrap(storage, std::min<socklen_t>(size, sizeof(storage)));
}

}  // namespace

result<endpoint> parse_endpoint(std::string_view text, std::string_view* reason) noexcept {
    const parser parse{reason};
    if (text.starts_with("unix:")) {
        return parse.unix_path(text.substr(5));
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return parse.no("the port is missing: write ADDRESS:PORT, [IPV6]:PORT, :PORT or unix:PATH");
    }
    const std::string_view address = text.substr(0, colon);
    if (address.starts_with('[') && text.ends_with(']')) {
        return parse.no("the port is missing behind the brackets: [::1]:80");
    }
    const auto port = parse.port(text.substr(colon + 1));
    if (!port) {
        return std::unexpected{port.error()};
    }
    if (address.empty()) {
        return endpoint::every_address(*port);
    }
    if (address.starts_with('[') && address.ends_with(']')) {
        return parse.ipv6(address.substr(1, address.size() - 2), *port);
    }
    return parse.ipv4(address, *port);
}

result<endpoint> endpoint::from(const sockaddr* address, socklen_t size) noexcept {
    if (address == nullptr || size < sizeof(sa_family_t)) {
        return fail(errc::invalid_argument);
    }
    endpoint made;
    std::memcpy(&made.storage_, address, std::min<std::size_t>(size, sizeof(sa_family_t)));
    socklen_t least = 0;
    socklen_t most = 0;
    switch (made.family()) {
        case AF_INET: least = most = sizeof(sockaddr_in); break;
        case AF_INET6: least = most = sizeof(sockaddr_in6); break;
        case AF_UNIX:
            least = unix_header_bytes;
            most = sizeof(sockaddr_un);
            break;
        default: return fail(errc::unsupported);
    }
    if (size < least) {
        return fail(errc::invalid_argument);
    }
    made.size_ = std::min(size, most);
    std::memcpy(&made.storage_, address, made.size_);
    return made;
}

endpoint endpoint::every_address(std::uint16_t port) noexcept {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    endpoint made = *wrap(address);
    made.both_families_ = true;
    return made;
}

endpoint endpoint::loopback(std::uint16_t port) noexcept {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return *wrap(address);
}

std::uint16_t endpoint::port() const noexcept {
    // The port is at the same place in both.
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    return is_ip() ? ntohs(storage_as<sockaddr_in>(storage_).sin_port) : std::uint16_t{0};
}

endpoint endpoint::with_port(std::uint16_t port) const noexcept {
    RW_ASSERT(is_ip());
    endpoint changed = *this;
    const std::uint16_t in_network_order = htons(port);
    std::memcpy(reinterpret_cast<std::byte*>(&changed.storage_) + offsetof(sockaddr_in, sin_port),
                &in_network_order, sizeof(in_network_order));
    return changed;
}

std::string endpoint::path() const {
    if (!is_unix() || size_ <= unix_header_bytes) {
        return {};
    }
    const auto address = storage_as<sockaddr_un>(storage_);
    const std::size_t bytes = size_ - unix_header_bytes;
    if (address.sun_path[0] == '\0') {
        return '@' + std::string{address.sun_path + 1, bytes - 1};
    }
    const std::string_view text{address.sun_path, bytes};  // May end in a NUL, or may not.
    return std::string{text.substr(0, text.find('\0'))};
}

std::string endpoint::to_text() const {
    if (is_unix()) {
        return "unix:" + path();
    }
    if (!is_ip()) {
        return "(no address)";
    }
    const std::string address = both_families_ ? std::string{} : ip_text(storage_);
    return address + ':' + std::to_string(port());
}

bool operator==(const endpoint& a, const endpoint& b) noexcept {
    return a.size_ == b.size_ && a.both_families_ == b.both_families_ &&
           std::memcmp(&a.storage_, &b.storage_, a.size_) == 0;
}

result<endpoint> local_endpoint(int fd) noexcept { return ask_socket(::getsockname, fd); }

result<endpoint> peer_endpoint(int fd) noexcept { return ask_socket(::getpeername, fd); }

}  // namespace ringway
