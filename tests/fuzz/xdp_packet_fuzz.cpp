// A frame of a stranger, and an expression: what is parsed lies within, and an answer is one that a
// peer accepts.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "xdp/filter.hpp"
#include "xdp/headers.hpp"
#include "xdp/responder.hpp"

namespace {

void check(bool is_true) {
    if (!is_true) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ringway::xdp;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto line = text.find('\n');
    const auto expression = filter::parse(text.substr(0, line));
    if (line == std::string_view::npos) {
        return 0;
    }
    const auto given = std::as_bytes(std::span{data, size}.subspan(line + 1));
    std::vector<std::byte> frame(given.begin(), given.end());
    const auto it = parse_frame(frame);
    check(it.has_value() == (frame.size() >= 14));
    if (!it) {
        return 0;
    }
    check(it->end <= frame.size() && it->transport <= it->end);
    if (expression) {
        (void)expression->matches(*it, frame.size());
    }
    static const responder_options ours{
        .mac = {2, 0, 0, 0, 0, 1},
        .addresses = {*parse_prefix("10.77.0.1"), *parse_prefix("fd77::1")},
        .udp_port = 7};
    auto length = static_cast<std::uint32_t>(frame.size());
    frame.resize(frame.size() + answer_growth);
    const auto said = respond(frame, length, ours);
    check(length <= frame.size());
    frame.resize(length);
    if (said == answer::none) {
        check(std::ranges::equal(frame, given));
    } else if (said != answer::arp) {
        const auto answered = parse_frame(frame);
        check(answered && checksums_are_right(frame, *answered));
    }
    return 0;
}
