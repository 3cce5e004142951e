#include "wire/coding_stage.hpp"

#ifdef RINGWAY_ZSTD

#include <ringway/base/assert.hpp>
#include <zstd.h>

namespace ringway::wire::detail {
namespace {

constexpr int window_log_max = 23;  // 8 MiB: RFC 9659 section 3.

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
    ZSTD_DStream* engine_;
    bool at_end_ = false;    // Of a frame; another may follow.
    bool has_more_ = false;  // Output may have been left inside.
};

result<content_decoder::outcome> zstd_stage::decode(byte_view from, byte_span into) {
    ZSTD_inBuffer input{from.data(), from.size(), 0};
    ZSTD_outBuffer output{into.data(), into.size(), 0};
    // Not called where nothing can come of it: between two frames it would take that for the
    // beginning of another, and it gives up after some calls without progress.
    while (output.pos < output.size && (input.pos < input.size || (has_more_ && !at_end_))) {
        const auto before = input.pos + output.pos;
        const auto hint = ::ZSTD_decompressStream(engine_, &output, &input);
        if (::ZSTD_isError(hint) != 0) {
            return fail(errc::malformed);
        }
        at_end_ = hint == 0;
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
