// Compressed bodies: in one piece, and in small pieces into little room, with the same outcome.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/wire/content_decoder.hpp>

using ringway::byte_view;
using ringway::errc;
using ringway::wire::content_decoder;

namespace {

constexpr std::size_t content_bytes_max = std::size_t{1} << 16U;
constexpr std::array<std::string_view, 6> codings{"gzip", "deflate",  "br",
                                                  "zstd", "gzip, br", "deflate, gzip, zstd"};

struct outcome {
    errc failed = errc::none;
    std::string content;

    bool operator==(const outcome&) const = default;
};

outcome decode(content_decoder& decoder, byte_view from, std::size_t step, std::size_t room) {
    std::vector<std::byte> into(room);
    outcome out;
    bool more = false;
    while ((more || !from.empty()) && out.content.size() < content_bytes_max) {
        const auto piece = from.first(std::min(step, from.size()));
        const auto decoded = decoder.decode(piece, into);
        if (!decoded) {
            RW_ASSERT(!decoder.problem().empty());
            out.failed = decoded.error().code;
            out.content.clear();  // How much came before depends on the pieces.
            return out;
        }
        RW_ASSERT(decoded->consumed <= piece.size() && decoded->produced <= room);
        more = decoded->produced == room;
        RW_ASSERT(more || decoded->consumed == piece.size());
        out.content.append(reinterpret_cast<const char*>(into.data()), decoded->produced);
        from = from.subspan(decoded->consumed);
    }
    if (from.empty() && !more) {
        const auto whole = decoder.finish();
        out.failed = whole ? errc::none : whole.error().code;
    }
    out.content.resize(std::min(out.content.size(), content_bytes_max));
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const auto coding = codings[data[0] % codings.size()];
    auto one = content_decoder::make(coding);
    auto other = content_decoder::make(coding);
    if (!one || !other) {  // Not in this build.
        return 0;
    }
    const byte_view body{reinterpret_cast<const std::byte*>(data) + 2, size - 2};
    const auto whole = decode(**one, body, SIZE_MAX, std::size_t{64} * 1024);
    const auto pieces = decode(**other, body, 1 + data[1] % 7, 1 + data[1] / 7);
    const bool cut =
        whole.content.size() == content_bytes_max || pieces.content.size() == content_bytes_max;
    RW_ASSERT(cut || whole == pieces);
    return 0;
}
