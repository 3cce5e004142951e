// Taking the compression of Content-Encoding off a body (RFC 9110 section 8.4), as a stream.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>

namespace ringway::wire {

/// What this build can decode, as Accept-Encoding has it: "gzip, br, zstd". Empty: nothing.
/// Lifetime: the program's.
[[nodiscard]] std::string_view known_codings() noexcept;

/// Decodes gzip with any number of members (RFC 1952), deflate with zlib's head or without
/// (RFC 9110 section 8.4.1.2), br (RFC 7932) and zstd (RFC 8878, its windows up to 8 MiB as in
/// RFC 9659), and up to three of them on top of each other. Memory: at most 20 MiB each, whatever
/// the input says.
class content_decoder {
public:
    /// Codings of one body; more are refused.
    static constexpr std::size_t codings_max = 3;
    /// Content may grow `ratio_max` times, and beyond that as long as it is below `free_bytes`.
    static constexpr std::uint64_t ratio_max = 250;
    static constexpr std::uint64_t free_bytes = std::uint64_t{64} * 1024 * 1024;

    struct outcome {
        std::size_t consumed = 0;
        std::size_t produced = 0;
    };

    /// For the value of Content-Encoding, case ignored; null where that asks for nothing
    /// ("identity", an empty one). Fails with `unsupported` for a coding that is unknown or not in
    /// this build, and for too many.
    [[nodiscard]] static result<std::unique_ptr<content_decoder>> make(std::string_view codings);
    content_decoder(const content_decoder&) = delete;
    content_decoder& operator=(const content_decoder&) = delete;
    ~content_decoder();

    /// Decodes from `from` into `into`, which is not empty: all of `from` is consumed, or `into` is
    /// full. After a full `into` more may follow, even without further input.
    /// Fails with `malformed` for what is no such coding and for bytes behind its end, `limit` for
    /// content that grows too much; then it is of no further use.
    [[nodiscard]] result<outcome> decode(byte_view from, byte_span into);

    /// All input was given and all output taken: fails with `truncated` where the coding does not
    /// end here. A body without a byte is content without a byte.
    [[nodiscard]] result<void> finish();

    /// After a failure: why, in words. Static text.
    [[nodiscard]] std::string_view problem() const noexcept { return problem_; }

    /// One coding; src/wire/coding_stage.hpp.
    class stage;

private:
    struct level;
    content_decoder();
    [[nodiscard]] result<outcome> run(std::size_t depth, byte_view from, byte_span into);

    std::vector<level> levels_;  // The last was applied first, so it is decoded last.
    std::string_view problem_;
    std::uint64_t consumed_ = 0;
    std::uint64_t produced_ = 0;
};

}  // namespace ringway::wire
