#include <ringway/files/mime.hpp>

#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace ringway::files {
namespace {

TEST(mime_table, knows_what_the_web_is_made_of) {
    const mime_table table;
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"index.html", "text/html; charset=utf-8"},
        {"style.css", "text/css; charset=utf-8"},
        {"app.js", "text/javascript; charset=utf-8"},
        {"app.mjs", "text/javascript; charset=utf-8"},
        {"data.json", "application/json; charset=utf-8"},
        {"feed.atom", "application/atom+xml; charset=utf-8"},
        {"site.webmanifest", "application/manifest+json; charset=utf-8"},
        {"logo.svg", "image/svg+xml; charset=utf-8"},
        {"sitemap.xml", "application/xml; charset=utf-8"},
        {"README.md", "text/markdown; charset=utf-8"},
        {"main.rs", "text/plain; charset=utf-8"},
        {"module.wasm", "application/wasm"},
        {"font.woff2", "font/woff2"},
        {"photo.JPG", "image/jpeg"},
        {"film.webm", "video/webm"},
        {"book.pdf", "application/pdf"},
    };
    for (const auto& [name, type] : cases) {
        EXPECT_EQ(table.content_type(name), type) << name;
    }
}

TEST(mime_table, looks_at_the_end_of_the_last_segment) {
    const mime_table table;

    EXPECT_EQ(table.content_type("foo.tar.gz"), "application/gzip");
    EXPECT_EQ(table.content_type("a.html/b.png"), "image/png");
    EXPECT_EQ(table.content_type("/srv/www/x.png"), "image/png");
    EXPECT_EQ(table.content_type("a.html/b"), mime_table::unknown_type);
}

TEST(mime_table, has_one_answer_for_the_unknown) {
    const mime_table table;
    for (const auto* name : {"", ".", "..", "README", ".html", ".bashrc", "x.", "x..", "x.nosuch",
                             "x.html ", "dir.html/"}) {
        EXPECT_EQ(table.content_type(name), mime_table::unknown_type) << name;
    }
    EXPECT_EQ(table.content_type("x." + std::string(5000, 'a')), mime_table::unknown_type);
}

TEST(mime_table, a_dot_file_with_an_extension_has_one) {
    EXPECT_EQ(mime_table{}.content_type(".config.json"), "application/json; charset=utf-8");
}

TEST(mime_table, the_longest_known_extension_wins) {
    mime_table table;
    table.add_text("application/spdx+json spdx.json\napplication/x-odd  b.c.d\n");

    EXPECT_EQ(table.content_type("sbom.spdx.json"), "application/spdx+json; charset=utf-8");
    EXPECT_EQ(table.content_type("sbom.json"), "application/json; charset=utf-8");
    EXPECT_EQ(table.content_type(".spdx.json"), "application/json; charset=utf-8");
    EXPECT_EQ(table.content_type("a.b.c.d"), mime_table::unknown_type);  // Two parts at most.
}

TEST(mime_table, reads_the_format_of_mime_types) {
    mime_table table;

    const auto added = table.add_text(
        "# comment\n"
        "\n"
        "application/x-one\t\tone ONE2   two.parts\r\n"
        "  text/x-two  two # three\n"
        "application/x-nothing\n"
        "audio/AMR AMR");

    EXPECT_EQ(added, 5U);
    EXPECT_EQ(table.content_type("x.one"), "application/x-one");
    EXPECT_EQ(table.content_type("x.one2"), "application/x-one");
    EXPECT_EQ(table.content_type("x.Two"), "text/x-two; charset=utf-8");
    EXPECT_EQ(table.content_type("x.three"), mime_table::unknown_type);
    EXPECT_EQ(table.content_type("x.amr"), "audio/AMR");
}

TEST(mime_table, the_last_line_wins) {
    mime_table table;
    table.add_text("image/x-mine png\nimage/x-first dup\nimage/x-second DUP\n");

    EXPECT_EQ(table.content_type("a.png"), "image/x-mine");
    EXPECT_EQ(table.content_type("a.dup"), "image/x-second");
}

