// Goal: precompressed files go to those who accept them, and caches can tell them apart.
#include <string>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

std::string accepting(const char* codings) {
    return std::string{"Accept-Encoding: "} + codings + "\r\n";
}

class serve_encodings : public ::testing::Test {
protected:
    serve_encodings() {
        site_.add("all.js", "identity");
        site_.add("all.js.gz", "gzip bytes");
        site_.add("all.js.br", "br bytes");
        site_.add("all.js.zst", "zst bytes");
        site_.add("some.js", "identity");
        site_.add("some.js.gz", "gzip bytes");
        site_.add("none.js", "identity");
        site_.add("only.js.gz", "gzip bytes");
        site_.add("index.html", "<p>");
        site_.add("index.html.br", "br page");
        large_ = site_.add_pattern("large.js", 300'000, 1);
        large_gz_ = site_.add_pattern("large.js.gz", 200'000, 2);
    }

    temporary_site site_;
    std::string large_;
    std::string large_gz_;
};

struct encoding_case {
    const char* accept;
    const char* coding;
    const char* body;
};

TEST_F(serve_encodings, best_of_what_is_accepted) {
    const server_process server{site_.path()};
    http_client client = server.connect();
    constexpr encoding_case cases[] = {
        {"gzip", "gzip", "gzip bytes"},
        {"GZIP", "gzip", "gzip bytes"},
        {"gzip;q=0", "", "identity"},
        {"gzip;q=0.5, br;q=0.1", "gzip", "gzip bytes"},
        {"br", "br", "br bytes"},
        {"zstd", "zstd", "zst bytes"},
        {"gzip, deflate", "gzip", "gzip bytes"},
        {"identity", "", "identity"},
        {"deflate", "", "identity"},
        {"", "", "identity"},
        {"nonsense;;;", "", "identity"},
    };
    for (int i = 0; i < 2; ++i) {
        for (const auto& [accept, coding, body] : cases) {
            const http_response got = client.get("/all.js", accepting(accept));
            EXPECT_EQ(got.body, body) << accept;
            EXPECT_EQ(got.field("Content-Encoding"), coding) << accept;
            EXPECT_EQ(got.field("Vary"), "Accept-Encoding") << accept;
            EXPECT_TRUE(got.field("Content-Type").starts_with("text/javascript")) << accept;
        }
        EXPECT_EQ(client.get("/all.js").body, "identity");
        EXPECT_EQ(client.get("/all.js", accepting("gzip, br, zstd")).field("Content-Encoding"),
                  "br");
        EXPECT_EQ(client.get("/some.js", accepting("br, gzip")).body, "gzip bytes");
        // Several lines are one list (RFC 9110 section 5.3).
        EXPECT_EQ(client.get("/all.js", accepting("deflate") + accepting("gzip")).body,
                  "gzip bytes");
        EXPECT_EQ(client.get("/all.js", accepting("*") + "X: y\r\n" + accepting("br;q=0"))
                      .field("Content-Encoding"),
                  client.get("/all.js", accepting("*, br;q=0")).field("Content-Encoding"));
        EXPECT_EQ(client.get("/none.js", accepting("br, gzip")).body, "identity");
        EXPECT_EQ(client.get("/none.js").field("Vary"), "Accept-Encoding");
        EXPECT_EQ(client.get("/only.js", accepting("gzip")).status, 404);
        EXPECT_EQ(client.get("/", accepting("br")).body, "br page");
        EXPECT_FALSE(client.get("/all.js.gz").has("Content-Encoding"));
    }
}

TEST_F(serve_encodings, large_files_too) {
    const server_process server{site_.path()};
    http_client client = server.connect();
    for (int i = 0; i < 2; ++i) {
        const http_response got = client.get("/large.js", accepting("gzip"));
        EXPECT_TRUE(got.body == large_gz_);
        EXPECT_EQ(got.field("Content-Encoding"), "gzip");
        EXPECT_TRUE(client.get("/large.js").body == large_);
    }
}

TEST_F(serve_encodings, each_variant_has_its_own_tag) {
    const server_process server{site_.path()};
    http_client client = server.connect();
    const std::string plain = client.get("/all.js").field("ETag");
    const std::string gzip = client.get("/all.js", accepting("gzip")).field("ETag");
    const std::string brotli = client.get("/all.js", accepting("br")).field("ETag");
    EXPECT_NE(plain, gzip);
    EXPECT_NE(plain, brotli);
    EXPECT_NE(gzip, brotli);
    const auto if_none = [](const std::string& tag) { return "If-None-Match: " + tag + "\r\n"; };
    EXPECT_EQ(client.get("/all.js", accepting("gzip") + if_none(gzip)).status, 304);
    EXPECT_EQ(client.get("/all.js", accepting("gzip") + if_none(plain)).status, 200);
    EXPECT_EQ(client.get("/all.js", if_none(gzip)).status, 200);
}

TEST_F(serve_encodings, parts_are_of_the_variant) {
    const server_process server{site_.path()};
    http_client client = server.connect();
    const http_response part = client.get("/all.js", accepting("gzip") + "Range: bytes=0-3\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "gzip");
    EXPECT_EQ(part.field("Content-Range"), "bytes 0-3/10");
    EXPECT_EQ(part.field("Content-Encoding"), "gzip");
    // A multipart has no coding of its own to name: the whole variant it is.
    const http_response several =
        client.get("/large.js", accepting("gzip") + "Range: bytes=0-0,1000-1000\r\n");
    EXPECT_EQ(several.status, 200);
    EXPECT_TRUE(several.body == large_gz_);
}

TEST_F(serve_encodings, only_the_codings_that_the_operator_names) {
    const server_process gzip_only{site_.path(), {"--precompressed", "gz"}};
    EXPECT_EQ(gzip_only.get("/all.js", accepting("br, gzip")).body, "gzip bytes");
    const server_process off{site_.path(), {"--precompressed", "off"}};
    const http_response got = off.get("/all.js", accepting("br, gzip"));
    EXPECT_EQ(got.body, "identity");
    EXPECT_FALSE(got.has("Vary"));
}

// Goal: a variant that comes, changes or goes is noticed like the file itself.
TEST_F(serve_encodings, variants_are_kept_true) {
    const server_process server{site_.path()};
    http_client client = server.connect();
    const auto becomes = [&](std::string_view body) {
        return eventually([&] { return client.get("/none.js", accepting("gzip")).body == body; });
    };
    EXPECT_TRUE(becomes("identity"));
    site_.add("none.js.gz", "new");
    EXPECT_TRUE(becomes("new"));
    site_.replace("none.js.gz", "newer");
    EXPECT_TRUE(becomes("newer"));
    site_.remove("none.js.gz");
    EXPECT_TRUE(becomes("identity"));
}

// Goal: a link to a file elsewhere is no way around the policy for variants either.
TEST_F(serve_encodings, variant_behind_a_refused_link_is_not_served) {
    const temporary_site outside;
    outside.add("secret", "outside");
    site_.add_link("none.js.gz", outside.at("secret"));
    const server_process server{site_.path()};
    EXPECT_EQ(server.get("/none.js", accepting("gzip")).body, "identity");
}

}  // namespace
}  // namespace ringway::test
