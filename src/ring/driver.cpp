#include <ringway/ring/driver.hpp>

#include <sys/socket.h>
#include <unistd.h>

namespace ringway {

thread_local driver* driver::current_ = nullptr;

void driver::close_now(int fd) noexcept { ::close(fd); }

void driver::shutdown_now(int fd, int how) noexcept { ::shutdown(fd, how); }

std::size_t driver::send_now(int fd, byte_view bytes) noexcept {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

result<std::uint16_t> driver::enroll_buffer(byte_span /*memory*/) noexcept {
    return fail(errc::unsupported);
}

void driver::dismiss_buffer(std::uint16_t /*slot*/) noexcept { RW_ASSERT(false); }

result<std::uint16_t> driver::enroll_file(int /*fd*/) noexcept { return fail(errc::unsupported); }

void driver::dismiss_file(std::uint16_t /*slot*/) noexcept { RW_ASSERT(false); }

result<void> driver::enable_polling() noexcept { return fail(errc::unsupported); }

const char* name_of(op_kind kind) noexcept {
    switch (kind) {
        case op_kind::nop: return "nop";
        case op_kind::accept: return "accept";
        case op_kind::connect: return "connect";
        case op_kind::recv: return "recv";
        case op_kind::send: return "send";
        case op_kind::sendmsg: return "sendmsg";
        case op_kind::recvmsg: return "recvmsg";
        case op_kind::poll: return "poll";
        case op_kind::read: return "read";
        case op_kind::write: return "write";
        case op_kind::fsync: return "fsync";
        case op_kind::openat2: return "openat2";
        case op_kind::statx: return "statx";
        case op_kind::splice: return "splice";
        case op_kind::sendfile: return "sendfile";
        case op_kind::shutdown: return "shutdown";
        case op_kind::close: return "close";
        case op_kind::fallocate: return "fallocate";
        case op_kind::ftruncate: return "ftruncate";
        case op_kind::fadvise: return "fadvise";
        case op_kind::rename: return "rename";
        case op_kind::link: return "link";
        case op_kind::unlink: return "unlink";
        case op_kind::mkdir: return "mkdir";
        case op_kind::send_zc: return "send_zc";
        case op_kind::sendmsg_zc: return "sendmsg_zc";
        case op_kind::count_: break;
    }
    return "unknown";
}

std::uint64_t driver_counters::in_flight() const noexcept {
    std::uint64_t difference = 0;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        difference += submitted[kind].get() - completed[kind].get();
    }
    return difference;
}

}  // namespace ringway