TEST(mime_table, skips_what_makes_no_sense) {
    mime_table table;
    const auto before = table.size();
    const std::string long_type = "text/" + std::string(mime_table::type_bytes_max, 'x');
    const std::string long_extension(mime_table::extension_bytes_max + 1, 'e');

    EXPECT_EQ(table.add_text("nonsense bad1\n/ bad2\ntext/ bad3\n/plain bad4\n"), 0U);
    EXPECT_EQ(table.add_text("text/a/b bad5\ntext/h\x01 bad6\ntext/x;charset=x bad7\n"), 0U);
    EXPECT_EQ(table.add_text(long_type + " bad8\n"), 0U);
    EXPECT_EQ(table.add_text("text/x a/b .dot " + long_extension + " \xff\n"), 0U);
    EXPECT_EQ(table.add_text("types { text/html html; }\n"), 0U);  // Another server's format.

    EXPECT_EQ(table.size(), before);
}

TEST(mime_table, reads_the_file_of_the_system) {
    mime_table table;
    const auto added = table.add_file(std::string{mime_table::system_path});
    if (!added) {
        GTEST_SKIP() << "no " << mime_table::system_path << ": " << describe(added.error());
    }

    EXPECT_GT(*added, 100U);
    EXPECT_EQ(table.content_type("index.html"), "text/html; charset=utf-8");
    EXPECT_EQ(table.content_type("a.tar.gz"), "application/gzip");
}

TEST(mime_table, reports_a_file_that_can_not_be_read) {
    mime_table table;
    const auto before = table.size();

    EXPECT_EQ(table.add_file("/nonexistent/mime.types").error().code, errc::not_found);
    EXPECT_FALSE(table.add_file("/").has_value());
    EXPECT_EQ(table.add_file("/dev/zero").error().code, errc::limit);

    EXPECT_EQ(table.size(), before);
}

TEST(mime_table, keeps_its_texts_when_it_moves) {
    mime_table first;
    const auto type = first.content_type("x.html");

    const mime_table second{std::move(first)};

    EXPECT_EQ(second.content_type("x.html").data(), type.data());
}

TEST(mime_table, limits_how_much_it_remembers) {
    mime_table table;
    std::string text = "application/x-many";
    for (std::size_t i = 0; i < mime_table::extensions_max + 100; ++i) {
        text.append(" many").append(std::to_string(i));
    }

    table.add_text(text);

    EXPECT_EQ(table.size(), mime_table::extensions_max);
    EXPECT_EQ(table.add_text("text/x-again many0"), 1U);  // What it knows can still change.
}

// Property: no text makes a table that returns something that is no field value.
TEST(mime_table, survives_any_text) {
    constexpr std::string_view alphabet = "ab/. \t\r\n#;+-\x01\xff\"";
    std::mt19937 random{20260204};
    mime_table table;
    for (int round = 0; round < 2'000; ++round) {
        std::string text;
        for (auto count = random() % 100; count > 0; --count) {
            text += alphabet[random() % alphabet.size()];
        }
        table.add_text(text);
    }
    for (const auto* name : {"x.a", "x.b", "x.aa", "x.ab", "x.a.b", "x.b.a", "x.ba"}) {
        const auto type = table.content_type(name);
        EXPECT_EQ(type.find_first_of("\r\n\t\x01\xff\"#"), std::string_view::npos) << type;
        EXPECT_LE(type.size(), 256U);
    }
}

TEST(is_textual, is_true_for_what_people_read) {
    EXPECT_TRUE(is_textual("text/x-anything"));
    EXPECT_TRUE(is_textual("application/ld+json"));
    EXPECT_TRUE(is_textual("image/svg+xml"));
    EXPECT_TRUE(is_textual("application/javascript"));
    EXPECT_FALSE(is_textual("image/png"));
    EXPECT_FALSE(is_textual("application/octet-stream"));
    EXPECT_FALSE(is_textual("application/jsonx"));
}

}  // namespace
}  // namespace ringway::files
