// A file of addresses: what is read from it can be written down and read again, and a refusal names
// a line that is there.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "guard/list_file.hpp"

namespace {

void check(bool is_true) {
    if (!is_true) {
        std::abort();
    }
}

void check_refusal(std::string_view why, std::string_view text) {
    check(why.starts_with("list:"));
    why.remove_prefix(5);
    std::size_t line = 0;
    std::from_chars(why.data(), why.data() + why.size(), line);
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    check(line >= 1 && line <= lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ringway::guard;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto list = parse_list(text, "list");
    if (!list) {
        check_refusal(list.error(), text);
        return 0;
    }
    std::string again;
    for (const list_entry& each : *list) {
        check(each.range.length <= (each.range.v6 ? 128 : 32));
        check(each.range.contains(each.range));
        again += to_text(each.range);
        if (each.lifetime) {
            check(each.lifetime->count() > 0);
            again += " for " + std::to_string(each.lifetime->count()) + "s";
        }
        again += '\n';
    }
    const auto same = parse_list(again, "again");
    check(same.has_value() && same->size() == list->size());
    for (std::size_t i = 0; i < list->size(); ++i) {
        check(same->at(i).range == list->at(i).range &&
              same->at(i).lifetime == list->at(i).lifetime);
    }
    return 0;
}
