#include "observe/access_format.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "observe/line_writer.hpp"

namespace ringway::observe::detail {
namespace {

access_record typical() {
    access_record record;
    record.unix_ns = 1'769'862'896'123'456'789;  // 2026-01-31 12:34:56.123456789 UTC
    record.client = "192.0.2.7";
    record.method = "GET";
    record.target = "/a/b.css?v=2";
    record.referer = "https://example.org/";
    record.user_agent = "curl/8.0";
    record.bytes = 1234;
    record.duration_us = 42;
    record.connection_id = 7;
    record.status = 200;
    record.cache = cache_tier::body;
    record.coding = wire::coding::brotli;
    return record;
}

std::string line_of(const access_record& record, log_format format = log_format::combined) {
    access_formatter formatter{format};
    std::vector<char> out(access_line_bytes_max);
    return {out.data(), formatter.format(record, out.data())};
}

nlohmann::json json_of(const access_record& record) {
    const auto line = line_of(record, log_format::json);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    return nlohmann::json::parse(line);  // Strict, about UTF-8 too.
}

TEST(access_format, combined_line) {
    EXPECT_EQ(line_of(typical()),
              "192.0.2.7 - - [31/Jan/2026:12:34:56 +0000] \"GET /a/b.css?v=2 HTTP/1.1\" 200 1234 "
              "\"https://example.org/\" \"curl/8.0\" dur_us=42 cache=hit enc=br cid=7\n");
}

TEST(access_format, what_is_missing_is_a_dash) {
    EXPECT_EQ(line_of(access_record{}),
              "- - - [01/Jan/1970:00:00:00 +0000] \"- - HTTP/1.1\" 0 0 \"-\" \"-\" "
              "dur_us=0 cache=- enc=- cid=0\n");
}

TEST(access_format, combined_escapes) {
    auto record = typical();
    record.target = "/\"q\\\x01\x7f\r\n";
    record.user_agent = "caf\xc3\xa9 \xff";
    const auto line = line_of(record);
    EXPECT_NE(line.find("\"GET /\\\"q\\\\\\x01\\x7F\\x0D\\x0A HTTP/1.1\""), std::string::npos)
        << line;
    EXPECT_NE(line.find("\"caf\\xC3\\xA9 \\xFF\""), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), line.size() - 1);
}

// Goal: one odd byte is found at every place of the words that are looked at together.
TEST(access_format, escapes_at_every_position) {
    for (std::size_t size = 1; size < 50; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (const char odd : {'"', '\\', '\x1f', '\x7f', '\x80', '\xff', '\0'}) {
                std::string text(size, '~');
                text[at] = odd;
                auto record = typical();
                record.user_agent = text;
                const auto line = line_of(record);
                const auto begin = line.find("\" \"") + 3;
                const auto escape = line.find('\\', begin);
                ASSERT_EQ(escape, begin + at) << size << ' ' << line;
                const auto length = odd == '"' || odd == '\\' ? 2U : 4U;
                ASSERT_EQ(line.find(" dur_us"), begin + size - 1 + length + 1) << line;
            }
        }
    }
}

TEST(access_format, every_plain_byte_stays) {
    std::string text;
    for (int c = 0x20; c < 0x7f; ++c) {
        if (c != '"' && c != '\\') {
            text += static_cast<char>(c);
        }
    }
    auto record = typical();
    record.user_agent = text;
    EXPECT_NE(line_of(record).find("\"" + text + "\""), std::string::npos);
}

TEST(access_format, json_line) {
    const auto json = json_of(typical());
    EXPECT_EQ(json["timestamp"], "2026-01-31T12:34:56.123456Z");
    EXPECT_EQ(json["client.address"], "192.0.2.7");
    EXPECT_EQ(json["http.request.method"], "GET");
    EXPECT_EQ(json["url.path"], "/a/b.css");
    EXPECT_EQ(json["url.query"], "v=2");
    EXPECT_EQ(json["network.protocol.name"], "http");
    EXPECT_EQ(json["network.protocol.version"], "1.1");
    EXPECT_EQ(json["http.response.status_code"], 200);
    EXPECT_EQ(json["http.response.body.size"], 1234);
    EXPECT_DOUBLE_EQ(json["http.server.request.duration"], 0.000042);
    EXPECT_EQ(json["http.request.header.referer"][0], "https://example.org/");
    EXPECT_EQ(json["user_agent.original"], "curl/8.0");
    EXPECT_EQ(json["http.response.header.content-encoding"][0], "br");
    EXPECT_EQ(json["ringway.cache"], "hit");
    EXPECT_EQ(json["ringway.connection.id"], 7);
}

TEST(access_format, json_leaves_out_what_is_missing) {
    const auto json = json_of(access_record{});
    for (const auto* key : {"url.query", "http.request.header.referer", "user_agent.original",
                            "http.response.header.content-encoding", "ringway.cache"}) {
        EXPECT_FALSE(json.contains(key)) << key;
    }
}

TEST(access_format, json_is_valid_whatever_the_bytes) {
    auto record = typical();
    std::string all;
    for (int c = 0; c < 256; ++c) {
        all += static_cast<char>(c);
    }
    record.user_agent = all;
    record.target = "/caf\xc3\xa9/\xed\xa0\x80?\xf0\x9f\x98\x80\xf0\x9f";
    const auto json = json_of(record);
    EXPECT_EQ(json["url.path"], "/caf\xc3\xa9/\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(json["url.query"], "\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(json["user_agent.original"].get<std::string>().substr(0, 128), all.substr(0, 128));
}

// Goal: the bound holds for the worst that a peer can send.
TEST(access_format, long_texts_are_cut) {
    const std::string quotes(100'000, '"');
    const std::string controls(100'000, '\x01');
    for (const auto& text : {quotes, controls}) {
        auto record = typical();
        record.client = record.method = record.target = record.referer = record.user_agent = text;
        record.bytes = record.duration_us = record.connection_id = ~std::uint64_t{0};
        record.status = 65535;
        EXPECT_LE(line_of(record).size(), access_line_bytes_max);
        const auto json = json_of(record);
        EXPECT_EQ(json["url.path"].get<std::string>().size(), logged_target_bytes_max);
        EXPECT_EQ(json["user_agent.original"].get<std::string>().size(), logged_agent_bytes_max);
    }
}

TEST(access_format, the_date_follows_the_clock) {
    access_formatter formatter{log_format::combined};
    std::vector<char> out(access_line_bytes_max);
    const auto date_at = [&](std::int64_t unix_ns) {
        access_record record;
        record.unix_ns = unix_ns;
        const std::string line{out.data(), formatter.format(record, out.data())};
        return line.substr(7, 26);
    };
    EXPECT_EQ(date_at(951'782'400'000'000'000), "29/Feb/2000:00:00:00 +0000");
    EXPECT_EQ(date_at(951'782'400'999'999'999), "29/Feb/2000:00:00:00 +0000");
    EXPECT_EQ(date_at(951'782'401'000'000'000), "29/Feb/2000:00:00:01 +0000");
    EXPECT_EQ(date_at(951'782'399'000'000'000), "28/Feb/2000:23:59:59 +0000");
    EXPECT_EQ(date_at(-1), "31/Dec/1969:23:59:59 +0000");
}

}  // namespace
}  // namespace ringway::observe::detail
