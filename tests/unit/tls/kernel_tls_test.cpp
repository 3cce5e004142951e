#include "tls/kernel_tls.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/tls/connection.hpp>

#include "support/patience.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"
#include "support/tls_pair.hpp"
#include "unit/tls/record_support.hpp"

namespace ringway::tls {
namespace {

using body = task<void>;
using test::receive_all;
using test::run_on_shard;
using test::send_all;
using test::tls_pair;
using test::tls_world;

class kernel_tls : public ::testing::Test {
protected:
    void SetUp() override {
        if (!has_kernel_tls()) {
            GTEST_SKIP() << "no kernel TLS";
        }
    }
};

task<void> expect_all(connection& at, std::string text) {
    const std::string got = co_await receive_all(at, text.size());
    const auto differs = std::ranges::mismatch(got, text).in1 - got.begin();
    EXPECT_TRUE(got == text) << got.size() << " bytes of " << text.size() << ", different from "
                             << differs << ": "
                             << got.substr(static_cast<std::size_t>(differs), 20);
}

// Goal: after records of ours the kernel goes on, with send, parts and sendfile, small and large;
// receiving stays here; the end is a close_notify.
TEST_F(kernel_tls, goes_on_where_we_stopped) {
    for (const cipher each : {cipher::aes_128_gcm, cipher::aes_256_gcm}) {
        tls_world world{{.ciphers = {each}}};
        const auto run = [](tls_world& with) -> body {
            tls_pair both{with};
            RW_CO_ASSERT(co_await both.shake_hands());
            co_await send_all(both.server, "by us ");
            RW_CO_ASSERT(both.server.use_kernel_send());
            EXPECT_TRUE(both.server.is_kernel_send());
            EXPECT_EQ(both.server.free_bytes(), 0U);

            std::string head = "head ";
            const std::string text = test::pattern(3'000'000);
            const unique_fd file = test::file_with(text);
            scope receiving;
            receiving.spawn(expect_all(both.client, "by us head one two " + text + text));
            const auto more = co_await both.server.socket().send_more(as_bytes(head));
            EXPECT_EQ(more.value_or(0), head.size());
            std::string one = "one ";
            std::string two = "two ";
            std::vector<iovec> parts{{one.data(), one.size()}, {two.data(), two.size()}};
            EXPECT_EQ((co_await both.server.socket().send_parts(parts)).value_or(0), 8U);
            EXPECT_EQ((co_await both.server.socket().send(as_bytes(text))).value_or(0),
                      text.size());
            std::uint64_t at = 0;
            while (at < text.size()) {
                const auto moved =
                    co_await both.server.socket().send_file(file.get(), at, 1U << 20U);
                if (!moved || *moved == 0) {
                    ADD_FAILURE() << "sendfile ended at " << at;
                    break;
                }
                at += *moved;
            }
            co_await receiving.join();
            co_await send_all(both.client, "upwards");
            EXPECT_EQ(co_await receive_all(both.server, 7), "upwards");
            both.server.shutdown_send();
            const auto end = co_await both.client.receive();
            EXPECT_TRUE(end.has_value() && !*end);
            EXPECT_FALSE(both.client.was_truncated());
            co_await both.close();
        };
        run_on_shard(run(world));
        EXPECT_EQ(world.server->counts().kernel_sends, 1U);
    }
}

TEST_F(kernel_tls, declines_what_the_kernel_is_not_given) {
    tls_world world{{.ciphers = {cipher::chacha20_poly1305}}};
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        EXPECT_FALSE(both.server.use_kernel_send());
        co_await send_all(both.server, "still by us");
        EXPECT_EQ(co_await receive_all(both.client, 11), "still by us");
        co_await both.close();
    };
    run_on_shard(run(world));
}

TEST_F(kernel_tls, declines_while_output_is_pending) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        both.server.put(as_bytes("pending"));
        EXPECT_FALSE(both.server.use_kernel_send());
        EXPECT_TRUE((co_await both.server.flush()).has_value());
        EXPECT_TRUE(both.server.use_kernel_send());
        co_await both.close();
    };
    run_on_shard(run(world));
}

// Goal: a request for new keys is answered where the kernel can change them, else the connection
// ends with close_notify and an error that says so.
TEST_F(kernel_tls, a_key_update_is_answered_or_ends_the_connection) {
    const test::fd_pair pair = test::tcp_pair();
    record_keys keys = test_keys();
    ASSERT_TRUE(give_to_kernel(pair.near.get(), keys));
    record_reader reader{test_keys(), record_reader::role::client};
    test::put(pair.near.get(), "before");
    const bool updated = update_kernel_keys(pair.near.get(), keys);
    if (updated) {
        test::put(pair.near.get(), "after");
    }
    send_kernel_alert(pair.near.get(), alert::close_notify);
    read_result got;
    while (got.last != record_reader::status::ended) {
        ASSERT_TRUE(test::wait_for(pair.far.get(), POLLIN)) << got.data;
        const read_result more = read_all(reader, as_bytes(test::get_now(pair.far.get())));
        ASSERT_NE(more.last, record_reader::status::failed) << got.data;
        got.data += more.data;
        got.last = more.last;
    }
    EXPECT_EQ(got.data, updated ? "beforeafter" : "before");
}

TEST(kernel_tls_absent, changes_nothing) {
    if (has_kernel_tls()) {
        GTEST_SKIP() << "this kernel has TLS";
    }
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        EXPECT_FALSE(both.server.use_kernel_send());
        co_await send_all(both.server, "by us");
        EXPECT_EQ(co_await receive_all(both.client, 5), "by us");
        co_await both.close();
    };
    run_on_shard(run(world));
}

}  // namespace
}  // namespace ringway::tls
