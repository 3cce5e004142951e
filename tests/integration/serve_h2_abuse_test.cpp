// Goal: known attacks on HTTP/2 end with ENHANCE_YOUR_CALM, soon, and nobody else notices.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/sanitizers.hpp"
#include "support/h2_client.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

// Resident memory of a process in bytes, and the processor time it has used in seconds.
struct costs {
    std::size_t memory = 0;
    double seconds = 0;
};

costs costs_of(pid_t id) {
    const string folder = "/proc/" + std::to_string(id);
    std::size_t total = 0;
    std::size_t resident = 0;
    std::ifstream{folder + "/statm"} >> total >> resident;
    std::ifstream stat{folder + "/stat"};
    string word;
    std::getline(stat, word, ')');
    for (int field = 3; field < 14; ++field) {
        stat >> word;
    }
    double user = 0;
    double system = 0;
    stat >> user >> system;
    return {resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)),
            (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK))};
}

constexpr auto growth_max = under_address_sanitizer ? 300'000'000 : 8'000'000;

class serve_h2_abuse : public ::testing::Test {
protected:
    serve_h2_abuse() {
        site_.add("a", "content");
        site_.add_pattern("big", 2'000'000);
        server_ = std::make_unique<server_process>(
            site_.path(), server_process::options{"--h2c", "--admin", "127.0.0.1:0"});
        honest_ = std::make_unique<h2_client>(server_->port());
        EXPECT_TRUE(honest_answered());
    }

    bool honest_answered() {
        const std::uint32_t stream = next_;
        next_ += 2;
        honest_->send(h2::request(stream, h2::get("/a")));
        return honest_->body_of(stream) == "content";
    }

    // What an attack is made of, and what it comes to.
    struct plan {
        int most;
        const char* kind;
        std::uint32_t code = h2::enhance_your_calm;
        int pieces_at_once = 400;  // Then it looks whether it is still alive.
    };

    // Sends `piece(i)` again and again until the server ends the connection, which it must do with
    // GOAWAY before there are `most`; then checks the counter and what it all has cost.
    template <class Piece>
    void attack(const plan& how, Piece piece) {
        const costs before = costs_of(server_->id());
        h2_client attacker{server_->port(), h2::setting(4, 0)};
        std::optional<h2_frame> last;
        for (int i = 0; i < how.most && !last;) {
            string batch;
            const int end = std::min(how.most, i + how.pieces_at_once);
            for (; i < end; ++i) {
                batch += piece(i);
            }
            attacker.send(batch + h2::ping_frame("go on???"));
            last = end_of_life(attacker);
        }
        ASSERT_TRUE(last.has_value()) << "it may go on for ever";
        EXPECT_EQ(last->code(), how.code) << last->payload.substr(8);
        EXPECT_TRUE(attacker.ends());
        EXPECT_EQ(
            server_->metric("ringway_protocol_abuse_total{kind=\"" + string{how.kind} + "\"}"), 1);
        const costs after = costs_of(server_->id());
        EXPECT_LT(after.seconds - before.seconds, 2.0);
        EXPECT_LT(after.memory, before.memory + growth_max);
        EXPECT_TRUE(honest_answered());
    }

    // GOAWAY if it comes; none if PING is answered.
    static std::optional<h2_frame> end_of_life(h2_client& client) {
        for (;;) {
            const auto got = client.next();
            if (!got || got->type == h2::goaway) {
                return got;
            }
            if (got->type == h2::ping && got->has(h2::ack) && got->payload == "go on???") {
                return std::nullopt;
            }
        }
    }

    temporary_site site_;
    std::unique_ptr<server_process> server_;
    std::unique_ptr<h2_client> honest_;
    std::uint32_t next_ = 1;
};

std::uint32_t stream_at(int i) { return static_cast<std::uint32_t>(2 * i + 1); }

TEST_F(serve_h2_abuse, rapid_reset) {
    attack({.most = 10'000, .kind = "h2_rapid_reset"}, [](int i) {
        return h2::request(stream_at(i), h2::get("/big")) +
               h2::frame(h2::rst_stream, 0, stream_at(i), h2::u32(h2::cancel));
    });
}

