// Operations in one line, for tests.
#pragma once

#include <cstdint>
#include <string>

#include <ringway/ring/operation.hpp>

namespace ringway::test {

[[nodiscard]] inline operation recv_into(int fd, std::string& target) {
    return {.kind = op_kind::recv,
            .fd = fd,
            .length = static_cast<std::uint32_t>(target.size()),
            .address = target.data()};
}

/// A receive into a pooled buffer.
[[nodiscard]] inline operation recv_pooled(int fd) {
    return {.kind = op_kind::recv, .select_buffer = true, .fd = fd};
}

/// Receives into pooled buffers until cancelled.
[[nodiscard]] inline operation recv_stream(int fd) {
    return {.kind = op_kind::recv, .multishot = true, .select_buffer = true, .fd = fd};
}

/// `text` must outlive the operation.
[[nodiscard]] inline operation send_of(int fd, const std::string& text) {
    return {.kind = op_kind::send,
            .fd = fd,
            .length = static_cast<std::uint32_t>(text.size()),
            .address = const_cast<char*>(text.data())};
}

[[nodiscard]] inline operation poll_for(int fd, std::uint32_t events) {
    return {.kind = op_kind::poll, .fd = fd, .flags = events};
}

[[nodiscard]] inline operation read_into(int fd, std::string& target,
                                         std::uint64_t offset = operation::no_offset) {
    return {.kind = op_kind::read,
            .fd = fd,
            .length = static_cast<std::uint32_t>(target.size()),
            .offset = offset,
            .address = target.data()};
}

/// `text` must outlive the operation.
[[nodiscard]] inline operation write_of(int fd, const std::string& text,
                                        std::uint64_t offset = operation::no_offset) {
    return {.kind = op_kind::write,
            .fd = fd,
            .length = static_cast<std::uint32_t>(text.size()),
            .offset = offset,
            .address = const_cast<char*>(text.data())};
}

[[nodiscard]] inline operation sendfile_of(int socket, int file, std::uint64_t offset,
                                           std::size_t length) {
    return {.kind = op_kind::sendfile,
            .fd = socket,
            .other_fd = file,
            .length = static_cast<std::uint32_t>(length),
            .offset = offset};
}

/// Between two pipes or sockets, or from the place of `from` if it is a file.
[[nodiscard]] inline operation splice_of(int from, int to, std::size_t length,
                                         std::uint64_t offset = operation::no_offset) {
    return {.kind = op_kind::splice,
            .fd = from,
            .other_fd = to,
            .length = static_cast<std::uint32_t>(length),
            .offset = offset};
}

}  // namespace ringway::test
