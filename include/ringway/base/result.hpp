// What can go wrong for reasons outside the program, as a value.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace ringway {

/// The kind of failure. Callers branch on it; people read `describe`.
enum class errc : std::uint16_t {
    none = 0,
    system,            ///< The kernel said no; `error::sys` is the errno.
    canceled,          ///< A stop was requested (ECANCELED).
    timed_out,         ///< A deadline passed.
    closed,            ///< The peer is gone or the end was reached where more was needed.
    truncated,         ///< A file is shorter than promised.
    not_found,         ///< No such file or directory.
    not_permitted,     ///< Refused by permissions or by confinement to a root.
    not_regular,       ///< Exists, but is no regular file.
    would_block,       ///< A `try_` operation could not be done at once.
    out_of_buffers,    ///< The buffer ring is empty (ENOBUFS).
    limit,             ///< A limit of ours would be exceeded.
    invalid_argument,  ///< A parameter or configuration value makes no sense.
    malformed,         ///< Input that does not follow its grammar.
    unsupported,       ///< The kernel or the build lacks the feature.
};

/// A failure: what kind, and the kernel's errno where there is one. Trivially copyable, 8 bytes.
struct error {
    errc code = errc::none;
    int sys = 0;

    friend bool operator==(error, error) = default;
};
static_assert(sizeof(error) == 8);

template <class T>
using result = std::expected<T, error>;

/// The errno `sys` as an error, with the code that callers can branch on.
[[nodiscard]] error error_from_errno(int sys) noexcept;

/// `error_from_errno` as an unexpected value, for `return fail_errno(errno);`.
[[nodiscard]] std::unexpected<error> fail_errno(int sys) noexcept;

/// An error without an errno as an unexpected value.
[[nodiscard]] std::unexpected<error> fail(errc code) noexcept;

/// The name of the code, for logs and tests ("truncated").
[[nodiscard]] std::string_view name_of(errc code) noexcept;

/// One line for people: the code's name and the text of the errno.
[[nodiscard]] std::string describe(error failure);

}  // namespace ringway
