#include "cli/redirect_handler.hpp"

#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/tls/self_certificate.hpp>

#include "support/made_request.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::cli {
namespace {

class marking_handler final : public http::handler {
public:
    task<void> respond(const http::request& asked, http::response& out) override {
        static_cast<void>(asked);
        out.plan.start(204);
        co_return;
    }
};

struct answer {
    int status = 0;
    std::string location;
};

class redirect_handler_test : public ::testing::Test {
protected:
    redirect_handler_test() {
        const std::vector<std::string> names{"127.0.0.1", "::1", "*.example.org", "example.org"};
        const auto now = std::time(nullptr);
        const auto text = *tls::make_self_certificate(names, now);
        holder_.replace(*tls::certificate_set::make({&text, 1}, now));
    }

    answer ask(std::string_view host, std::string_view path, std::string_view query = "",
               std::uint16_t port = 443) {
        http::request asked;
        asked.method = wire::method_id::get;
        asked.authority = host;
        asked.path = path;
        asked.query = query;
        http::response out;
        redirect_handler handler{site_, holder_, port};
        const auto run = [](redirect_handler& to, const http::request& what,
                            http::response& into) -> task<void> {
            co_await to.respond(what, into);
        };
        test::run_on_shard(run(handler, asked, out));
        return {out.plan.status, std::string{out.plan.headers.find("Location")}};
    }

    marking_handler site_;
    tls::certificate_holder holder_;
};

TEST_F(redirect_handler_test, keeps_host_path_and_query) {
    struct row {
        std::string_view host, path, query, location;
        std::uint16_t port = 443;
    };
    const row rows[] = {
        {"example.org", "/", "", "https://example.org/"},
        {"example.org:80", "/a%20b/c", "x=1&y=%2F", "https://example.org/a%20b/c?x=1&y=%2F"},
        {"www.example.org", "/", "", "https://www.example.org/"},
        {"Example.ORG", "/", "", "https://Example.ORG/"},
        {"example.org:80", "/", "", "https://example.org:8443/", 8443},
        {"127.0.0.1:80", "/", "", "https://127.0.0.1:8443/", 8443},
        {"[::1]:80", "/", "", "https://[::1]:8443/", 8443},
        {"[::1]", "/", "", "https://[::1]/"},
        {"example.org", "//evil.net/x", "", "https://example.org//evil.net/x"},
        {"example.org", "/\\evil.net", "", "https://example.org/%5Cevil.net"},
        {"example.org", "/\xc3\xa9", "\"<>", "https://example.org/%C3%A9?%22%3C%3E"},
        {"example.org", "/.well-known/acme-challenge/", "",
         "https://example.org/.well-known/acme-challenge/"},
        {"example.org", "/.well-known/acme-challenge/../../x", "",
         "https://example.org/.well-known/acme-challenge/../../x"},
        {"example.org", "/.well-known/acme-challenge/%2e%2e/x", "",
         "https://example.org/.well-known/acme-challenge/%2e%2e/x"},
    };
    for (const auto& each : rows) {
        const auto got = ask(each.host, each.path, each.query, each.port);
        EXPECT_EQ(got.status, 308) << each.host << each.path;
        EXPECT_EQ(got.location, each.location);
    }
}

// Goal: no name that somebody else chose gets into a Location.
TEST_F(redirect_handler_test, leads_to_its_own_hosts_only) {
    for (const std::string_view host :
         {"evil.net", "example.org.evil.net", "a.b.example.org", "example.org@evil.net",
          "evil.net#example.org", "example.org:80@evil.net", "127.0.0.2", "[::2]",
          "example.org/x"}) {
        const auto got = ask(host, "/");
        EXPECT_EQ(got.status, 421) << host;
        EXPECT_EQ(got.location, "");
    }
    EXPECT_EQ(ask("", "/").status, 400);
    EXPECT_EQ(ask(":80", "/").status, 400);
    EXPECT_EQ(ask("example.org", "*").status, 400);
    EXPECT_EQ(ask("example.org", "/" + std::string(8000, 'a')).status, 308);
}

TEST_F(redirect_handler_test, challenges_of_acme_are_served) {
    EXPECT_EQ(ask("example.org", "/.well-known/acme-challenge/aZ09-_").status, 204);
    // Whoever asks for a new name has no certificate for it yet.
    EXPECT_EQ(ask("new.net", "/.well-known/acme-challenge/token").status, 204);
}

}  // namespace
}  // namespace ringway::cli