TEST_F(serve_h2_abuse, window_update_of_zero_ends_the_connection) {
    attack({.most = 1, .kind = "h2_protocol_error", .code = h2::protocol_error}, [](int i) {
        return h2::request(stream_at(i), h2::get("/big")) +
               h2::frame(h2::window_update, 0, stream_at(i), h2::u32(0));
    });
}

TEST_F(serve_h2_abuse, made_reset_by_malformed_requests) {
    attack({.most = 5000, .kind = "h2_made_reset", .pieces_at_once = 50}, [](int i) {
        return h2::request(stream_at(i), h2::get("/a", {{"connection", "close"}}));
    });
}

TEST_F(serve_h2_abuse, made_reset_by_window_overflow) {
    attack({.most = 5000, .kind = "h2_made_reset", .pieces_at_once = 50}, [](int i) {
        return h2::request(stream_at(i), h2::get("/big")) +
               h2::frame(h2::window_update, 0, stream_at(i), h2::u32(0x7fffffff)) +
               h2::frame(h2::window_update, 0, stream_at(i), h2::u32(0x7fffffff));
    });
}

TEST_F(serve_h2_abuse, continuation_flood) {
    attack({.most = 5000, .kind = "h2_continuation_flood"}, [](int i) {
        const string field = h2::block({{"x" + std::to_string(i), "y"}});
        return i == 0 ? h2::frame(h2::headers, h2::end_stream, 1, h2::block(h2::get("/a")))
                      : h2::frame(h2::continuation, 0, 1, field);
    });
}

TEST_F(serve_h2_abuse, empty_continuations) {
    attack({.most = 5000, .kind = "h2_continuation_flood"}, [](int i) {
        return i == 0 ? h2::frame(h2::headers, h2::end_stream, 1, h2::block(h2::get("/a")))
                      : h2::frame(h2::continuation, 0, 1);
    });
}

TEST_F(serve_h2_abuse, header_bomb_of_indexed_fields) {
    // One field of 4000 bytes in the dynamic table, named again and again with one byte each.
    attack({.most = 1, .kind = "h2_header_bomb"}, [](int) {
        const string value(3900, 'v');
        string block = h2::block(h2::get("/a"));
        block += string{"\x40\x01x\x7f", 4} + "\xbd\x1d" + value + string(8000, '\xbe');
        return h2::frame(h2::headers, h2::end_stream | h2::end_headers, 1, block);
    });
}

