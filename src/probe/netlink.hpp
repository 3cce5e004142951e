// Requests to the kernel by netlink(7): attributes, nested ones, answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <linux/netlink.h>
#include <span>
#include <string_view>
#include <vector>

#include <ringway/base/unique_fd.hpp>

namespace ringway::probe {

/// One message under construction.
class netlink_request {
public:
    netlink_request(std::uint16_t type, std::uint16_t flags);

    /// The fixed part that follows the head, such as ifinfomsg.
    template <class Part>
    void append(const Part& part) {
        append_bytes(std::as_bytes(std::span{&part, 1}));
    }
    void attribute(std::uint16_t type, std::span<const std::byte> value);
    void text(std::uint16_t type, std::string_view value);  ///< With a zero at its end.
    void number(std::uint16_t type, std::uint32_t value);
    /// Everything appended until `end(begun)` is inside.
    [[nodiscard]] std::size_t begin(std::uint16_t type);
    void end(std::size_t begun) noexcept;

    [[nodiscard]] std::span<const std::byte> finish() noexcept;

private:
    void append_bytes(std::span<const std::byte> bytes);
    std::vector<std::byte> bytes_;
};

/// A socket of one family. Answers come within 200 ms or not at all.
class netlink_socket {
public:
    explicit netlink_socket(int family) noexcept;
    [[nodiscard]] int error() const noexcept { return error_; }

    /// Sends, and appends the content of each answer to `answers`, until the acknowledgement or
    /// the end of the dump. Yields 0 or the errno.
    int ask(netlink_request& what, std::vector<std::vector<std::byte>>* answers = nullptr);

private:
    unique_fd socket_;
    int error_ = 0;
};

/// Calls `hear(type, value)` for each attribute in `bytes`; damaged rests are passed over.
template <class Hear>
void for_each_attribute(std::span<const std::byte> bytes, Hear&& hear) {
    nlattr head{};
    while (bytes.size() >= sizeof head) {
        std::memcpy(&head, bytes.data(), sizeof head);
        if (head.nla_len < sizeof head || head.nla_len > bytes.size()) {
            return;
        }
        hear(static_cast<std::uint16_t>(head.nla_type & NLA_TYPE_MASK),
             bytes.subspan(sizeof head, head.nla_len - sizeof head));
        const std::size_t whole = NLA_ALIGN(head.nla_len);
        bytes = whole >= bytes.size() ? std::span<const std::byte>{} : bytes.subspan(whole);
    }
}

/// An unsigned number of any size up to 8 bytes; 0 if it is longer or empty.
[[nodiscard]] std::uint64_t number_in(std::span<const std::byte> value) noexcept;

}  // namespace ringway::probe
