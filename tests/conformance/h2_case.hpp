// HTTP/2 conformance as data: frames in, the reaction that is expected, and what checks it.
#pragma once

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/h2_client.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {

using h2::block;
using h2::data;
using h2::end_headers;
using h2::end_stream;
using h2::fields;
using h2::frame;
using h2::get;
using h2::goaway;
using h2::headers;
using h2::no_error;
using h2::request;
using h2::rst_stream;
using std::string;

enum class reaction {
    answer,           // A response to stream 1 with END_STREAM, and the connection lives.
    nothing,          // The connection lives.
    living_or_ended,  // PING is answered, or the connection is closed.
    reset,            // RST_STREAM for the stream, or GOAWAY, with one of the codes.
    end,              // GOAWAY with one of the codes.
};

struct frames_case {
    const char* name;
    const char* source;
    string bytes;
    reaction want;
    std::vector<std::uint32_t> codes;
    std::uint32_t stream = 1;

    friend void PrintTo(const frames_case& each, std::ostream* out) { *out << each.name; }
};

inline const string get_a = request(1, get("/a"));
inline const string post_head =
    block({{":method", "POST"}, {":scheme", "http"}, {":path", "/a"}, {":authority", "h"}});
inline const string open_post = frame(headers, end_headers, 1, post_head);

inline string ask(const fields& list) { return request(1, list); }
inline string zeros(std::size_t count) { return string(count, '\0'); }

inline bool is_end_of_answer(const h2_frame& got, std::uint32_t stream) {
    return got.stream == stream && (got.type == data || got.type == headers) && got.has(end_stream);
}

inline bool has_code(const frames_case& each, const h2_frame& got) {
    return std::ranges::find(each.codes, got.code()) != each.codes.end();
}

// Fails the test unless the server reacts as the case says.
inline void check_case(int port, const frames_case& each) {
    SCOPED_TRACE(each.source);
    h2_client client{port};
    client.send(each.bytes);
    if (each.want == reaction::nothing) {
        EXPECT_TRUE(client.answers_ping());
        return;
    }
    if (each.want == reaction::living_or_ended) {
        EXPECT_TRUE(client.answers_ping() || client.ends());
        return;
    }
    for (;;) {
        const auto got = client.next();
        ASSERT_TRUE(got.has_value()) << "nothing more came";
        if (got->type == goaway) {
            EXPECT_TRUE(each.want == reaction::end || each.want == reaction::reset);
            EXPECT_TRUE(has_code(each, *got)) << "code " << got->code();
            EXPECT_TRUE(client.ends());
            return;
        }
        if (got->type == rst_stream && got->stream == each.stream && got->code() != no_error) {
            EXPECT_EQ(each.want, reaction::reset);
            EXPECT_TRUE(has_code(each, *got)) << "code " << got->code();
            EXPECT_TRUE(client.answers_ping());
            return;
        }
        if (each.want == reaction::answer && is_end_of_answer(*got, each.stream)) {
            EXPECT_TRUE(client.answers_ping());
            return;
        }
    }
}

/// One server for all cases.
class h2_frames : public ::testing::TestWithParam<frames_case> {
public:
    static void SetUpTestSuite() {
        site_ = std::make_unique<temporary_site>();
        site_->add("a", "content");
        server_ = std::make_unique<server_process>(site_->path(), server_process::options{"--h2c"});
    }
    static void TearDownTestSuite() {
        server_.reset();
        site_.reset();
    }

    inline static std::unique_ptr<temporary_site> site_;
    inline static std::unique_ptr<server_process> server_;
};

inline string name_of_case(const ::testing::TestParamInfo<frames_case>& info) {
    return info.param.name;
}

}  // namespace ringway::test
