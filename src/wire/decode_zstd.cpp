#include "wire/coding_stage.hpp"

#ifdef RINGWAY_ZSTD

#include <array>

#include <ringway/base/assert.hpp>
#include <zstd.h>

namespace ringway::wire::detail {
namespace {

constexpr int window_log_max = 23;  // 8 MiB: RFC 9659 section 3.

constexpr std::size_t magic_bytes = 4;

// Whether `next` may be the byte at `place` of a frame of RFC 8878, section 3.1.1 or 3.1.2. The
// library knows older formats as well, which nobody may send.
bool begins_frame(std::byte next, std::byte first, std::size_t place) noexcept {
    constexpr std::array<unsigned, magic_bytes> frame{0x28, 0xb5, 0x2f, 0xfd};
    constexpr std::array<unsigned, magic_bytes> skipped{0x50, 0x2a, 0x4d, 0x18};
    const auto value = std::to_integer<unsigned>(next);
    if (place == 0) {
        return value == frame[0] || (value & 0xf0U) == skipped[0];
    }
    return value == (std::to_integer<unsigned>(first) == frame[0] ? frame : skipped)[place];
}

class zstd_stage final : public content_decoder::stage {
public:
    zstd_stage() noexcept : engine_{::ZSTD_createDStream()} {
        RW_ASSERT(engine_ != nullptr);
        ::ZSTD_DCtx_setParameter(engine_, ZSTD_d_windowLogMax, window_log_max);
    }
    ~zstd_stage() override { ::ZSTD_freeDStream(engine_); }

    [[nodiscard]] result<content_decoder::outcome> decode(byte_view from, byte_span into) override;
    [[nodiscard]] bool may_end() const noexcept override { return at_end_; }

private:
    [[nodiscard]] bool may_follow(byte_view next) noexcept;

    ZSTD_DStream* engine_;
    std::byte first_{0};           // Of the frame.
    std::size_t frame_bytes_ = 0;  // Taken of it.
    bool at_end_ = false;          // Of a frame; another may follow.
    bool has_more_ = false;        // Output may have been left inside.
};

bool zstd_stage::may_follow(byte_view next) noexcept {
    for (std::size_t i = 0; frame_bytes_ + i < magic_bytes && i < next.size(); ++i) {
        first_ = frame_bytes_ + i == 0 ? next[0] : first_;
        if (!begins_frame(next[i], first_, frame_bytes_ + i)) {
            return false;
        }
    }
    return true;
}

result<content_decoder::outcome> zstd_stage::decode(byte_view from, byte_span into) {
    ZSTD_inBuffer input{from.data(), from.size(), 0};
    ZSTD_outBuffer output{into.data(), into.size(), 0};
    // Not called where nothing can come of it: between two frames it would take that for the
    // beginning of another, and it gives up after some calls without progress.
    while (output.pos < output.size && (input.pos < input.size || (has_more_ && !at_end_))) {
        if (!may_follow(from.subspan(input.pos))) {
            return fail(errc::malformed);
        }
        const auto taken = input.pos;
        const auto before = input.pos + output.pos;
        const auto hint = ::ZSTD_decompressStream(engine_, &output, &input);
        if (::ZSTD_isError(hint) != 0) {
            return fail(errc::malformed);
        }
        at_end_ = hint == 0;
        frame_bytes_ = at_end_ ? 0 : frame_bytes_ + input.pos - taken;
        has_more_ = output.pos == output.size;
        if (input.pos + output.pos == before) {
            break;
        }
    }
    return content_decoder::outcome{input.pos, output.pos};
}

}  // namespace

std::unique_ptr<content_decoder::stage> decode_zstd() { return std::make_unique<zstd_stage>(); }

}  // namespace ringway::wire::detail

#else

std::unique_ptr<ringway::wire::content_decoder::stage> ringway::wire::detail::decode_zstd() {
    return nullptr;
}

#endif
