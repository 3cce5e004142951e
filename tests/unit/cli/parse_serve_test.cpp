#include "cli/parse_serve.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cli/serve_option_table.hpp"

namespace ringway::cli {
namespace {

using words = std::initializer_list<std::string_view>;

std::variant<serve_options, reply> parse(words arguments, const environment& variables = {}) {
    const std::vector<std::string_view> all{arguments};
    return parse_serve(all, variables);
}

serve_options options_of(words arguments, const environment& variables = {}) {
    const auto parsed = parse(arguments, variables);
    if (const auto* const told = std::get_if<reply>(&parsed)) {
        ADD_FAILURE() << told->text;
        return {};
    }
    return std::get<serve_options>(parsed);
}

// The one line that says what is wrong.
std::string error_of(words arguments, const environment& variables = {}) {
    const auto parsed = parse(arguments, variables);
    const auto* const told = std::get_if<reply>(&parsed);
    if (told == nullptr) {
        ADD_FAILURE() << "accepted";
        return {};
    }
    EXPECT_EQ(told->exit_code, 2);
    EXPECT_EQ(told->text.find('\n'), told->text.size() - 1) << "one line: " << told->text;
    return told->text.substr(0, told->text.size() - 1);
}

using texts = std::vector<std::string>;

TEST(parse_serve, nothing_means_the_defaults) {
    const auto options = options_of({});
    EXPECT_EQ(options.directory, ".");
    EXPECT_EQ(options.listen, texts{"127.0.0.1:8080"});
    EXPECT_EQ(options.site.index_names, texts{"index.html"});
    EXPECT_EQ(options.shards, 0U);
}

TEST(parse_serve, every_way_to_write_an_option) {
    EXPECT_EQ(options_of({"--shards", "2"}).shards, 2U);
    EXPECT_EQ(options_of({"--shards=2"}).shards, 2U);
    EXPECT_EQ(options_of({"-l", ":80"}).listen, texts{":80"});
    EXPECT_EQ(options_of({"-l:80"}).listen, texts{":80"});
    EXPECT_TRUE(options_of({"--busy-poll"}).busy_poll);
    EXPECT_FALSE(options_of({"--busy-poll=no"}).busy_poll);
    EXPECT_FALSE(options_of({"--no-pin"}).pin);
    EXPECT_EQ(options_of({"--log", "-"}).log, "-");
}

TEST(parse_serve, the_directory_stands_anywhere) {
    EXPECT_EQ(options_of({"/"}).directory, "/");
    EXPECT_EQ(options_of({"/", "--shards", "2"}).directory, "/");
    EXPECT_EQ(options_of({"--shards", "2", "/"}).directory, "/");
    EXPECT_EQ(options_of({"--listen", ":80", "/", "--busy-poll"}).directory, "/");
    EXPECT_EQ(options_of({"--", "/"}).directory, "/");
    EXPECT_EQ(options_of({"--spa", "/"}).directory, "/");
}

TEST(parse_serve, lists_grow_and_replace_their_default) {
    EXPECT_EQ(options_of({"--listen", ":80", "--listen", ":81,:82"}).listen,
              (texts{":80", ":81", ":82"}));
    EXPECT_EQ(options_of({"--index", "a", "--index", "b"}).site.index_names, (texts{"a", "b"}));
    EXPECT_EQ(options_of({"--header", "A: b", "--header", "C: [d]"}).site.extra_headers[1].value,
              "[d]");
}

TEST(parse_serve, of_several_values_the_last_counts) {
    EXPECT_EQ(options_of({"--shards", "2", "--shards", "3"}).shards, 3U);
}

TEST(parse_serve, hsts_needs_no_value) {
    using std::chrono::seconds;
    EXPECT_EQ(options_of({"--tls", "self", "--hsts"}).tls.hsts, seconds{31'536'000});
    EXPECT_EQ(options_of({"--tls", "self", "--hsts=300"}).tls.hsts, seconds{300});
    EXPECT_EQ(options_of({"--tls", "self", "--hsts=off"}).tls.hsts, seconds{0});
    EXPECT_EQ(options_of({}).tls.hsts, seconds{0});
}

TEST(parse_serve, certificates_change_the_default_address) {
    EXPECT_EQ(options_of({"--tls", "self"}).listen, texts{"127.0.0.1:8443"});
    EXPECT_EQ(options_of({"--tls-dir", "/x"}).listen, texts{"127.0.0.1:8443"});
    EXPECT_EQ(options_of({"--tls", "self", "-l", ":1"}).listen, texts{":1"});
    const auto tls = options_of({}, {{"RINGWAY_TLS", "self\na.crt,a.key"}}).tls;
    EXPECT_TRUE(tls.self);
    EXPECT_EQ(tls.sources.files, (std::vector<tls::certificate_files>{{"a.crt", "a.key"}}));
}

TEST(parse_serve, spa_needs_no_value) {
    EXPECT_EQ(options_of({"--spa"}).site.spa_fallback, "index.html");
    EXPECT_EQ(options_of({"--spa=/app.html"}).site.spa_fallback, "app.html");
    EXPECT_EQ(options_of({}).site.spa_fallback, "");
}

TEST(parse_serve, headers_have_a_limit_together) {
    const std::string half = "X: " + std::string(16'380, 'a');
    EXPECT_EQ(
        options_of({"--header", half.c_str(), "--header", half.c_str()}).site.extra_headers.size(),
        2U);
    EXPECT_TRUE(error_of({"--header", half.c_str(), "--header", half.c_str(), "--cache-control",
                          "max-age=1"})
                    .contains("32768 at most"));
}

TEST(parse_serve, variables_stand_for_options) {
    EXPECT_EQ(variable_of("max-connections-per-address"), "RINGWAY_MAX_CONNECTIONS_PER_ADDRESS");
    EXPECT_EQ(options_of({}, {{"RINGWAY_SHARDS", "2"}}).shards, 2U);
    EXPECT_EQ(options_of({"--shards", "3"}, {{"RINGWAY_SHARDS", "2"}}).shards, 3U);
    EXPECT_EQ(options_of({}, {{"RINGWAY_SHARDS", ""}}).shards, 0U);
    EXPECT_TRUE(options_of({}, {{"RINGWAY_BUSY_POLL", "yes"}}).busy_poll);
    for (const auto& row : serve_option_table()) {
        const auto name = variable_of(row.text.name);
        EXPECT_TRUE(std::ranges::all_of(name, [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        })) << name;
    }
    EXPECT_EQ(variable_of("no-http3"), "RINGWAY_NO_HTTP3");
    EXPECT_FALSE(options_of({"--busy-poll=no"}, {{"RINGWAY_BUSY_POLL", "yes"}}).busy_poll);
    EXPECT_EQ(options_of({}, {{"RINGWAY_LISTEN", ":80,:81"}}).listen, (texts{":80", ":81"}));
    EXPECT_EQ(options_of({"--listen", ":1"}, {{"RINGWAY_LISTEN", ":80"}}).listen, texts{":1"});
    const auto headers = options_of({}, {{"RINGWAY_HEADER", "A: b, c\nD: e\n"}}).site.extra_headers;
    ASSERT_EQ(headers.size(), 2U);
    EXPECT_EQ(headers[0].value, "b, c");
    EXPECT_EQ(headers[1].name, "D");
    EXPECT_EQ(error_of({}, {{"RINGWAY_SHARDS", "x"}}),
              "ringway: RINGWAY_SHARDS: \"x\" is no whole number from 1 to 1024");
}

TEST(parse_serve, wrong_values_are_told) {
    EXPECT_EQ(error_of({"--shards", "x"}),
              "ringway: --shards: \"x\" is no whole number from 1 to 1024");
    EXPECT_EQ(error_of({"--idle-timeout", "10"}),
              "ringway: --idle-timeout: \"10\" is no duration: write 500ms, 10s, 5m, 1h or off");
    EXPECT_EQ(error_of({"--idle-timeout", "-5s"}),
              "ringway: --idle-timeout: \"-5s\" is no duration: write 500ms, 10s, 5m, 1h or off");
    EXPECT_EQ(error_of({"--symlinks", "outside"}),
              "ringway: --symlinks: \"outside\" is none of deny, inside and follow");
    EXPECT_EQ(error_of({"--max-target", "32K", "--max-header-bytes", "16K"}),
              "ringway: --max-target must not be greater than --max-header-bytes");
}

// Goal: nobody believes in a limit that is not there.
TEST(parse_serve, what_a_guard_does_needs_one) {
    const auto wanted = "ringway: --guard-rate, --guard-block and the others need --guard IFACE";
    EXPECT_EQ(error_of({"--guard-rate", "10"}), wanted);
    EXPECT_EQ(error_of({"--guard-dry-run"}), wanted);
    EXPECT_EQ(error_of({}, {{"RINGWAY_GUARD_BLOCK", "list"}}), wanted);
    EXPECT_EQ(options_of({"--guard-rate", "10", "--guard", "eth0"}).guard.rate, "10");
}

TEST(parse_serve, missing_values_are_told) {
    const auto wanted = "ringway: --listen needs a value: --listen ADDR:PORT";
    EXPECT_EQ(error_of({"--listen"}), wanted);
    EXPECT_EQ(error_of({"--listen="}), wanted);
    EXPECT_EQ(error_of({"--listen", "--shards", "2"}), wanted);
    EXPECT_EQ(error_of({"--spa="}), "ringway: --spa needs a value: --spa PATH");
}

TEST(parse_serve, unknown_options_are_told) {
    EXPECT_EQ(error_of({"--lisen", ":80"}),
              "ringway: serve has no option --lisen; did you mean --listen? (ringway serve --help "
              "lists them)");
    EXPECT_EQ(error_of({"--lisen=:80"}),
              "ringway: serve has no option --lisen; did you mean --listen? (ringway serve --help "
              "lists them)");
    EXPECT_EQ(error_of({"--quux"}),
              "ringway: serve has no option --quux (ringway serve --help lists them)");
    EXPECT_EQ(error_of({"-x"}),
              "ringway: serve has no option -x (ringway serve --help lists them)");
}

TEST(parse_serve, one_directory_only) {
    EXPECT_EQ(error_of({"/", "/usr"}), "ringway: one directory can be served, not both / and /usr");
}

TEST(parse_serve, the_directory_is_looked_at) {
    EXPECT_EQ(error_of({"/no/such/place"}),
              "ringway: /no/such/place does not exist; name an existing directory: ringway serve "
              "DIR");
}

TEST(parse_serve, help_is_no_error) {
    for (const auto* const spelling : {"--help", "-h"}) {
        const auto parsed = parse({"/no/such/place", spelling});
        const auto& told = std::get<reply>(parsed);
        EXPECT_EQ(told.exit_code, 0);
        for (const auto& row : serve_option_table()) {
            EXPECT_NE(told.text.find("--" + std::string{row.text.name}), std::string::npos);
        }
    }
}

// Goal: every row of the table can be used from the command line and from a variable.
TEST(parse_serve, every_option_is_known) {
    for (const auto& row : serve_option_table()) {
        const auto name = "--" + std::string{row.text.name};
        const auto value = row.text.form == option_form::flag ? std::string{"yes"}
                           : row.text.default_value.empty()   ? std::string{"off"}
                                                              : std::string{row.text.default_value};
        if (row.text.name == "header" || row.text.name == "tls-min") {
            continue;  // A field needs a name, TLS a certificate.
        }
        const auto option = name + "=" + value;
        if (row.text.name.starts_with("guard-")) {  // It needs something to guard.
            options_of({"--guard=eth0", option});
            options_of({}, {{"RINGWAY_GUARD", "eth0"}, {variable_of(row.text.name), value}});
            continue;
        }
        options_of({option});
        options_of({}, {{variable_of(row.text.name), value}});
    }
}

}  // namespace
}  // namespace ringway::cli