TEST_F(serve_h2_abuse, header_bomb_of_empty_crumbs) {
    attack({.most = 1, .kind = "h2_header_bomb"}, [](int) {
        // cookie (index 32) with an empty value goes into the table; then index 62.
        const string block =
            h2::block(h2::get("/a")) + string{"\x60\0", 2} + string(15'000, '\xbe');
        return h2::frame(h2::headers, h2::end_stream | h2::end_headers, 1, block);
    });
}

TEST_F(serve_h2_abuse, ping_flood) {
    attack({.most = 100'000, .kind = "h2_control_flood"}, [](int) { return h2::ping_frame(); });
}

TEST_F(serve_h2_abuse, settings_flood) {
    attack({.most = 100'000, .kind = "h2_control_flood"},
           [](int) { return h2::frame(h2::settings, 0, 0); });
}

TEST_F(serve_h2_abuse, priority_flood) {
    attack({.most = 100'000, .kind = "h2_control_flood"},
           [](int i) { return h2::frame(h2::priority, 0, stream_at(i % 50), h2::u32(0) + "x"); });
}

TEST_F(serve_h2_abuse, priority_update_flood) {
    attack({.most = 100'000, .kind = "h2_control_flood"}, [](int i) {
        return h2::frame(h2::priority_update, 0, 0, h2::u32(stream_at(i % 50)) + "u=1");
    });
}

TEST_F(serve_h2_abuse, window_update_flood) {
    attack({.most = 100'000, .kind = "h2_control_flood"},
           [](int) { return h2::frame(h2::window_update, 0, 0, h2::u32(1)); });
}

TEST_F(serve_h2_abuse, unknown_frame_flood) {
    attack({.most = 100'000, .kind = "h2_control_flood"},
           [](int) { return h2::frame(0x77, 0, 0); });
}

TEST_F(serve_h2_abuse, empty_data_flood) {
    attack({.most = 100'000, .kind = "h2_control_flood"}, [](int i) {
        if (i > 0) {
            return h2::frame(h2::data, 0, 1);
        }
        h2::fields post = h2::get("/a");
        post[0].second = "POST";
        return h2::request(1, post, h2::end_headers);
    });
}

TEST_F(serve_h2_abuse, more_streams_than_allowed) {
    attack({.most = 5000, .kind = "h2_protocol_error", .code = h2::protocol_error},
           [](int i) { return h2::request(stream_at(i), h2::get("/big")); });
}

// A browser that leaves a page takes back all that it has asked for, and asks for another.
TEST_F(serve_h2_abuse, honest_cancelling_is_no_abuse) {
    h2_client browser{server_->port(), h2::setting(4, 0)};
    for (int page = 0; page < 3; ++page) {
        string leave;
        for (int i = 0; i < 90; ++i) {
            const std::uint32_t stream = stream_at(90 * page + i);
            browser.send(h2::request(stream, h2::get("/big")));
            leave += h2::frame(h2::rst_stream, 0, stream, h2::u32(h2::cancel));
        }
        EXPECT_TRUE(browser.answers_ping());
        browser.send(leave);
    }
    EXPECT_TRUE(browser.answers_ping());
}

TEST_F(serve_h2_abuse, small_windows_are_no_abuse) {
    h2_client client{server_->port(), h2::setting(4, 300)};
    client.send(h2::request(1, h2::get("/big")));
    EXPECT_EQ(client.body_of(1).size(), 2'000'000U);
}

// Their copies take memory of ours until they are answered.
TEST_F(serve_h2_abuse, large_requests_that_wait_for_their_bodies_are_refused) {
    h2_client client{server_->port()};
    h2::fields post = h2::get("/a", {{"x", string(12'000, 'v')}});
    post[0].second = "POST";
    for (int i = 0; i < 90; ++i) {
        client.send(h2::request(stream_at(i), post, h2::end_headers));
    }
    const auto refused = client.next_of(h2::rst_stream);
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->code(), h2::refused_stream);
    EXPECT_GT(refused->stream, stream_at(30));
    EXPECT_TRUE(client.answers_ping());
}

TEST_F(serve_h2_abuse, writes_that_end_within_frames_are_no_abuse) {
    const server_process quick{site_.path(), {"--h2c", "--header-timeout", "400ms"}};
    h2_client client{quick.port()};
    string rest;
    for (int i = 0; i < 12; ++i) {
        const string text = rest + h2::request(stream_at(i), h2::get("/a"));
        rest = text.substr(text.size() - 3);
        client.send(text.substr(0, text.size() - 3));
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    client.send(rest);
    EXPECT_EQ(client.body_of(stream_at(11)), "content");
}

TEST_F(serve_h2_abuse, half_a_frame_meets_its_deadline) {
    const server_process quick{site_.path(),
                               {"--h2c", "--header-timeout", "300ms", "--admin", "127.0.0.1:0"}};
    h2_client client{quick.port()};
    client.send(h2::request(1, h2::get("/a")).substr(0, 20));
    EXPECT_TRUE(client.ends());
    EXPECT_EQ(quick.metric("ringway_timeouts_total{kind=\"header\"}"), 1);
    h2_client open_block{quick.port()};
    open_block.send(h2::frame(h2::headers, h2::end_stream, 1, h2::block(h2::get("/a"))));
    EXPECT_TRUE(open_block.ends());
    h2_client silent{quick.port(), {}, false};
    silent.send(h2::preface);
    EXPECT_TRUE(silent.ends());
    EXPECT_EQ(quick.metric("ringway_timeouts_total{kind=\"header\"}"), 3);
}

}  // namespace
}  // namespace ringway::test
