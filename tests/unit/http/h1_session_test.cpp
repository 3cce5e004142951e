// Sessions with real sockets and a handler made for the test; tests/sim has the many cases.
#include <ringway/http/h1_session.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway::http {
namespace {

using namespace std::chrono_literals;
using observe::timeout_kind;
using test::run_on_shard;

// Answers with the path, or with what a test sets.
class test_handler final : public handler {
public:
    ready_ref find_ready(const request& asked, std::int64_t, std::string_view) override {
        if (asked.path != "/ready") {
            return {};
        }
        ++ready_answers;
        constexpr std::string_view head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        auto made = ready_response::make(head, 5, 0, 0, wire::coding::identity);
        std::string_view{"ready"}.copy(made->body_memory(), 5);
        return made;
    }
    task<void> respond(const request& asked, response& out) override {
        asked_for.emplace_back(asked.path);
        if (delay > 0ms) {
            static_cast<void>(co_await sleep_for(delay));
        }
        out.plan.start(200);
        out.plan.close = asked.path == "/close";
        out.text = body.empty() ? std::string{asked.path} : body;
        out.plan.headers.add_number("Content-Length", out.text.size());
        out.plan.body = text_body{out.text};
    }

    std::chrono::milliseconds delay{0};
    std::string body;
    std::vector<std::string> asked_for;
    int ready_answers = 0;
};

// A session on one end of a connection, and its client on the other. Made on a shard.
class exchange {
public:
    explicit exchange(session_limits limits = {}, test::fd_pair pair = test::tcp_pair())
        : limits_{limits},
          client_{pair.far.release()},
          session_{pair.near.release(), context_, observe::transport::tcp, "192.0.2.1"} {
        running_.spawn(session_.run());
    }

    task<void> send(std::string text) {
        const auto sent = co_await client_.send(as_bytes(text));
        EXPECT_TRUE(sent.has_value());
    }
    /// Receives until `text` is at the end of what has come, or the session has ended.
    task<std::string> receive_until(std::string_view text) {
        std::string all;
        while (!all.ends_with(text)) {
            const auto piece = co_await client_.receive();
            if (!piece || !*piece) {
                break;
            }
            all += as_text(piece->bytes());
        }
        co_return all;
    }
    /// What comes until the session ends the connection.
    task<std::string> receive_all() { co_return co_await receive_until("never in a response"); }

    /// Ends both sides. The session must end by itself once its client has gone.
    task<void> close() {
        co_await client_.close();
        co_await running_.join();
    }

