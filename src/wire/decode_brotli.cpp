#include "wire/coding_stage.hpp"

#ifdef RINGWAY_BROTLI

#include <brotli/decode.h>

#include <ringway/base/assert.hpp>

namespace ringway::wire::detail {
namespace {

class brotli_stage final : public content_decoder::stage {
public:
    brotli_stage() noexcept : engine_{::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)} {
        RW_ASSERT(engine_ != nullptr);
    }
    ~brotli_stage() override { ::BrotliDecoderDestroyInstance(engine_); }

    [[nodiscard]] result<content_decoder::outcome> decode(byte_view from, byte_span into) override;
    [[nodiscard]] bool may_end() const noexcept override {
        return ::BrotliDecoderIsFinished(engine_) != 0;
    }

private:
    BrotliDecoderState* engine_;
};

result<content_decoder::outcome> brotli_stage::decode(byte_view from, byte_span into) {
    std::size_t input = from.size();
    std::size_t output = into.size();
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(from.data());
    auto* next_out = reinterpret_cast<std::uint8_t*>(into.data());
    const auto how = may_end() ? BROTLI_DECODER_RESULT_SUCCESS
                               : ::BrotliDecoderDecompressStream(engine_, &input, &next_in, &output,
                                                                 &next_out, nullptr);
    const bool garbage = how == BROTLI_DECODER_RESULT_SUCCESS && input > 0;
    if (how == BROTLI_DECODER_RESULT_ERROR || garbage) {
        return fail(errc::malformed);
    }
    return content_decoder::outcome{from.size() - input, into.size() - output};
}

}  // namespace

std::unique_ptr<content_decoder::stage> decode_brotli() { return std::make_unique<brotli_stage>(); }

}  // namespace ringway::wire::detail

#else

std::unique_ptr<ringway::wire::content_decoder::stage> ringway::wire::detail::decode_brotli() {
    return nullptr;
}

#endif
