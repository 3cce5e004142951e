// Paths: what each becomes, and which are refused.
#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <ringway/wire/path.hpp>

namespace ringway::wire {
namespace {

using namespace std::string_view_literals;

struct path_case {
    std::string_view raw;
    std::string_view expected;  // "400", "404", or the path; a slash at the end: a directory.
};

std::string answer(std::string_view raw) {
    std::array<char, 512> scratch{};
    const auto result = normalize_path(raw, scratch);
    switch (result.verdict) {
        case path_verdict::bad: return "400";
        case path_verdict::not_found: return "404";
        case path_verdict::ok: break;
    }
    return std::string{result.path} + (result.directory ? "/" : "");
}

constexpr path_case cases[] = {
    {"/", "/"},
    {"/a", "a"},
    {"/a/", "a/"},
    {"/a/b.html", "a/b.html"},
    {"/a%20b", "a b"},
    {"/%61%62", "ab"},
    {"/caf%C3%A9", "caf\xc3\xa9"},
    {"/caf%c3%a9", "caf\xc3\xa9"},
    {"/%ff", "\xff"},
    // Slashes.
    {"//", "/"},
    {"//etc", "etc"},
    {"///etc//passwd", "etc/passwd"},
    {"/a//b", "a/b"},
    {"/a//", "a/"},
    // Dot segments, after decoding.
    {"/.", "/"},
    {"/./x", "x"},
    {"/a/./b", "a/b"},
    {"/a/.", "a/"},
    {"/a/..", "/"},
    {"/a/../b", "b"},
    {"/a/b/../../c", "c"},
    {"/a/b/..", "a/"},
    {"/a/%2e%2e/b", "b"},
    {"/a/.%2E/b", "b"},
    {"/a/%2e/b", "a/b"},
    {"/a//../b", "b"},
    {"/...", "..."},
    {"/a/.../b", "a/.../b"},
    {"/..a", "..a"},
    {"/a..", "a.."},
    {"/.hidden", ".hidden"},
    // Climbing above the root.
    {"/..", "400"},
    {"/../x", "400"},
    {"/../../../../etc/passwd", "400"},
    {"/a/../../x", "400"},
    {"/a/../..", "400"},
    {"/.%2e/x", "400"},
    {"/%2e%2e/x", "400"},
    {"/%2E%2E/%2E%2E/x", "400"},
    {"//../x", "400"},
    {"/./../x", "400"},
    // Encoded slashes.
    {"/private%2fsecret", "404"},
    {"/private%2Fsecret", "404"},
    {"/..%2fx", "404"},
    {"/%2e%2e%2fx", "404"},
    {"/%2f", "404"},
    {"/a/%2F../x", "404"},
    // Decoded once.
    {"/%252e%252e/x", "%2e%2e/x"},
    {"/%252fx", "%2fx"},
    {"/%25", "%"},
    {"/%2500", "%00"},
    // Backslashes, semicolons and the like are data.
    {"/..\\x", "..\\x"},
    {"/%5c..", "\\.."},
    {"/..%5c..%5cx", "..\\..\\x"},
    {"/a/..;/x", "a/..;/x"},
    {"/a;b=c/d", "a;b=c/d"},
    {"/a+b", "a+b"},
    {"/C:/x", "C:/x"},
    {"/~root", "~root"},
    // Overlong UTF-8 isn't a dot or a slash.
    {"/%c0%ae%c0%ae/", "\xc0\xae\xc0\xae/"},
    {"/%c0%afetc",
     "\xc0\xaf"
     "etc"},
    {"/%e0%80%af", "\xe0\x80\xaf"},
    // Control characters.
    {"/x%00.html", "400"},
    {"/%00", "400"},
    {"/x%0d%0aX:1", "400"},
    {"/%0a", "400"},
    {"/%09", "400"},
    {"/%1f", "400"},
    {"/%7f", "400"},
    {"/a\0b"sv, "400"},
    {"/a\tb", "400"},
    // Escapes that aren't.
    {"/%", "400"},
    {"/%2", "400"},
    {"/%zz", "400"},
    {"/%2g", "400"},
    {"/%u002e", "400"},
    {"/a%", "400"},
    {"/% 20", "400"},
    {"/%+1", "400"},
    // Not from the root.
    {"", "400"},
    {"x", "400"},
    {"../x", "400"},
    {"*", "400"},
    {"%2fx", "400"},
};

TEST(path_table, every_path_becomes_what_is_written_down) {
    for (const auto& [raw, expected] : cases) {
        EXPECT_EQ(answer(raw), expected) << raw;
    }
}

}  // namespace
}  // namespace ringway::wire
