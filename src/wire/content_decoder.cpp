#include <ringway/wire/content_decoder.hpp>

#include <algorithm>
#include <utility>

#include <ringway/base/assert.hpp>

#include "wire/chars.hpp"
#include "wire/coding_stage.hpp"

namespace ringway::wire {
namespace {

// Between two codings.
constexpr std::size_t between_bytes = std::size_t{16} * 1024;

std::unique_ptr<content_decoder::stage> make_stage(std::string_view name) {
    using detail::same_ignoring_case;
    if (same_ignoring_case(name, "gzip") || same_ignoring_case(name, "x-gzip")) {
        return detail::decode_zlib(detail::zlib_form::gzip);
    }
    if (same_ignoring_case(name, "deflate")) {
        return detail::decode_zlib(detail::zlib_form::deflate);
    }
    if (same_ignoring_case(name, "br")) {
        return detail::decode_brotli();
    }
    return same_ignoring_case(name, "zstd") ? detail::decode_zstd() : nullptr;
}

std::string_view trimmed(std::string_view text) noexcept {
    const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::string_view take_element(std::string_view& list) noexcept {
    const auto end = std::min(list.find(','), list.size());
    const auto element = trimmed(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    return element;
}

}  // namespace

// With what has come out of the level below and was not taken yet.
struct content_decoder::level {
    std::unique_ptr<stage> coding;
    std::vector<std::byte> between = {};
    std::size_t first = 0;
    std::size_t last = 0;
};

std::string_view known_codings() noexcept {
    static const std::string text = [] {
        std::string all;
        for (const std::string_view each : {"gzip", "br", "zstd"}) {
            if (make_stage(each) != nullptr) {
                all.append(all.empty() ? "" : ", ").append(each);
            }
        }
        return all;
    }();
    return text;
}

content_decoder::content_decoder() = default;
content_decoder::~content_decoder() = default;

result<std::unique_ptr<content_decoder>> content_decoder::make(std::string_view codings) {
    std::unique_ptr<content_decoder> made{new content_decoder};
    while (!codings.empty()) {
        const auto name = take_element(codings);
        if (name.empty() || detail::same_ignoring_case(name, "identity")) {
            continue;
        }
        auto coding = make_stage(name);
        if (coding == nullptr || made->levels_.size() == codings_max) {
            return fail(errc::unsupported);
        }
        made->levels_.insert(made->levels_.begin(), level{std::move(coding)});
    }
    if (made->levels_.empty()) {
        return std::unique_ptr<content_decoder>{};
    }
    for (std::size_t i = 1; i < made->levels_.size(); ++i) {
        made->levels_[i].between.resize(between_bytes);
    }
    return made;
}

// Level 0 reads `from`, each other what comes out of the one below it.
result<content_decoder::outcome> content_decoder::run(std::size_t depth, byte_view from,
                                                      byte_span into) {
    level& here = levels_[depth];
    if (depth == 0) {
        return here.coding->decode(from, into);
    }
    outcome sum;
    for (;;) {
        const byte_view waiting{here.between.data() + here.first, here.last - here.first};
        const auto decoded = here.coding->decode(waiting, into.subspan(sum.produced));
        if (!decoded) {
            return decoded;
        }
        here.first += decoded->consumed;
        sum.produced += decoded->produced;
        if (sum.produced == into.size()) {
            return sum;
        }
        const auto below = run(depth - 1, from.subspan(sum.consumed), here.between);
        if (!below) {
            return below;
        }
        here.first = 0;
        here.last = below->produced;
        sum.consumed += below->consumed;
        if (below->produced == 0) {
            return sum;
        }
    }
}

result<content_decoder::outcome> content_decoder::decode(byte_view from, byte_span into) {
    RW_ASSERT(!into.empty());
    const auto decoded = run(levels_.size() - 1, from, into);
    if (!decoded || (decoded->consumed < from.size() && decoded->produced < into.size())) {
        problem_ = "the compressed body is damaged";
        return fail(errc::malformed);
    }
    consumed_ += decoded->consumed;
    produced_ += decoded->produced;
    if (produced_ > free_bytes && produced_ / ratio_max > consumed_) {
        problem_ = "the compressed body grows more than 250 times by decoding";
        return fail(errc::limit);
    }
    return decoded;
}

result<void> content_decoder::finish() {
    const bool whole =
        std::ranges::all_of(levels_, [](const level& each) { return each.coding->may_end(); });
    if (whole || consumed_ == 0) {
        return {};
    }
    problem_ = "the compressed body ends in the middle";
    return fail(errc::truncated);
}

}  // namespace ringway::wire
