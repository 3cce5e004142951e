#include "lab/fd_passing.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ringway::lab {
namespace {

struct message_memory {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * helper_report::fds_max)> control{};
    std::array<int, 2> words{};
};

void send_result(int to, const helper_result& result) {
    message_memory memory;
    memory.words = {result.step, result.error};
    iovec piece{.iov_base = memory.words.data(), .iov_len = sizeof memory.words};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (result.count > 0) {
        const auto bytes = sizeof(int) * result.count;
        message.msg_control = memory.control.data();
        message.msg_controllen = CMSG_SPACE(bytes);
        auto* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(bytes);
        std::memcpy(CMSG_DATA(header), result.fds.data(), bytes);
    }
    while (::sendmsg(to, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
}

std::optional<helper_report> receive_report(int from) {
    message_memory memory;
    iovec piece{.iov_base = memory.words.data(), .iov_len = sizeof memory.words};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = memory.control.data();
    message.msg_controllen = memory.control.size();
    ssize_t received = 0;
    while ((received = ::recvmsg(from, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
    }
    if (received != static_cast<ssize_t>(sizeof memory.words)) {
        return std::nullopt;
    }
    helper_report report{.step = memory.words[0], .error = memory.words[1]};
    const auto* const header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        std::array<int, helper_report::fds_max> fds{};
        report.count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        std::memcpy(fds.data(), CMSG_DATA(header), report.count * sizeof(int));
        for (std::size_t i = 0; i < report.count; ++i) {
            report.fds[i] = unique_fd{fds[i]};
        }
    }
    return report;
}

}  // namespace

std::optional<helper_report> run_helper(helper_result (*work)(const void* argument),
                                        const void* argument) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return std::nullopt;
    }
    const unique_fd ours{pair[0]};
    unique_fd theirs{pair[1]};
    const auto child = ::fork();
    if (child == 0) {
        send_result(theirs.get(), work(argument));
        ::_exit(0);
    }
    theirs.reset();
    if (child < 0) {
        return std::nullopt;
    }
    auto report = receive_report(ours.get());
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    return report;
}

}  // namespace ringway::lab
