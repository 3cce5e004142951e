// Goal: a browser gets a page with hundreds of parts over HTTP/2, complete.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

constexpr int parts = 200;

// What the browser makes of a page, once its scripts have run.
ended_process dump_page(const string& url, const string& profile) {
    return run_program({.program = "chromium-headless-shell",
                        .arguments = {"--no-sandbox", "--disable-gpu", "--no-first-run",
                                      "--disable-background-networking", "--disable-sync",
                                      "--disable-component-update", "--disable-quic",
                                      "--ignore-certificate-errors", "--user-data-dir=" + profile,
                                      "--virtual-time-budget=20000", "--dump-dom", url}});
}

TEST(serve_chromium, page_of_many_parts_arrives_complete) {
    const auto there = run_program(
        {.program = "chromium-headless-shell", .arguments = {"--no-sandbox", "--version"}});
    if (there.exit_status != 0) {
        GTEST_SKIP() << "skipped: there is no chromium-headless-shell here";
    }
    const temporary_site site;
    const temporary_site profile;
    string page = "<!doctype html><p id=result>waiting</p><script>let sum = 0;</script>";
    int wanted = 0;
    for (int i = 1; i <= parts; ++i) {
        const string name = "part" + std::to_string(i) + ".js";
        // Of 100 bytes to 90 KB.
        site.add(name, "sum += " + std::to_string(i) + ";//" +
                           string(static_cast<std::size_t>(i % 10) * 10'000 + 100, '.'));
        page += "<script src=" + name + "></script>";
        wanted += i;
    }
    page +=
        "<script>const h2 = performance.getEntriesByType('resource')"
        ".filter(e => e.nextHopProtocol === 'h2').length;"
        "document.getElementById('result').textContent = `sum ${sum} by h2 ${h2}`;</script>";
    site.add("index.html", page);
    const server_process server{
        site.path(), {"--tls", "self"}, {.environment = {{"XDG_STATE_HOME", profile.path()}}}};

    const string url = "https://localhost:" + std::to_string(server.port()) + "/";
    const ended_process seen = dump_page(url, profile.at("browser"));
    const string said = "sum " + std::to_string(wanted) + " by h2 " + std::to_string(parts);
    EXPECT_TRUE(seen.standard_output.contains(said))
        << seen.standard_output.substr(0, 200) << seen.standard_error.substr(0, 2000);
}

}  // namespace
}  // namespace ringway::test
