// The settings of an HTTP/3 server that a client remembers with a ticket (RFC 9114, 7.2.4.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <ringway/base/bytes.hpp>

namespace ringway::http::detail {

/// Those that bear on what a client sends; as long as nothing has come, the defaults.
struct h3_settings {
    std::uint64_t field_section_max =
        (std::uint64_t{1} << 62U) - 1;  ///< As RFC 9114 section 4.2.2 counts them.
    std::uint64_t qpack_table_max = 0;  ///< RFC 9204 section 5.
    std::uint64_t qpack_blocked_max = 0;

    friend bool operator==(const h3_settings&, const h3_settings&) = default;
};

[[nodiscard]] std::vector<std::byte> to_bytes(const h3_settings& settings);
/// Nothing for what is no such bytes.
[[nodiscard]] std::optional<h3_settings> read_h3_settings(byte_view bytes) noexcept;

/// A server that has accepted early data keeps at least what was `remembered`. Else the error to
/// close with: H3_SETTINGS_ERROR, or QPACK_DECODER_STREAM_ERROR for another table size (RFC 9204
/// section 3.2.3).
[[nodiscard]] std::optional<std::uint64_t> broken_promise(const h3_settings& remembered,
                                                          const h3_settings& now) noexcept;

}  // namespace ringway::http::detail
