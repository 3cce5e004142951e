// Targets and paths: the result stays inside of the root and is stable.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/base/assert.hpp>
#include <ringway/wire/escape.hpp>
#include <ringway/wire/path.hpp>

namespace {

namespace wire = ringway::wire;

void check_normal(std::string_view path) {
    RW_ASSERT(path.size() <= wire::path_bytes_max);
    for (const char c : path) {
        RW_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
    while (!path.empty()) {
        const auto segment = path.substr(0, path.find('/'));
        RW_ASSERT(!segment.empty() && segment != "." && segment != "..");
        RW_ASSERT(segment.size() <= wire::segment_bytes_max);
        RW_ASSERT(path.size() != segment.size() + 1);  // No slash at the end.
        path.remove_prefix(segment.size() < path.size() ? segment.size() + 1 : segment.size());
    }
}

void check_stable(const wire::normal_path& normal) {
    std::string escaped = "/";
    wire::append_escaped_path(escaped, normal.path);
    if (normal.directory && !normal.path.empty()) {
        escaped += '/';
    }
    std::string again(escaped.size(), '\0');
    const auto second = wire::normalize_path(escaped, again);
    RW_ASSERT(second.verdict == wire::path_verdict::ok);
    RW_ASSERT(second.path == normal.path && second.directory == normal.directory);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto target = wire::split_target(text);
    std::string scratch(text.size(), '\0');
    for (const auto raw : {text, target.path}) {
        const auto normal = wire::normalize_path(raw, scratch);
        if (normal.verdict == wire::path_verdict::ok) {
            check_normal(normal.path);
            check_stable(normal);
        } else {
            RW_ASSERT(normal.path.empty());
        }
        // Less memory never turns a refused path into a good one, nor is it overrun.
        std::string small(raw.size() / 2, '\0');
        const auto cramped = wire::normalize_path(raw, small);
        RW_ASSERT(cramped.verdict != wire::path_verdict::ok || cramped.path == normal.path);
        RW_ASSERT((cramped.verdict == wire::path_verdict::bad) ==
                  (normal.verdict == wire::path_verdict::bad));
    }
    (void)wire::percent_decode(target.query, scratch);
    std::string html;
    std::string json;
    wire::append_html_escaped(html, text);
    wire::append_json_escaped(json, text);
    RW_ASSERT(html.find_first_of("<>\"'") == std::string::npos);
    RW_ASSERT(json.find_first_of("<>&\n") == std::string::npos);
    return 0;
}
