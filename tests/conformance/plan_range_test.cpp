// Range requests as RFC 9110 section 14 wants them answered, as data.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/files/plan_file.hpp>

#include "support/made_request.hpp"

namespace ringway::files {
namespace {

// For a file of 1000 bytes. One range: the Content-Range of a 206. Several: the Content-Range of
// each part, in order. None: 200 or 416, as `status` says.
struct range_case {
    std::string_view header;
    int status;
    std::vector<std::string_view> ranges = {};
};

constexpr std::uint64_t file_bytes = 1000;

std::string make_file() {
    std::string file;
    for (std::size_t i = 0; i < file_bytes; ++i) {
        file += static_cast<char>('a' + i * 7 % 26);
    }
    return file;
}

void plan_for(std::string_view header, http::response_plan& plan) {
    const testing::made_request asked{wire::method_id::get, {{"Range", header}}};
    const file_facts facts{.size = file_bytes, .etag = "\"v1\"", .content_type = "text/plain"};
    plan_file(asked, facts, 2'000'000'000, plan);
}

// The body as it goes out.
std::string produce(const http::payload& body, std::string_view file) {
    if (const auto* slice = std::get_if<http::slice_body>(&body)) {
        return std::string{file.substr(slice->slice.offset, slice->slice.length)};
    }
    const auto& parts = std::get<http::multipart_body>(body);
    std::array<char, http::multipart_body::part_head_bytes_max> buffer;
    std::string out;
    for (std::size_t i = 0; i < parts.part_count(); ++i) {
        out.append(buffer.data(), parts.write_part_head(i, buffer));
        out.append(file.substr(parts.part(i).offset, parts.part(i).length));
    }
    return out.append(buffer.data(), parts.write_tail(buffer));
}

// A client's reading of one part: the range that it claims to be, if its bytes are the file's.
std::string read_part(std::string_view part, std::string_view file) {
    const auto end_of_head = part.find("\r\n\r\n");
    const auto label = part.find("Content-Range: bytes ");
    if (end_of_head == part.npos || label == part.npos || label > end_of_head) {
        return "no head";
    }
    const auto range = part.substr(label + 21, part.find("\r\n", label) - label - 21);
    const auto first = std::stoull(std::string{range});
    const auto last = std::stoull(std::string{range.substr(range.find('-') + 1)});
    const auto bytes = part.substr(end_of_head + 4);
    return bytes == file.substr(first, last - first + 1) ? std::string{range} : "wrong bytes";
}

// Takes a multipart body apart as RFC 2046 section 5.1.1 says.
std::vector<std::string> read_parts(const http::response_plan& plan, std::string_view file) {
    const auto type = plan.headers.find("Content-Type");
    const std::string boundary{type.substr(type.find("boundary=") + 9)};
    const auto body = "\r\n" + produce(plan.body, file);
    const auto delimiter = "\r\n--" + boundary;
    std::vector<std::string> ranges;
    auto at = body.find(delimiter) + delimiter.size();
    while (body.compare(at, 4, "--\r\n") != 0) {
        const auto next = body.find(delimiter, at);
        if (next == body.npos) {
            return {"no end"};
        }
        ranges.push_back(read_part(std::string_view{body}.substr(at, next - at), file));
        at = next + delimiter.size();
    }
    return ranges;
}

std::vector<std::string> read_ranges(const http::response_plan& plan, std::string_view file) {
    if (plan.status != 206) {
        return {};
    }
    if (std::holds_alternative<http::multipart_body>(plan.body)) {
        return read_parts(plan, file);
    }
    return {std::string{plan.headers.find("Content-Range").substr(6)}};
}

void expect_ranges(const std::vector<range_case>& cases) {
    const auto file = make_file();
    for (const auto& tried : cases) {
        http::response_plan plan;
        plan_for(tried.header, plan);
        const auto shown = tried.header.substr(0, 80);
        EXPECT_EQ(plan.status, tried.status) << shown;
        EXPECT_EQ(read_ranges(plan, file),
                  std::vector<std::string>(tried.ranges.begin(), tried.ranges.end()))
            << shown;
        if (plan.status == 206) {
            EXPECT_EQ(plan.headers.find("Content-Length"),
                      std::to_string(produce(plan.body, file).size()))
                << shown;
        }
    }
}

TEST(plan_range, one_range) {
    expect_ranges({
        {"bytes=0-4", 206, {"0-4/1000"}},
        {"bytes=3-7", 206, {"3-7/1000"}},
        {"bytes=0-0", 206, {"0-0/1000"}},
        {"bytes=999-999", 206, {"999-999/1000"}},
        {"bytes=2-", 206, {"2-999/1000"}},
        {"bytes=0-", 206, {"0-999/1000"}},
        {"bytes=0-999", 206, {"0-999/1000"}},
        {"bytes=900-2000", 206, {"900-999/1000"}},
        {"bytes=-5", 206, {"995-999/1000"}},
        {"bytes=-1000", 206, {"0-999/1000"}},
        {"bytes=-2000", 206, {"0-999/1000"}},
        {"bytes=007-009", 206, {"7-9/1000"}},
        {"BYTES=0-4", 206, {"0-4/1000"}},  // Section 14.1: units have no case.
    });
}

TEST(plan_range, several_ranges) {
    expect_ranges({
        {"bytes=0-0,-2", 206, {"0-0/1000", "998-999/1000"}},
        {"bytes=0-1,500-508", 206, {"0-1/1000", "500-508/1000"}},
        {"bytes=0-1, 500-", 206, {"0-1/1000", "500-999/1000"}},
        {"bytes=0-1 ,\t500-", 206, {"0-1/1000", "500-999/1000"}},
        {"bytes=0-4,900-904,300-304", 206, {"0-4/1000", "900-904/1000", "300-304/1000"}},
        {"bytes=500-599,0-9", 206, {"500-599/1000", "0-9/1000"}},
        {"bytes=,0-1,,500-501,", 206, {"0-1/1000", "500-501/1000"}},
        {"bytes=5000-,0-1", 206, {"0-1/1000"}},
        {"bytes=0-1,-0", 206, {"0-1/1000"}},
    });
}

TEST(plan_range, ranges_that_touch_are_one) {
    expect_ranges({
        {"bytes=0-99,50-149", 206, {"0-149/1000"}},
        {"bytes=0-99,100-199", 206, {"0-199/1000"}},
        {"bytes=100-199,0-99", 206, {"0-199/1000"}},
        {"bytes=0-9,20-29", 206, {"0-29/1000"}},
        {"bytes=0-9,0-9", 206, {"0-9/1000"}},
    });
}

TEST(plan_range, nothing_that_exists) {
    expect_ranges({
        {"bytes=1000-", 416},
        {"bytes=1000-1001", 416},
        {"bytes=5000-6000,7000-", 416},
        {"bytes=-0", 416},
        {"bytes=18446744073709551615-", 416},
        {"bytes=18446744073709551616-", 416},
        {"bytes=99999999999999999999999999-", 416},
    });
}

TEST(plan_range, positions_of_any_size) {
    expect_ranges({
        {"bytes=0-18446744073709551615", 206, {"0-999/1000"}},
        {"bytes=0-18446744073709551616", 206, {"0-999/1000"}},
        {"bytes=1-99999999999999999999999999", 206, {"1-999/1000"}},
        {"bytes=-99999999999999999999999999", 206, {"0-999/1000"}},
    });
}

TEST(plan_range, no_valid_ranges_are_no_ranges) {
    for (const auto* header :
         {"",           "bytes",         "bytes=",      "bytes=,",       "bytes=-",
          "bytes=5-3",  "bytes=0-4,5-3", "bytes=a-b",   "bytes=0-4,abc", "bytes=0x0-4",
          "bytes=+0-4", "bytes=0--4",    "bytes=--4",   "bytes= 0 - 4",  "bytes =0-4",
          "lines=0-1",  "byte=0-1",      "bytes=0-4;x", "bytes:0-4",     "0-4",
          "none"}) {
        expect_ranges({{header, 200}});
    }
}

TEST(plan_range, more_than_a_client_needs_gets_the_whole) {
    std::string many_times = "bytes=0-";
    for (int i = 1; i < 1300; ++i) {
        many_times += ",0-";
    }
    expect_ranges({{many_times, 200}, {"bytes=0-,0-", 200}});
}

TEST(plan_range, as_many_parts_as_the_limit) {
    std::string header = "bytes=0-0";
    for (std::size_t i = 1; i < wire::range_parts_max; ++i) {
        const auto first = std::to_string(i * 1000);
        header.append(",").append(first).append("-").append(first);
    }
    const file_facts facts{.size = 100'000};
    http::response_plan plan;

    plan_file(testing::made_request{wire::method_id::get, {{"Range", header}}}, facts, 0, plan);
    EXPECT_EQ(plan.status, 206);
    EXPECT_EQ(std::get<http::multipart_body>(plan.body).part_count(), wire::range_parts_max);

    header.append(",99999-99999");
    plan_file(testing::made_request{wire::method_id::get, {{"Range", header}}}, facts, 0, plan);
    EXPECT_EQ(plan.status, 200);
}

}  // namespace
}  // namespace ringway::files
