#include <ringway/files/plan_file.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/files/site_options.hpp>
#include <ringway/wire/date.hpp>

#include "support/made_request.hpp"

namespace ringway::files {
namespace {

using testing::made_request;
using wire::method_id;

constexpr std::int64_t now_s = 1'770'000'000;

file_facts make_facts() {
    return {
        .size = 1000,
        .mtime_s = 784'111'777,
        .etag = "\"3e8-1\"",
        .last_modified = "Sun, 06 Nov 1994 08:49:37 GMT",
        .content_type = "text/plain; charset=utf-8",
        .content_encoding = "",
        .vary_encoding = true,
        .cache_control = "max-age=60",
        .boundary_seed = 42,
    };
}

TEST(plan_file, a_plain_get_gets_the_whole_file) {
    const made_request asked{method_id::get};
    http::response_plan plan;

    plan_file(asked, make_facts(), now_s, plan);

    EXPECT_EQ(plan.status, 200);
    const auto& slice = std::get<http::slice_body>(plan.body).slice;
    EXPECT_EQ(slice.offset, 0U);
    EXPECT_EQ(slice.length, 1000U);
    EXPECT_EQ(plan.headers.find("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(plan.headers.find("Content-Length"), "1000");
    EXPECT_EQ(plan.headers.find("ETag"), "\"3e8-1\"");
    EXPECT_EQ(plan.headers.find("Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(plan.headers.find("Accept-Ranges"), "bytes");
    EXPECT_EQ(plan.headers.find("Cache-Control"), "max-age=60");
    EXPECT_EQ(plan.headers.find("Vary"), "Accept-Encoding");
    EXPECT_EQ(plan.headers.find("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(plan.headers.find("Content-Encoding"), "");
    EXPECT_EQ(plan.headers.find("Content-Range"), "");
}

TEST(plan_file, leaves_out_fields_it_has_no_value_for) {
    const made_request asked{method_id::get};
    http::response_plan plan;

    plan_file(asked, {.size = 5}, now_s, plan);

    ASSERT_EQ(plan.headers.fields().size(), 3U);
    EXPECT_EQ(plan.headers.find("Content-Length"), "5");
    EXPECT_EQ(plan.headers.find("Accept-Ranges"), "bytes");
    EXPECT_EQ(plan.headers.find("X-Content-Type-Options"), "nosniff");
}

TEST(plan_file, an_empty_file_has_a_length_but_no_body) {
    const made_request asked{method_id::get, {{"Range", "bytes=0-"}}};
    http::response_plan plan;

    plan_file(asked, {.size = 0}, now_s, plan);

    EXPECT_EQ(plan.status, 200);
    EXPECT_EQ(plan.headers.find("Content-Length"), "0");
    EXPECT_TRUE(std::holds_alternative<http::no_body>(plan.body));
}

TEST(plan_file, head_has_the_headers_of_get_and_no_body) {
    http::response_plan get;
    http::response_plan head;

    plan_file(made_request{method_id::get}, make_facts(), now_s, get);
    plan_file(made_request{method_id::head, {{"Range", "bytes=0-1"}}}, make_facts(), now_s, head);

    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(std::holds_alternative<http::no_body>(head.body));
    EXPECT_TRUE(std::ranges::equal(
        get.headers.fields(), head.headers.fields(),
        [](const auto& a, const auto& b) { return a.name == b.name && a.value == b.value; }));
}

TEST(plan_file, copies_the_texts_of_the_file) {
    std::string etag = "\"3e8-1\"";
    auto facts = make_facts();
    facts.etag = etag;
    http::response_plan plan;

    plan_file(made_request{method_id::get}, facts, now_s, plan);
    etag.assign(etag.size(), 'x');

    EXPECT_EQ(plan.headers.find("ETag"), "\"3e8-1\"");
}

TEST(plan_file, a_304_says_what_caches_need_and_no_more) {
    const made_request asked{method_id::get, {{"If-None-Match", "\"3e8-1\""}}};
    http::response_plan plan;

    plan_file(asked, make_facts(), now_s, plan);

    EXPECT_EQ(plan.status, 304);
    ASSERT_EQ(plan.headers.fields().size(), 3U);
    EXPECT_EQ(plan.headers.find("ETag"), "\"3e8-1\"");
    EXPECT_EQ(plan.headers.find("Cache-Control"), "max-age=60");
    EXPECT_EQ(plan.headers.find("Vary"), "Accept-Encoding");
    EXPECT_TRUE(std::holds_alternative<http::no_body>(plan.body));
}

TEST(plan_file, a_304_without_etag_says_when_the_file_was_modified) {
    const made_request asked{method_id::get,
                             {{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}};
    auto facts = make_facts();
    facts.etag = "";
    http::response_plan plan;

    plan_file(asked, facts, now_s, plan);

    EXPECT_EQ(plan.status, 304);
    EXPECT_EQ(plan.headers.find("Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(plan_file, a_412_has_a_body_for_people) {
    const made_request asked{method_id::get, {{"If-Match", "\"other\""}}};
    http::response_plan plan;

    plan_file(asked, make_facts(), now_s, plan);

    EXPECT_EQ(plan.status, 412);
    EXPECT_TRUE(std::holds_alternative<http::text_body>(plan.body));
    EXPECT_EQ(plan.headers.find("ETag"), "");
}

TEST(plan_file, a_416_says_how_long_the_file_is) {
    const made_request asked{method_id::get, {{"Range", "bytes=1000-"}}};
    http::response_plan plan;

    plan_file(asked, make_facts(), now_s, plan);

    EXPECT_EQ(plan.status, 416);
    EXPECT_EQ(plan.headers.find("Content-Range"), "bytes */1000");
}

TEST(plan_file, parts_of_an_encoded_variant_are_sent_one_at_a_time_only) {
    auto facts = make_facts();
    facts.content_encoding = "br";
    http::response_plan one;
    http::response_plan several;

    plan_file(made_request{method_id::get, {{"Range", "bytes=5-9"}}}, facts, now_s, one);
    plan_file(made_request{method_id::get, {{"Range", "bytes=5-9,500-509"}}}, facts, now_s,
              several);

    EXPECT_EQ(one.status, 206);
    EXPECT_EQ(one.headers.find("Content-Encoding"), "br");
    EXPECT_EQ(several.status, 200);
    EXPECT_EQ(http::length_of(several.body), 1000U);
}

TEST(plan_file, multipart_names_its_boundary_and_no_range) {
    const made_request asked{method_id::get, {{"Range", "bytes=0-9,500-509"}}};
    http::response_plan plan;

    plan_file(asked, make_facts(), now_s, plan);

    EXPECT_EQ(plan.status, 206);
    const auto& body = std::get<http::multipart_body>(plan.body);
    EXPECT_EQ(body.part_count(), 2U);
    EXPECT_EQ(plan.headers.find("Content-Type"),
              "multipart/byteranges; boundary=" + std::string{body.boundary()});
    EXPECT_EQ(plan.headers.find("Content-Length"), std::to_string(body.length()));
    EXPECT_EQ(plan.headers.find("Content-Range"), "");
}

TEST(plan_file, each_multipart_response_has_its_own_boundary) {
    const made_request asked{method_id::get, {{"Range", "bytes=0-9,500-509"}}};
    auto facts = make_facts();
    http::response_plan one;
    http::response_plan other;

    plan_file(asked, facts, now_s, one);
    facts.boundary_seed++;
    plan_file(asked, facts, now_s, other);

    EXPECT_NE(one.headers.find("Content-Type"), other.headers.find("Content-Type"));
}

TEST(plan_is_plain, only_for_get_without_ranges_and_conditions) {
    EXPECT_TRUE(plan_is_plain(made_request{method_id::get, {{"Accept-Encoding", "br"}}}));
    EXPECT_TRUE(plan_is_plain(made_request{method_id::get, {{"If-Range", "\"a\""}}}));
    EXPECT_FALSE(plan_is_plain(made_request{method_id::head}));
    for (const auto* name :
         {"Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}) {
        EXPECT_FALSE(plan_is_plain(made_request{method_id::get, {{name, "x"}}})) << name;
    }
}

// --- Properties over random requests -------------------------------------------------------------

struct random_request {
    std::vector<wire::header_field> fields;
    method_id method;
};

random_request draw_request(std::mt19937_64& random) {
    static constexpr std::array<wire::header_field, 24> pool{{
        {"Range", "bytes=0-0"},
        {"Range", "bytes=-1"},
        {"Range", "bytes=10-"},
        {"Range", "bytes=0-1,200-300,900-"},
        {"Range", "bytes=99999-"},
        {"Range", "lines=1-2"},
        {"Range", "bytes=5-3"},
        {"If-Range", "\"3e8-1\""},
        {"If-Range", "W/\"3e8-1\""},
        {"If-Range", "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"If-Range", "garbage"},
        {"If-Match", "*"},
        {"If-Match", "\"3e8-1\", \"x\""},
        {"If-Match", "\"x\""},
        {"If-Match", "W/\"3e8-1\""},
        {"If-None-Match", "*"},
        {"If-None-Match", "W/\"3e8-1\""},
        {"If-None-Match", "\"x\""},
        {"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"},
        {"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"},
        {"If-Unmodified-Since", "yesterday"},
        {"Accept", "text/html"},
        {"X-Other", "\"3e8-1\""},
    }};
    random_request drawn{.fields = {}, .method = random() % 4 ? method_id::get : method_id::head};
    for (auto count = random() % 5; count > 0; --count) {
        drawn.fields.push_back(pool[random() % pool.size()]);
    }
    return drawn;
}

file_facts draw_facts(std::mt19937_64& random) {
    auto facts = make_facts();
    facts.size = random() % 3 ? random() % 2000 : UINT64_C(1) << 40U;
    facts.etag = random() % 4 ? facts.etag : "";
    facts.last_modified = random() % 4 ? facts.last_modified : "";
    facts.content_encoding = random() % 4 ? "" : "zstd";
    facts.vary_encoding = random() % 2 == 0;
    return facts;
}

std::string describe(const random_request& drawn) {
    std::string text = drawn.method == method_id::get ? "GET" : "HEAD";
    for (const auto& field : drawn.fields) {
        text.append("; ").append(field.name).append(": ").append(field.value);
    }
    return text;
}

bool within(const http::payload& body, std::uint64_t size) {
    if (const auto* slice = std::get_if<http::slice_body>(&body)) {
        return slice->slice.length > 0 && slice->slice.offset + slice->slice.length <= size;
    }
    if (const auto* parts = std::get_if<http::multipart_body>(&body)) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < parts->part_count(); ++i) {
            const auto part = parts->part(i);
            sum += part.length;
            if (part.length == 0 || part.offset + part.length > size) {
                return false;
            }
        }
        return sum <= size;
    }
    return true;
}

TEST(plan_file_property, every_plan_is_consistent) {
    std::mt19937_64 random{20260201};
    for (int round = 0; round < 20'000; ++round) {
        const auto drawn = draw_request(random);
        const auto facts = draw_facts(random);
        const made_request asked{drawn.method, drawn.fields};
        SCOPED_TRACE(describe(drawn));
        http::response_plan plan;

        plan_file(asked, facts, now_s, plan);

        const auto length = plan.headers.find("Content-Length");
        if (plan.status == 304) {
            ASSERT_EQ(length, "");
            ASSERT_EQ(http::length_of(plan.body), 0U);
        } else if (drawn.method == method_id::head) {
            ASSERT_NE(length, "");
            ASSERT_EQ(http::length_of(plan.body), 0U);
            ASSERT_NE(plan.status, 206);
        } else {
            ASSERT_EQ(length, std::to_string(http::length_of(plan.body)));
        }
        ASSERT_TRUE(within(plan.body, facts.size));
        ASSERT_GE(plan.headers.free_text().size(), http::header_list::text_bytes_reserved);
        ASSERT_LE(plan.headers.fields().size(),
                  http::header_list::fields_max - http::header_list::fields_reserved);
        ASSERT_TRUE(plan_is_plain(asked) ? plan.status == 200 : true);
        for (const auto& field : plan.headers.fields()) {
            ASSERT_EQ(std::ranges::count_if(plan.headers.fields(),
                                            [&](const auto& f) { return f.name == field.name; }),
                      1)
                << field.name;
        }
    }
}

TEST(plan_file_property, the_order_of_field_lines_does_not_matter) {
    std::mt19937_64 random{20260202};
    for (int round = 0; round < 5'000; ++round) {
        auto drawn = draw_request(random);
        const auto facts = draw_facts(random);
        SCOPED_TRACE(describe(drawn));
        http::response_plan one;
        http::response_plan other;

        plan_file(made_request{drawn.method, drawn.fields}, facts, now_s, one);
        std::ranges::shuffle(drawn.fields, random);
        plan_file(made_request{drawn.method, drawn.fields}, facts, now_s, other);

        ASSERT_EQ(one.status, other.status);
        ASSERT_EQ(http::length_of(one.body), http::length_of(other.body));
    }
}

}  // namespace
}  // namespace ringway::files
