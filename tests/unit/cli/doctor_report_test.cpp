#include "cli/doctor_report.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace ringway::cli {
namespace {

using probe::finding;
using probe::state;
using probe::topic;

doctor_report example() {
    return {.rows = {{.id = "serving.driver",
                      .about = topic::serving,
                      .name = "driver",
                      .has = state::yes,
                      .found_by = "trying",
                      .for_serve = true},
                     {.id = "tls.send",
                      .about = topic::tls,
                      .name = "kTLS",
                      .has = state::no,
                      .detail = "the module is not there",
                      .found_by = "a record over a connection to ourselves",
                      .since = "5.1",
                      .why = "sendfile",
                      .fix = "sudo modprobe tls",
                      .for_serve = true},
                     {.id = "tls.send_256",
                      .about = topic::tls,
                      .name = "a name that is wider than its whole column is",
                      .has = state::unknown,
                      .detail = std::string(30, 'x') + " " + std::string(60, 'y'),
                      .found_by = "trying",
                      .fix = "sudo modprobe tls",
                      .for_serve = true}},
            .version = "1.2.3",
            .kernel = "6.1",
            .root = false};
}

TEST(doctor_report, summary_comes_first) {
    auto report = example();
    EXPECT_EQ(as_text(report, {})
                  .find("ringway serve runs here, but not at full strength. It "
                        "lacks:\n  kTLS: the module is not there\n      sudo "
                        "modprobe tls\nAnd these could not be tried:\n  a name that is"),
              0U);
    report.rows.erase(report.rows.begin() + 1);
    EXPECT_EQ(as_text(report, {})
                  .find("ringway serve runs here, maybe at full strength. These could not be "
                        "tried:\n  a name that is"),
              0U);
    report.rows.resize(1);
    EXPECT_EQ(as_text(report, {}),
              "ringway serve will run at full strength on this machine.\n"
              "1 rows: 1 yes, 0 partial, 0 no, 0 unknown; Linux 6.1, without root, with "
              "which\nmore can be tried.\n"
              "\n"
              "ringway serve                            since  found out by\n"
              "  yes      driver                        -      trying\n");
}

TEST(doctor_report, fits_into_80_columns) {
    for (const bool verbose : {false, true}) {
        std::istringstream lines{as_text(example(), {.verbose = verbose})};
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 80U) << line;
        }
    }
}

TEST(doctor_report, reasons_and_colours_when_asked_for) {
    EXPECT_EQ(as_text(example(), {}).find("why:"), std::string::npos);
    EXPECT_NE(as_text(example(), {.verbose = true}).find("why: sendfile"), std::string::npos);
    EXPECT_EQ(as_text(example(), {}).find('\x1b'), std::string::npos);
    EXPECT_NE(as_text(example(), {.colours = true}).find("\x1b[31m"), std::string::npos);
}

TEST(doctor_report, topics_are_chosen) {
    const auto text = as_text(example(), {.topics = {topic::serving}});
    EXPECT_NE(text.find("ringway serve                 "), std::string::npos);
    EXPECT_EQ(text.find("TLS in the kernel"), std::string::npos);
}

TEST(doctor_report, json_has_all) {
    const auto all = nlohmann::json::parse(as_json(example(), {}));
    EXPECT_EQ(all["ringway_doctor"], 1);
    EXPECT_EQ(all["serve"]["full_strength"], false);
    EXPECT_EQ(all["serve"]["missing"], (nlohmann::json{"tls.send", "tls.send_256"}));
    EXPECT_EQ(all["serve"]["untried"], nlohmann::json::array({"tls.send_256"}));
    ASSERT_EQ(all["findings"].size(), 3U);
    EXPECT_EQ(all["findings"][1],
              (nlohmann::json{{"id", "tls.send"},
                              {"topic", "tls"},
                              {"name", "kTLS"},
                              {"state", "no"},
                              {"detail", "the module is not there"},
                              {"found_by", "a record over a connection to ourselves"},
                              {"since", "5.1"},
                              {"why", "sendfile"},
                              {"fix", "sudo modprobe tls"},
                              {"serve", true}}));
}

TEST(doctor_report, json_survives_any_bytes) {
    auto report = example();
    report.rows[0].detail = "\xff\n\"";
    EXPECT_NO_THROW(static_cast<void>(nlohmann::json::parse(as_json(report, {}))));
}

TEST(doctor_report, commands_are_told_once) {
    EXPECT_EQ(fixes_of(example()), "sudo modprobe tls\n");
    EXPECT_EQ(fixes_of({}), "");
    auto report = example();
    report.rows[1].fix = "run Linux 6.1 or newer";
    EXPECT_EQ(fixes_of(report), "# run Linux 6.1 or newer\nsudo modprobe tls\n");
}

}  // namespace
}  // namespace ringway::cli
