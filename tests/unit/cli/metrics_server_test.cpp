#include "cli/metrics_server.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/run_blocking.hpp>

#include "support/http_client.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::cli {
namespace {

class one_line final : public admin_handler::source {
public:
    void write_metrics(std::string& out) override { out += "one_line 1\n"; }
    [[nodiscard]] bool healthy() override { return true; }
};

int port_in(const std::string& address) {
    return std::stoi(address.substr(address.rfind(':') + 1));
}

task<void> serve_until_stopped() {
    ::testing::internal::CaptureStderr();
    auto listener = listen_for_metrics("--metrics", "127.0.0.1:0");
    const auto told = ::testing::internal::GetCapturedStderr();
    RW_CO_ASSERT(listener.has_value());
    EXPECT_TRUE(told.contains("http://" + listener->address + "/metrics")) << told;
    const int port = port_in(listener->address);
    one_line source;
    scope serving;
    serving.spawn(serve_metrics(*std::move(listener), source));
    const auto page =
        co_await run_blocking([port] { return test::http_client{port}.get("/metrics"); });
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body, "one_line 1\n");
    const auto health =
        co_await run_blocking([port] { return test::http_client{port}.get("/healthz"); });
    EXPECT_EQ(health.status, 200);
    serving.request_stop();
    co_await serving.join();
    EXPECT_FALSE(test::connect_to_port(port));
}

TEST(metrics_server, serves_until_it_is_stopped) { test::run_on_shard(serve_until_stopped()); }

TEST(metrics_server, says_what_is_wrong_with_an_address) {
    const auto nonsense = listen_for_metrics("--prometheus", "nonsense");
    ASSERT_FALSE(nonsense);
    EXPECT_EQ(nonsense.error().why.code, errc::malformed);
    EXPECT_TRUE(nonsense.error().text.starts_with("--prometheus nonsense: "))
        << nonsense.error().text;
    const auto elsewhere = listen_for_metrics("--metrics", "192.0.2.1:1");  // RFC 5737.
    ASSERT_FALSE(elsewhere);
    EXPECT_NE(elsewhere.error().why.code, errc::malformed);
    EXPECT_TRUE(elsewhere.error().text.contains("192.0.2.1:1")) << elsewhere.error().text;
}

}  // namespace
}  // namespace ringway::cli
