// Goal: nothing outside the root is ever served, and nothing inside by another way than its name.
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

class serve_paths : public ::testing::Test {
protected:
    serve_paths() {
        site_.add("root/x", "x");
        site_.add("root/a/x", "a x");
        site_.add("root/a/b", "a b");
        site_.add("root/private/secret", "private");
        site_.add("root/x\\y", "backslash");
        site_.add("root/%2e%2e/x", "a directory called %2e%2e");
        site_.add("x", "TOP SECRET");
        site_.add("secret", "TOP SECRET");
    }

    temporary_site site_;
};

struct path_case {
    std::string_view target;
    int status;
    std::string_view body = {};
};

// Of servers.md section 5, "path traversal".
constexpr path_case path_cases[] = {
    {"/../x", 400},
    {"/a/../../x", 400},
    {"/a/../../root/x", 400},
    {"/..", 400},
    {"/../", 400},
    {"/..%2fx", 404},
    {"/%2e%2e/x", 400},
    {"/.%2e/x", 400},
    {"/%2e./x", 400},
    {"/a/%2e%2e/%2e%2e/x", 400},
    {"/%2E%2E%2Fx", 404},
    {"/%252e%252e/x", 200, "a directory called %2e%2e"},
    {"/a/..;/x", 404},
    {"/..;/x", 404},
    {"/..\\x", 404},
    {"/..%5cx", 404},
    {"/%5c..%5cx", 404},
    {"/x%5cy", 200, "backslash"},
    {"//etc/passwd", 404},
    {"/a//b", 200, "a b"},
    {"//a///b", 200, "a b"},
    {"/./a/./b", 200, "a b"},
    {"/a/../x", 200, "x"},
    {"/a/x/../b", 200, "a b"},
    {"/x%00.html", 400},
    {"/x%00", 400},
    {"/%00", 400},
    {"/x%0a", 400},
    {"/x%7f", 400},
    {"/x%", 400},
    {"/x%4", 400},
    {"/x%zz", 400},
    {"/%c0%ae%c0%ae/x", 404},
    {"/%c0%ae%c0%ae%c0%afx", 404},
    {"/%e0%80%ae%e0%80%ae/x", 404},
    {"/..%c0%afx", 404},
    {"/private%2fsecret", 404},
    {"/private%2Fsecret", 404},
    {"/private/secret", 200, "private"},
    {"../x", 400},
    {"x", 400},
    {"http://h/../x", 400},
    {"http://h/a/../x", 200, "x"},
    {"http://h/%2e%2e/x", 400},
    {"file:///etc/passwd", 400},
    {"/proc/self/environ", 404},
    {"/....//x", 404},
    {"/...", 404},
};

TEST_F(serve_paths, ways_out_are_refused) {
    const server_process server{site_.at("root")};
    for (const path_case& each : path_cases) {
        const http_response got = server.get(each.target);
        EXPECT_EQ(got.status, each.status) << each.target;
        EXPECT_EQ(got.body.find("TOP SECRET"), std::string::npos) << each.target;
        if (each.status == 200) {
            EXPECT_EQ(got.body, each.body) << each.target;
        }
    }
}

TEST_F(serve_paths, long_paths_are_refused_without_harm) {
    const server_process server{site_.at("root")};
    struct long_case {
        std::string target;
        int status;
    };
    std::string deep;
    while (deep.size() < 4000) {
        deep += "/dddddddd";
    }
    const long_case cases[] = {
        {"/" + std::string(255, 'n'), 404},
        {"/" + std::string(256, 'n'), 404},
        {"/" + std::string(4000, 'n'), 404},
        {"/" + std::string(8000, 'n'), 414},
        {"/" + std::string(9000, 'n'), 414},
        {deep, 404},
        {deep + deep, 414},
        {"/a/" + std::string(3000, '/') + "b", 200},
        {"/x?" + std::string(8000, 'q'), 200},
        {"/x?" + std::string(9000, 'q'), 414},
    };
    for (const long_case& each : cases) {
        EXPECT_EQ(server.get(each.target).status, each.status)
            << each.target.substr(0, 40) << "... " << each.target.size();
    }
}

class serve_hidden : public ::testing::Test {
protected:
    serve_hidden() {
        site_.add(".env", "password");
        site_.add(".git/config", "x");
        site_.add("a/.b/c", "x");
        site_.add(".well-known/security.txt", "contact");
        site_.add(".well-known/.hidden", "x");
        site_.add("a/.well-known/x", "x");
        site_.add(".well-known-not/x", "x");
    }
    temporary_site site_;
};

TEST_F(serve_hidden, names_with_a_dot_do_not_exist) {
    const server_process server{site_.path()};
    http_client client = server.connect();
    for (const char* const target :
         {"/.env", "/%2eenv", "/.git/config", "/.git/", "/.git", "/a/.b/c", "/.well-known/.hidden",
          "/a/.well-known/x", "/.well-known-not/x", "/x/../.env", "/.%65nv"}) {
        EXPECT_EQ(client.get(target).status, 404) << target;
    }
    EXPECT_EQ(client.get("/.well-known/security.txt").body, "contact");
    EXPECT_EQ(client.get("/.well-known").status, 301);
    EXPECT_EQ(client.get("/.well-known/").status, 200);
}

TEST_F(serve_hidden, allowed_where_asked_for) {
    const server_process server{site_.path(), {"--hidden", "allow"}};
    EXPECT_EQ(server.get("/.env").body, "password");
    EXPECT_EQ(server.get("/a/.b/c").status, 200);
}

// Goal: who runs the server can find out why a path is refused; the client can't.
TEST_F(serve_hidden, reasons_are_told_to_the_operator) {
    const server_process server{site_.path(), {"--log-level", "debug", "--listing", "off"}};
    http_client client = server.connect();
    for (const auto& [target, reason] :
         {std::pair{"/.env", "hidden"}, std::pair{"/a%2fb", "an encoded slash"},
          std::pair{"/../x", "leaves the root"}, std::pair{"/a/", "--listing is off"},
          std::pair{"/missing", "No such file"}}) {
        client.get(target);
        EXPECT_TRUE(eventually([&] {
            const std::string said = server.said();
            const auto line = said.find(std::string{target} + ": ");
            return line != std::string::npos && said.find(reason, line) != std::string::npos;
        })) << target;
    }
}

}  // namespace
}  // namespace ringway::test
