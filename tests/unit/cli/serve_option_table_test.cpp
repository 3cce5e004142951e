#include "cli/serve_option_table.hpp"

#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

const serve_option& option(std::string_view name) {
    for (const auto& row : serve_option_table()) {
        if (row.text.name == name) {
            return row;
        }
    }
    ADD_FAILURE() << "no option " << name;
    return serve_option_table().front();
}

serve_options with(std::string_view name, std::string_view value) {
    serve_options options;
    const auto applied = option(name).apply(options, value);
    EXPECT_TRUE(applied) << name << ' ' << value;
    return options;
}

bool refuses(std::string_view name, std::string_view value) {
    serve_options options;
    return !option(name).apply(options, value);
}

TEST(serve_option_table, rows_are_complete) {
    std::set<std::string_view> names;
    std::set<std::string_view> finished;
    std::string_view group;
    for (const auto& row : serve_option_table()) {
        EXPECT_TRUE(names.insert(row.text.name).second) << row.text.name << " occurs twice";
        if (row.text.group != group) {
            EXPECT_TRUE(finished.insert(row.text.group).second) << "groups are mixed";
            group = row.text.group;
        }
        EXPECT_TRUE(row.text.help.ends_with('.')) << row.text.name;
        EXPECT_EQ(row.text.value.empty(), row.text.form == option_form::flag) << row.text.name;
        EXPECT_NE(row.apply, nullptr) << row.text.name;
    }
}

// Goal: what --help calls the default is the default.
TEST(serve_option_table, told_defaults_are_the_defaults) {
    const serve_options expected;
    serve_options told;
    told.listen.clear();
    told.site.index_names.clear();
    for (const auto& row : serve_option_table()) {
        if (!row.text.default_value.empty() && row.text.name != "mime-types") {
            EXPECT_TRUE(row.apply(told, row.text.default_value)) << row.text.name;
        }
    }
    EXPECT_EQ(told.listen, expected.listen);
    EXPECT_EQ(told.site.index_names, expected.site.index_names);
    EXPECT_EQ(told.site.listing, expected.site.listing);
    EXPECT_EQ(told.site.hidden, expected.site.hidden);
    EXPECT_EQ(told.site.symlinks, expected.site.symlinks);
    EXPECT_EQ(told.site.precompressed, expected.site.precompressed);
    EXPECT_EQ(told.header_timeout, expected.header_timeout);
    EXPECT_EQ(told.idle_timeout, expected.idle_timeout);
    EXPECT_EQ(told.drain, expected.drain);
    EXPECT_EQ(told.min_rate, expected.min_rate);
    EXPECT_EQ(told.max_connections, expected.max_connections);
    EXPECT_EQ(told.max_connections_per_address, expected.max_connections_per_address);
    EXPECT_EQ(told.max_requests, expected.max_requests);
    EXPECT_EQ(told.max_header_bytes, expected.max_header_bytes);
    EXPECT_EQ(told.max_headers, expected.max_headers);
    EXPECT_EQ(told.max_target, expected.max_target);
    EXPECT_EQ(told.log, expected.log);
    EXPECT_EQ(told.log_format, expected.log_format);
    EXPECT_EQ(told.level, expected.level);
    EXPECT_EQ(told.shards, expected.shards);
    EXPECT_EQ(told.driver, expected.driver);
    EXPECT_EQ(told.transfer, expected.transfer);
    EXPECT_EQ(told.cache_bytes, expected.cache_bytes);
    EXPECT_EQ(told.cache_entries, expected.cache_entries);
    EXPECT_EQ(told.cache_ttl, expected.cache_ttl);
    EXPECT_EQ(told.tls.oldest, expected.tls.oldest);
}

