#include <ringway/http/response_plan.hpp>

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::http {
namespace {

constexpr std::string_view boundary = "0123456789abcdef0123456789abcdef";

wire::range_set make_ranges(const std::vector<wire::byte_range>& parts) {
    wire::range_set ranges;
    ranges.verdict = wire::range_verdict::satisfiable;
    for (const auto& part : parts) {
        ranges.items[ranges.count++] = part;
    }
    return ranges;
}

// The body as it goes out, with the file's bytes from `file`.
std::string produce(const multipart_body& body, std::string_view file) {
    std::array<char, multipart_body::part_head_bytes_max> buffer;
    std::string out;
    for (std::size_t i = 0; i < body.part_count(); ++i) {
        out.append(buffer.data(), body.write_part_head(i, buffer));
        out.append(file.substr(body.part(i).offset, body.part(i).length));
    }
    return out.append(buffer.data(), body.write_tail(buffer));
}

TEST(multipart_body, looks_as_rfc_9110_section_14_6_shows) {
    const multipart_body body{make_ranges({{0, 2}, {7, 3}}), 10, "text/plain", boundary};

    EXPECT_EQ(produce(body, "abcdefghij"),
              "--0123456789abcdef0123456789abcdef\r\n"
              "Content-Type: text/plain\r\n"
              "Content-Range: bytes 0-1/10\r\n"
              "\r\n"
              "ab\r\n"
              "--0123456789abcdef0123456789abcdef\r\n"
              "Content-Type: text/plain\r\n"
              "Content-Range: bytes 7-9/10\r\n"
              "\r\n"
              "hij\r\n"
              "--0123456789abcdef0123456789abcdef--\r\n");
}

TEST(multipart_body, leaves_out_an_unknown_type) {
    const multipart_body body{make_ranges({{0, 1}, {2, 1}}), 3, "", boundary};

    EXPECT_EQ(produce(body, "abc").find("Content-Type"), std::string::npos);
}

TEST(multipart_body, says_so_when_a_buffer_is_too_small) {
    const multipart_body body{make_ranges({{0, 1}, {2, 1}}), 3, "text/plain", boundary};
    std::array<char, multipart_body::part_head_bytes_max> buffer;
    const auto head_bytes = body.write_part_head(1, buffer);
    const auto tail_bytes = body.write_tail(buffer);

    EXPECT_EQ(body.write_part_head(1, std::span{buffer}.first(head_bytes - 1)), 0U);
    EXPECT_EQ(body.write_part_head(1, std::span{buffer}.first(head_bytes)), head_bytes);
    EXPECT_EQ(body.write_tail(std::span{buffer}.first(tail_bytes - 1)), 0U);
    EXPECT_EQ(body.write_tail(std::span{buffer}.first(tail_bytes)), tail_bytes);
}

TEST(multipart_body, the_longest_part_head_fits) {
    constexpr std::uint64_t size = INT64_MAX;
    const std::string type(multipart_body::content_type_bytes_max, 't');
    const multipart_body body{make_ranges({{size - 200, 9}, {size - 1, 1}}), size, type, boundary};
    std::array<char, multipart_body::part_head_bytes_max> buffer;

    EXPECT_GT(body.write_part_head(1, buffer), 0U);
}

// Property: what was computed beforehand is what is written.
TEST(multipart_body, length_equals_the_bytes_produced) {
    std::mt19937_64 random{20260131};
    for (int round = 0; round < 500; ++round) {
        const std::string file(1 + random() % 5000, 'f');
        std::vector<wire::byte_range> parts;
        for (auto count = 2 + random() % (wire::range_parts_max - 1); count > 0; --count) {
            const auto first = random() % file.size();
            parts.push_back({first, 1 + random() % (file.size() - first)});
        }
        const std::string type(random() % (multipart_body::content_type_bytes_max + 1), 't');
        const multipart_body body{make_ranges(parts), file.size(), type, boundary};

        ASSERT_EQ(produce(body, file).size(), body.length());
    }
}

TEST(make_boundary, depends_on_seed_and_etag) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        for (const auto* etag : {"\"a\"", "\"b\"", ""}) {
            const auto made = make_boundary(etag, seed);
            seen.emplace(made.data(), made.size());
        }
    }
    EXPECT_EQ(seen.size(), 3000U);
}

TEST(make_boundary, is_made_of_characters_that_need_no_quotes) {
    const auto made = make_boundary("\"a\"", 7);

    const std::string_view text{made.data(), made.size()};
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string_view::npos);
}

TEST(response_plan, measures_every_payload) {
    EXPECT_EQ(length_of(no_body{}), 0U);
    EXPECT_EQ(length_of(text_body{"four"}), 4U);
    EXPECT_EQ(length_of(slice_body{{.offset = 9, .length = 5}}), 5U);
    const multipart_body body{make_ranges({{0, 1}, {2, 1}}), 3, "", boundary};
    EXPECT_EQ(length_of(body), body.length());
}

TEST(response_plan, start_forgets_the_plan_before) {
    response_plan plan;
    plan.headers.add("ETag", "\"a\"");
    plan.body = text_body{"x"};
    plan.close = true;

    plan.start(304);

    EXPECT_EQ(plan.status, 304);
    EXPECT_FALSE(plan.close);
    EXPECT_TRUE(plan.headers.fields().empty());
    EXPECT_TRUE(std::holds_alternative<no_body>(plan.body));
}

TEST(response_plan, drop_body_keeps_the_headers) {
    response_plan plan;
    plan.headers.add_static("Content-Length", "1");
    plan.body = text_body{"x"};

    plan.drop_body();

    EXPECT_EQ(length_of(plan.body), 0U);
    EXPECT_EQ(plan.headers.find("Content-Length"), "1");
}

// It lives in the coroutine frame of every connection.
static_assert(sizeof(response_plan) <= 3072);

}  // namespace
}  // namespace ringway::http
