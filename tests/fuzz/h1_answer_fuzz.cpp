// HTTP/1 responses as a client reads them: whole, and byte by byte, with the same outcome.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/base/assert.hpp>
#include <ringway/wire/h1_answer.hpp>

namespace wire = ringway::wire;

namespace {

using status = wire::h1_answer_parser::status;

struct outcome {
    status what = status::need_more;
    std::size_t head = 0;
    std::size_t used = 0;  // Of the body.
    std::string body;
    bool ended = false;

    bool operator==(const outcome&) const = default;
};

outcome read(std::string_view text, std::size_t step, bool to_head) {
    wire::h1_answer_parser parser;
    outcome out;
    for (std::size_t seen = 0; seen < text.size() && out.what == status::need_more;) {
        seen = std::min(text.size(), seen + step);
        const std::string buffer{text.substr(0, seen)};  // Elsewhere in memory each time.
        const auto done = parser.parse(buffer, to_head);
        out.what = done.what;
        out.head = done.consumed;
        RW_ASSERT((done.what == status::bad) == !done.reason.empty());
        if (done.what == status::complete) {
            RW_ASSERT(done.consumed <= seen);
            for (const auto& [name, value] : parser.head().fields) {
                RW_ASSERT(!name.empty() && value.find_first_of("\r\n") == std::string_view::npos);
            }
        }
    }
    if (out.what != status::complete) {
        return out;
    }
    out.ended = !parser.has_body();
    for (std::size_t at = out.head; at < text.size() && !out.ended;) {
        std::string piece{text.substr(at, step)};
        const auto done = parser.read_body(piece);
        if (done.what == status::bad) {
            return {.what = status::bad};
        }
        RW_ASSERT(done.consumed <= piece.size() && done.content <= done.consumed);
        RW_ASSERT(done.what == status::complete || done.consumed == piece.size());
        out.body += piece.substr(0, done.content);
        out.used += done.consumed;
        at += done.consumed;
        out.ended = done.what == status::complete;
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const bool to_head = (data[0] & 1U) != 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto whole = read(text, SIZE_MAX, to_head);
    const auto bytes = read(text, 1, to_head);
    RW_ASSERT(whole.what == bytes.what);
    RW_ASSERT(whole.what != status::complete || whole == bytes);
    return 0;
}
