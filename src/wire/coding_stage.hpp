// One coding of Content-Encoding, taken off by the library that knows it.
#pragma once

#include <memory>

#include <ringway/wire/content_decoder.hpp>

namespace ringway::wire {

class content_decoder::stage {
public:
    stage() = default;
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;
    virtual ~stage() = default;

    /// As `content_decoder::decode`. Fails with `malformed` only.
    [[nodiscard]] virtual result<outcome> decode(byte_view from, byte_span into) = 0;

    /// Whether the coding may end here.
    [[nodiscard]] virtual bool may_end() const noexcept = 0;
};

namespace detail {

enum class zlib_form : std::uint8_t { gzip, deflate };

// Null where the library is not in this build.
[[nodiscard]] std::unique_ptr<content_decoder::stage> decode_zlib(zlib_form form);
[[nodiscard]] std::unique_ptr<content_decoder::stage> decode_brotli();
[[nodiscard]] std::unique_ptr<content_decoder::stage> decode_zstd();

}  // namespace detail
}  // namespace ringway::wire
