// The request parser: whole, byte by byte and cut at random must agree, and agree with a model.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

#include <ringway/base/assert.hpp>

#include "../unit/wire/h1_support.hpp"
#include "h1_model.hpp"

namespace {

namespace wire = ringway::wire;
using status = wire::h1_request_parser::status;

// Small enough for the fuzzer to reach.
constexpr wire::head_limits limits{
    .line_bytes_max = 256, .target_bytes_max = 64, .header_bytes_max = 1024, .header_count_max = 8};

void compare_with_model(const wire::read_message& read, std::string_view text) {
    const auto head = wire::model::read(text);
    const bool accepted = read.what == status::complete || read.in_body;
    if (!accepted) {
        // The model knows no limits, hosts or forms of targets.
        const bool beyond_model =
            read.reject_status == 414 || read.reject_status == 431 || read.reject_status == 501 ||
            read.reason == "bad Host" || read.reason == "bad target" ||
            read.reason == "* is for OPTIONS" || read.reason == "CONNECT needs host:port";
        RW_ASSERT(!head || beyond_model);
        return;
    }
    RW_ASSERT(head.has_value());
    RW_ASSERT(read.in_body || read.consumed == head->size);
    RW_ASSERT(read.method_text == head->method && read.target == head->target);
    RW_ASSERT(read.version_minor == static_cast<unsigned>(head->minor));
    RW_ASSERT(read.fields.size() == head->fields.size());
    for (std::size_t i = 0; i < read.fields.size(); ++i) {
        RW_ASSERT(read.fields[i].first == head->fields[i].first);
        RW_ASSERT(read.fields[i].second == head->fields[i].second);
    }
}

void check_statuses(const wire::read_message& read) {
    if (read.what != status::bad) {
        RW_ASSERT(read.reject_status == 0 && read.reason.empty());
        return;
    }
    RW_ASSERT(!read.reason.empty() && read.consumed == 0);
    constexpr std::array promised{400, 414, 431, 501, 505};
    RW_ASSERT(std::ranges::find(promised, read.reject_status) != promised.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto whole = wire::read_whole(text, limits);
    RW_ASSERT(wire::read_bytewise(text, limits) == whole);
    std::minstd_rand random{static_cast<unsigned>(size)};
    wire::h1_request_parser parser{limits};
    for (int i = 0; i < 2; ++i, parser.next()) {
        const auto cut = wire::read_in_pieces(parser, text, [&] { return random() % 17; });
        RW_ASSERT(cut == whole);
    }
    check_statuses(whole);
    compare_with_model(whole, text);
    return 0;
}