    test_handler handler;
    observe::http_metrics metrics;
    [[nodiscard]] session_context& context() { return context_; }
    [[nodiscard]] h1_session& session() { return session_; }
    [[nodiscard]] scope& running() { return running_; }

private:
    session_limits limits_;
    session_context context_{handler, limits_, transfer_method::automatic, metrics, nullptr, 0};
    stream client_;
    h1_session session_;
    scope running_;
};

std::string get(std::string_view path, std::string_view fields = {}) {
    std::string text = "GET ";
    return text.append(path).append(" HTTP/1.1\r\nHost: h\r\n").append(fields).append("\r\n");
}

TEST(h1_session, asks_the_handler_and_sends_its_answer) {
    const auto run = []() -> task<void> {
        exchange with;
        co_await with.send(get("/one"));
        const std::string answer = co_await with.receive_until("/one");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nDate: "));
        EXPECT_TRUE(answer.contains("\r\nServer: ringway\r\n"));
        EXPECT_TRUE(answer.contains("\r\nContent-Length: 4\r\n"));
        co_await with.send(get("/two"));
        static_cast<void>(co_await with.receive_until("/two"));
        EXPECT_EQ(with.handler.asked_for, (std::vector<std::string>{"/one", "/two"}));
        co_await with.close();
        EXPECT_EQ(with.metrics.in_flight.get(), 0);
        EXPECT_EQ(with.metrics.accepted.get(observe::transport::tcp), 1U);
        EXPECT_EQ(with.metrics.idle[0].get() + with.metrics.active[0].get(), 0);
    };
    run_on_shard(run());
}

// Goal: the short way is taken for plain requests only: not for the last one of a connection, not
// for HTTP/1.0, not where a body follows.
TEST(h1_session, takes_the_short_way_where_it_is_allowed) {
    const auto run = []() -> task<void> {
        {
            exchange with;
            co_await with.send(get("/ready") + get("/ready") + get("/other"));
            static_cast<void>(co_await with.receive_until("/other"));
            EXPECT_EQ(with.handler.ready_answers, 2);
            co_await with.close();
        }
        for (const std::string& request :
             {get("/ready", "Connection: close\r\n"), get("/ready", "Content-Length: 1\r\n") + "x",
              std::string{"GET /ready HTTP/1.0\r\n\r\n"}}) {
            exchange with;
            co_await with.send(request);
            static_cast<void>(co_await with.receive_until("/ready"));
            EXPECT_EQ(with.handler.ready_answers, 0) << request;
            co_await with.close();
        }
    };
    run_on_shard(run());
}

TEST(h1_session, handler_may_end_the_connection) {
    const auto run = []() -> task<void> {
        exchange with;
        co_await with.send(get("/close") + get("/two"));
        const std::string answer = co_await with.receive_all();
        EXPECT_TRUE(answer.contains("\r\nConnection: close\r\n"));
        EXPECT_TRUE(answer.ends_with("/close"));
        EXPECT_EQ(with.handler.asked_for.size(), 1U);
        co_await with.close();
    };
    run_on_shard(run());
}

// Goal: a peer that takes less than the least rate is cut off; its address does not matter.
TEST(h1_session, stalled_reader_is_cut_off) {
    const auto run = []() -> task<void> {
        exchange with{{.rate_min = 1'000'000, .rate_window = 30ms}};
        with.handler.body = std::string(32'000'000, 'x');
        co_await with.send(get("/large"));
        while (with.running().size() > 0) {
            static_cast<void>(co_await sleep_for(5ms));
        }
        EXPECT_EQ(with.metrics.timeouts.get(timeout_kind::min_rate), 1U);
        co_await with.close();
    };
    run_on_shard(run());
}

TEST(h1_session, steady_reader_is_not_cut_off) {
    const auto run = []() -> task<void> {
        exchange with{{.rate_min = 10'000, .rate_window = 20ms}};
        with.handler.body = std::string(4'000'000, 'x') + "end";
        co_await with.send(get("/large"));
        const std::string all = co_await with.receive_until("end");
        EXPECT_GT(all.size(), 4'000'000U);
        EXPECT_EQ(with.metrics.timeouts.get(timeout_kind::min_rate), 0U);
        co_await with.close();
    };
    run_on_shard(run());
}

// Goal: how long an answer takes to make is not the peer's fault.
TEST(h1_session, slow_handler_is_not_a_slow_reader) {
    const auto run = []() -> task<void> {
        exchange with{{.rate_min = 1'000'000, .rate_window = 10ms}};
        with.handler.delay = 100ms;
        co_await with.send(get("/one"));
        static_cast<void>(co_await with.receive_until("/one"));
        EXPECT_EQ(with.metrics.timeouts.get(timeout_kind::min_rate), 0U);
        co_await with.close();
    };
    run_on_shard(run());
}

TEST(h1_session, deadlines_of_heads_bodies_and_idle_connections) {
    const auto run = []() -> task<void> {
        constexpr session_limits limits{
            .header_timeout = 40ms, .idle_timeout = 40ms, .linger = 40ms};
        struct timeout_case {
            std::string text;
            timeout_kind kind;
            std::string_view answer;
        };
        const timeout_case cases[] = {
            {"GET / HT", timeout_kind::header, "HTTP/1.1 408 Request Timeout\r\n"},
            {"", timeout_kind::header, ""},
            {get("/one"), timeout_kind::idle, "HTTP/1.1 200 OK\r\n"},
            {get("/one", "Content-Length: 9\r\n") + "x", timeout_kind::body, "HTTP/1.1 200 OK\r\n"},
        };
        for (const timeout_case& each : cases) {
            exchange with{limits};
            co_await with.send(each.text);
            const std::string answer = co_await with.receive_all();
            EXPECT_TRUE(answer.starts_with(each.answer)) << each.text;
            EXPECT_EQ(answer.empty(), each.answer.empty());
            EXPECT_EQ(with.metrics.timeouts.get(each.kind), 1U) << each.text;
            co_await with.close();
        }
    };
    run_on_shard(run());
}

TEST(h1_session, stop_ends_it_wherever_it_is) {
    const auto run = []() -> task<void> {
        for (const std::string& text :
             {std::string{}, std::string{"GET / HT"}, get("/large"), get("/one"),
              get("/one", "Content-Length: 9\r\n"), get("/one", "Connection: close\r\n"),
              std::string{"nonsense\r\n"}}) {
            exchange with;
            with.handler.body = text == get("/large") ? std::string(32'000'000, 'x') : "";
            co_await with.send(text);
            static_cast<void>(co_await sleep_for(5ms));
            with.running().request_stop();
            co_await with.running().join();
            co_await with.close();
        }
    };
    run_on_shard(run());
}

// Goal: a drained connection ends after the response that it is sending, which may not know yet.
TEST(h1_session, drain_ends_it_after_the_response) {
    const auto run = []() -> task<void> {
        exchange with;
        with.handler.delay = 20ms;
        co_await with.send(get("/one"));
        static_cast<void>(co_await sleep_for(5ms));
        with.session().drain();
        const std::string answer = co_await with.receive_all();
        EXPECT_TRUE(answer.ends_with("/one"));
        co_await with.close();
        EXPECT_EQ(with.metrics.timeouts.get(timeout_kind::idle), 0U);
    };
    run_on_shard(run());
}

// Goal: a request that is on its way while an idle connection drains is still answered.
TEST(h1_session, drain_leaves_an_idle_connection_a_moment) {
    const auto run = []() -> task<void> {
        exchange with;
        co_await with.send(get("/one"));
        static_cast<void>(co_await with.receive_until("/one"));
        with.session().drain();
        co_await with.send(get("/two"));
        const std::string answer = co_await with.receive_all();
        EXPECT_TRUE(answer.contains("\r\nConnection: close\r\n"));
        EXPECT_TRUE(answer.ends_with("/two"));
        co_await with.close();
    };
    run_on_shard(run());
}

TEST(h1_session, stays_in_the_list_of_its_shard) {
    const auto run = []() -> task<void> {
        test_handler handler;
        observe::http_metrics metrics;
        const session_limits limits;
        session_context context{handler, limits, transfer_method::automatic, metrics, nullptr, 0};
        scope running;
        std::vector<test::fd_pair> pairs;
        std::vector<std::unique_ptr<h1_session>> sessions;
        for (int i = 0; i < 3; ++i) {
            pairs.push_back(test::unix_pair());
            sessions.push_back(std::make_unique<h1_session>(pairs.back().near.release(), context,
                                                            observe::transport::unix_, ""));
            running.spawn(sessions.back()->run());
        }
        const auto count = [&] {
            std::size_t n = 0;
            for (const session* each = context.first; each != nullptr; each = each->next()) {
                ++n;
            }
            return n;
        };
        EXPECT_EQ(count(), 3U);
        pairs.clear();
        co_await running.join();
        sessions.erase(sessions.begin() + 1);
        EXPECT_EQ(count(), 2U);
        sessions.clear();
        EXPECT_EQ(context.first, nullptr);
    };
    run_on_shard(run());
}

}  // namespace
}  // namespace ringway::http
