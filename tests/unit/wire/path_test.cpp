#include <ringway/wire/path.hpp>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/wire/escape.hpp>

namespace ringway::wire {
namespace {

struct owned_path {
    path_verdict verdict;
    std::string path;
    bool directory;

    friend bool operator==(const owned_path&, const owned_path&) = default;
};

owned_path normalize(std::string_view raw) {
    std::string scratch(raw.size(), '#');  // What the contract promises to be enough.
    const auto result = normalize_path(raw, scratch);
    return {result.verdict, std::string{result.path}, result.directory};
}

TEST(path, target_is_split_whatever_its_form) {
    const auto split = [](std::string_view target) {
        const auto parts = split_target(target);
        return std::string{parts.path} + " " + std::string{parts.query};
    };
    EXPECT_EQ(split("/a/b"), "/a/b ");
    EXPECT_EQ(split("/a?x=1?y"), "/a x=1?y");
    EXPECT_EQ(split("/?"), "/ ");
    EXPECT_EQ(split("http://h:80/a?b"), "/a b");
    EXPECT_EQ(split("http://h"), "/ ");
    EXPECT_EQ(split("http://h?q"), "/ q");
    EXPECT_EQ(split("/http://h/"), "/http://h/ ");
    EXPECT_EQ(split("*"), "* ");
    EXPECT_EQ(split("example.org:443"), " ");
}

TEST(path, long_segments_and_paths_are_not_found) {
    const std::string name(255, 'n');
    EXPECT_EQ(normalize("/" + name).verdict, path_verdict::ok);
    EXPECT_EQ(normalize("/" + name + "n").verdict, path_verdict::not_found);
    std::string path;
    while (path.size() < 4096) {
        path += "/" + std::string(63, 'd');
    }
    ASSERT_EQ(path.size(), 4096U);
    EXPECT_EQ(normalize(path).verdict, path_verdict::ok);
    EXPECT_EQ(normalize(path).path.size(), path_bytes_max);
    EXPECT_EQ(normalize(path + "/").verdict, path_verdict::ok);
    EXPECT_EQ(normalize(path + "/x").verdict, path_verdict::not_found);
    EXPECT_EQ(normalize(path + "/x/..").verdict, path_verdict::ok);
}

TEST(path, malformed_wins_over_not_found) {
    EXPECT_EQ(normalize("/" + std::string(300, 'n') + "%zz").verdict, path_verdict::bad);
    EXPECT_EQ(normalize("/a%2Fb/..").verdict, path_verdict::not_found);
    EXPECT_EQ(normalize("/a%2Fb/../../x").verdict, path_verdict::bad);
}

TEST(path, small_scratch_is_not_found_and_never_overrun) {
    for (std::size_t size = 0; size < 6; ++size) {
        std::array<char, 8> scratch{};
        scratch.fill('#');
        const auto result = normalize_path("/abc/de", std::span{scratch}.first(size));
        EXPECT_EQ(result.verdict, path_verdict::not_found) << size;
        EXPECT_EQ(scratch[size], '#');
    }
    std::array<char, 6> enough{};
    EXPECT_EQ(normalize_path("/abc/de", enough).path, "abc/de");
}

// A slower way to the same answer: decode, split, walk.
owned_path model(std::string_view raw) {
    std::string text;
    bool encoded_slash = false;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        char c = raw[i];
        if (c == '%') {
            const auto digits = std::string{raw.substr(i + 1, 2)};
            if (digits.size() < 2 ||
                digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
                return {path_verdict::bad, "", false};
            }
            c = static_cast<char>(std::stoi(digits, nullptr, 16));
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            return {path_verdict::bad, "", false};
        }
        if (raw[i] != '/' && c == '/') {
            encoded_slash = true;
            c = '\1';  // Part of a name, and no name has this byte otherwise.
        }
        text += c;
    }
    std::vector<std::string> names;
    std::string name;
    bool directory = false;
    text += '/';
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] != '/') {
            name += text[i];
            continue;
        }
        directory = name.empty() || name == "." || name == "..";
        if (name == "..") {
            if (names.empty()) {
                return {path_verdict::bad, "", false};
            }
            names.pop_back();
        } else if (!directory) {
            names.push_back(name);
        }
        name.clear();
    }
    if (encoded_slash) {
        return {path_verdict::not_found, "", false};
    }
    std::string joined;
    for (const auto& part : names) {
        joined += (joined.empty() ? "" : "/") + part;
    }
    return {path_verdict::ok, joined, directory};
}

std::string random_path(std::mt19937& random) {
    static constexpr std::array<std::string_view, 18> pieces{
        "/", "/",   ".",   "..",  "a",  "bc",       "%2e", "%2E", "%2f",
        "%", "%41", "%25", "%00", "\\", "\xc3\xa9", ";",   "?",   "%5c"};
    std::string raw = "/";
    for (auto count = random() % 10; count > 0; --count) {
        raw += pieces[random() % pieces.size()];
    }
    return raw;
}

TEST(path, agrees_with_a_naive_model) {
    std::mt19937 random{3};
    for (int i = 0; i < 200'000; ++i) {
        const auto raw = random_path(random);
        ASSERT_EQ(normalize(raw), model(raw)) << raw;
    }
}

// Goal: a normal path, escaped and sent again, stays what it is, so that redirects end.
TEST(path, is_stable_once_normal) {
    std::mt19937 random{4};
    for (int i = 0; i < 100'000; ++i) {
        const auto raw = random_path(random);
        const auto once = normalize(raw);
        if (once.verdict != path_verdict::ok) {
            continue;
        }
        std::string escaped = "/";
        append_escaped_path(escaped, once.path);
        if (once.directory && !once.path.empty()) {
            escaped += '/';
        }
        ASSERT_EQ(normalize(escaped), once) << raw << " -> " << escaped;
    }
}

// Goal: whatever comes in, nothing comes out that could leave the root.
TEST(path, never_holds_dot_or_empty_segments) {
    std::mt19937 random{5};
    for (int i = 0; i < 100'000; ++i) {
        const auto result = normalize(random_path(random));
        const auto walled = "/" + result.path + "/";
        ASSERT_EQ(walled.find("/../"), std::string::npos);
        ASSERT_EQ(walled.find("/./"), std::string::npos);
        ASSERT_TRUE(result.path.empty() || walled.find("//") == std::string::npos);
        ASSERT_EQ(result.path.find('\0'), std::string::npos);
    }
}

TEST(path, query_is_decoded_on_request) {
    std::array<char, 8> out{};
    EXPECT_EQ(percent_decode("a%20b+c", out), "a b+c");
    EXPECT_EQ(percent_decode("", out), "");
    EXPECT_EQ(percent_decode("%2", out), std::nullopt);
    EXPECT_EQ(percent_decode("%g0", out), std::nullopt);
    EXPECT_EQ(percent_decode("12345678", out), "12345678");
    EXPECT_EQ(percent_decode("123456789", out), std::nullopt);
}

}  // namespace
}  // namespace ringway::wire