TEST(serve_option_table, values_arrive) {
    using namespace std::chrono_literals;
    EXPECT_EQ(with("listing", "json").site.listing, files::listing_mode::json);
    EXPECT_EQ(with("hidden", "allow").site.hidden, files::hidden_policy::allow);
    EXPECT_EQ(with("symlinks", "follow").site.symlinks, files::symlink_policy::follow);
    EXPECT_EQ(with("mime-types", "/x").mime_types, "/x");
    EXPECT_EQ(with("header-timeout", "1s").header_timeout, 1s);
    EXPECT_EQ(with("idle-timeout", "2s").idle_timeout, 2s);
    EXPECT_EQ(with("min-rate", "1K").min_rate, 1024U);
    EXPECT_EQ(with("max-connections", "9").max_connections, 9U);
    EXPECT_EQ(with("max-connections-per-address", "off").max_connections_per_address, 0U);
    EXPECT_EQ(with("max-requests", "100").max_requests, 100U);
    EXPECT_EQ(with("max-header-bytes", "64K").max_header_bytes, 65536U);
    EXPECT_EQ(with("max-headers", "50").max_headers, 50U);
    EXPECT_EQ(with("max-target", "4K").max_target, 4096U);
    EXPECT_EQ(with("drain", "off").drain, 0s);
    EXPECT_EQ(with("log-format", "json").log_format, observe::log_format::json);
    EXPECT_EQ(with("log-level", "debug").level, log_level::debug);
    EXPECT_EQ(with("shards", "3").shards, 3U);
    EXPECT_EQ(with("driver", "epoll").driver, driver_kind::epoll);
    EXPECT_EQ(with("transfer", "splice").transfer, transfer_choice::splice);
    EXPECT_EQ(with("cache-bytes", "1G").cache_bytes, std::size_t{1} << 30U);
    EXPECT_EQ(with("cache-block-bytes", "1M").cache_block_bytes, std::size_t{1} << 20U);
    EXPECT_EQ(with("cache-block-bytes", "off").cache_block_bytes, 0U);
    EXPECT_EQ(with("cache-entries", "0").cache_entries, 0U);
    EXPECT_EQ(with("cache-ttl", "off").cache_ttl, 0s);
    EXPECT_TRUE(with("busy-poll", "true").busy_poll);
    EXPECT_EQ(with("transfer", "sendmsg-zc").transfer, transfer_choice::gathered);
    EXPECT_EQ(with("sqpoll", "20ms").sqpoll, 20ms);
    EXPECT_EQ(with("sqpoll", "off").sqpoll, 0ms);
    EXPECT_EQ(with("napi", "50").napi, 50U);
    EXPECT_EQ(with("napi", "off").napi, 0U);
    EXPECT_EQ(with("tls-min", "1.2").tls.oldest, tls_version::tls_1_2);
    EXPECT_EQ(with("tls-min", "1.3").tls.oldest, tls_version::tls_1_3);
    EXPECT_TRUE(with("h2c", "true").h2c);
    EXPECT_TRUE(with("admin-public", "true").admin_public);
    EXPECT_FALSE(with("no-pin", "true").pin);
    EXPECT_TRUE(with("no-pin", "false").pin);
}

TEST(serve_option_table, values_have_bounds) {
    EXPECT_TRUE(refuses("shards", "0"));
    EXPECT_TRUE(refuses("shards", "1025"));
    EXPECT_TRUE(refuses("max-connections", "0"));
    EXPECT_TRUE(refuses("max-headers", "0"));
    EXPECT_TRUE(refuses("max-headers", "251"));
    EXPECT_TRUE(refuses("max-header-bytes", "1000"));
    EXPECT_TRUE(refuses("max-header-bytes", "2M"));
    EXPECT_TRUE(refuses("max-target", "63"));
    EXPECT_TRUE(refuses("max-target", "65K"));
    EXPECT_TRUE(refuses("busy-poll", "perhaps"));
    EXPECT_TRUE(refuses("sqpoll", "20"));
    EXPECT_TRUE(refuses("napi", "0"));
    EXPECT_TRUE(refuses("napi", "100001"));
    EXPECT_TRUE(refuses("no-pin", "perhaps"));
    EXPECT_TRUE(refuses("tls-min", "1.1"));
    EXPECT_TRUE(refuses("hsts", "-1"));
    EXPECT_TRUE(refuses("hsts", "315360001"));
    EXPECT_TRUE(refuses("hsts", "1h"));
}

}  // namespace
}  // namespace ringway::cli
