#include "wire/coding_stage.hpp"

#ifdef RINGWAY_ZLIB

#include <algorithm>
#include <limits>

#include <ringway/base/assert.hpp>
#include <zlib.h>

namespace ringway::wire::detail {
namespace {

constexpr int window_bits = 15;
constexpr int gzip_form = window_bits + 16;
constexpr int raw_form = -window_bits;

// Deflate is meant to come in zlib's form, and often does not. The low half of that form's first
// byte is 8, and would begin a stored block with padding that no encoder writes.
bool has_zlib_head(std::byte first) noexcept {
    return (std::to_integer<unsigned>(first) & 15U) == 8;
}

class zlib_stage final : public content_decoder::stage {
public:
    explicit zlib_stage(zlib_form form) noexcept : form_{form} {}
    ~zlib_stage() override {
        if (begun_) {
            ::inflateEnd(&engine_);
        }
    }

    [[nodiscard]] result<content_decoder::outcome> decode(byte_view from, byte_span into) override;
    [[nodiscard]] bool may_end() const noexcept override { return begun_ && at_end_; }

private:
    void begin(std::byte first);

    zlib_form form_;
    z_stream engine_{};
    bool begun_ = false;
    bool at_end_ = false;  // Of a member, and nothing has come behind it.
};

void zlib_stage::begin(std::byte first) {
    const int form = form_ == zlib_form::gzip ? gzip_form
                     : has_zlib_head(first)   ? window_bits
                                              : raw_form;
    const int failed = ::inflateInit2(&engine_, form);
    RW_ASSERT(failed == Z_OK);  // Memory, or another zlib than it was built with.
    begun_ = true;
}

result<content_decoder::outcome> zlib_stage::decode(byte_view from, byte_span into) {
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    content_decoder::outcome sum;
    if (!begun_) {
        if (from.empty()) {
            return sum;
        }
        begin(from.front());
    }
    for (;;) {
        if (at_end_) {
            if (from.size() == sum.consumed) {
                return sum;
            }
            // Another member begins; anything else is found to be none.
            if (form_ != zlib_form::gzip || ::inflateReset(&engine_) != Z_OK) {
                return fail(errc::malformed);
            }
            at_end_ = false;
        }
        const auto input =
            from.subspan(sum.consumed).first(std::min(from.size() - sum.consumed, most));
        const auto output =
            into.subspan(sum.produced).first(std::min(into.size() - sum.produced, most));
        engine_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
        engine_.avail_in = static_cast<uInt>(input.size());
        engine_.next_out = reinterpret_cast<Bytef*>(output.data());
        engine_.avail_out = static_cast<uInt>(output.size());
        const int how = ::inflate(&engine_, Z_NO_FLUSH);
        sum.consumed += input.size() - engine_.avail_in;
        sum.produced += output.size() - engine_.avail_out;
        at_end_ = how == Z_STREAM_END;
        if (how != Z_OK && how != Z_STREAM_END && how != Z_BUF_ERROR) {
            return fail(errc::malformed);
        }
        const bool full = sum.produced == into.size();
        if (full || (!at_end_ && sum.consumed == from.size())) {
            return sum;
        }
    }
}

}  // namespace

std::unique_ptr<content_decoder::stage> decode_zlib(zlib_form form) {
    return std::make_unique<zlib_stage>(form);
}

}  // namespace ringway::wire::detail

#else

std::unique_ptr<ringway::wire::content_decoder::stage> ringway::wire::detail::decode_zlib(
    zlib_form) {
    return nullptr;
}

#endif
