#include "cli/advice.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "cli/command_line.hpp"

namespace ringway::cli {
namespace {

using probe::finding;
using probe::state;

// All rows that rules ask for.
std::set<std::string> asked_rows() {
    std::set<std::string> ids;
    for (const auto& rule : advice_rules()) {
        for (std::string_view rest = rule.needs; !rest.empty();) {
            const auto space = std::min(rest.find(' '), rest.size());
            ids.emplace(rest.substr(0, space));
            rest.remove_prefix(std::min(space + 1, rest.size()));
        }
        if (!rule.lacks.empty()) {
            ids.emplace(rule.lacks);
        }
    }
    return ids;
}

std::vector<finding> machine(state has) {
    std::vector<finding> rows;
    for (const auto& id : asked_rows()) {
        rows.push_back({.id = id, .name = id, .has = has, .fix = "fix " + id});
    }
    return rows;
}

void set(std::vector<finding>& rows, std::string_view id, state has) {
    const auto found = std::ranges::find(rows, id, &finding::id);
    ASSERT_NE(found, rows.end()) << id;
    found->has = has;
}

const recommendation& of(const std::vector<recommendation>& all, aspect about) {
    return *std::ranges::find_if(
        all, [about](const recommendation& each) { return each.rule->about == about; });
}

std::string_view chosen(const workload& what, const std::vector<finding>& rows, aspect about) {
    return of(advise(what, rows), about).rule->id;
}

// The place among its aspect's rules: the smaller, the more preferred.
std::size_t rank(const workload& what, const std::vector<finding>& rows, aspect about) {
    return static_cast<std::size_t>(of(advise(what, rows), about).rule - advice_rules().data());
}

constexpr std::array uses{use_case::general, use_case::web_api, use_case::file_server,
                          use_case::media,   use_case::iot,     use_case::trading};

// Every use with every combination of numbers, some of them on the edges.
template <class See>
void for_each_workload(See see) {
    for (const use_case use : uses) {
        for (const double bytes : {1.0, 1400.0, 1401.0, 65536.0, 100e3, 262144.0, 1e12}) {
            for (const double rate : {0.001, 1e9}) {
                for (const double latency : {1.0, 20.0, 21.0, 100.0, 101.0, 50e3, 6e7}) {
                    for (const double loss : {0.0, 0.99, 1.0, 50.0}) {
                        for (const double clients : {1.0, 10e3}) {
                            see(workload{use, bytes, rate, latency, loss, clients});
                        }
                    }
                }
            }
        }
    }
}

TEST(advice, every_workload_on_every_machine_has_an_answer) {
    const std::vector machines{machine(state::yes), machine(state::no), machine(state::partial),
                               machine(state::unknown), std::vector<finding>{}};
    std::size_t wrong = 0;
    for_each_workload([&](const workload& what) {
        for (const auto& rows : machines) {
            const auto all = advise(what, rows);
            wrong += all.size() < 3 || all[0].rule == nullptr || all[1].rule == nullptr ||
                     all[2].rule == nullptr || all[0].rule->about != aspect::runtime ||
                     all[1].rule->about != aspect::protocol || all[2].rule->about != aspect::io;
        }
    });
    EXPECT_EQ(wrong, 0U);
}

// Goal: nothing is recommended that the machine can't do, and what it lacks is told.
TEST(advice, needs_are_met) {
    std::vector<finding> rows = machine(state::yes);
    for (const auto& id : asked_rows()) {
        set(rows, id, state::partial);
        std::size_t wrong = 0;
        for_each_workload([&](const workload& what) {
            for (const auto& each : advise(what, rows)) {
                wrong += (" " + std::string{each.rule->needs} + " ").contains(" " + id + " ");
                for (const auto& passed : each.passed) {
                    wrong += passed.missing.size() != 1 || passed.missing.front()->id != id;
                }
            }
        });
        EXPECT_EQ(wrong, 0U) << id;
        set(rows, id, state::yes);
    }
}

// Goal: who wants less latency is never sent to a slower runtime.
TEST(advice, less_latency_never_means_a_slower_runtime) {
    const auto rows = machine(state::yes);
    std::size_t wrong = 0;
    for_each_workload([&](workload what) {
        // From spinning on rules are not ordered by speed any more.
        const auto slowest_fast = static_cast<std::size_t>(
            std::ranges::find(advice_rules(), "spinning_epoll", &advice_rule::id) -
            advice_rules().begin());
        const std::size_t before = std::min(rank(what, rows, aspect::runtime), slowest_fast + 1);
        what.latency_us /= 2;
        const std::size_t after = std::min(rank(what, rows, aspect::runtime), slowest_fast + 1);
        wrong += after > before;
    });
    EXPECT_EQ(wrong, 0U);
}

// Goal: more loss never leads away from QUIC.
TEST(advice, more_loss_never_leads_away_from_quic) {
    const auto rows = machine(state::yes);
    const std::set<std::string_view> by_quic{"datagrams", "roaming", "lossy"};
    std::size_t wrong = 0;
    for_each_workload([&](workload what) {
        const bool before = by_quic.contains(chosen(what, rows, aspect::protocol));
        what.loss_percent = std::min(what.loss_percent + 2, 50.0);
        wrong += before && !by_quic.contains(chosen(what, rows, aspect::protocol));
    });
    EXPECT_EQ(wrong, 0U);
}

// Goal: a machine that can do more never gets a lesser advice.
TEST(advice, more_features_never_make_it_worse) {
    for (const auto& id : asked_rows()) {
        auto without = machine(state::yes);
        set(without, id, state::no);
        const auto with = machine(state::yes);
        std::size_t wrong = 0;
        for_each_workload([&](const workload& what) {
            for (const auto about : {aspect::runtime, aspect::protocol, aspect::io}) {
                wrong += rank(what, with, about) > rank(what, without, about);
            }
        });
        EXPECT_EQ(wrong, 0U) << id;
    }
}

// Goal: no rule is there for nothing.
TEST(advice, every_rule_is_somebodys_advice) {
    std::vector machines{machine(state::yes), machine(state::no)};
    for (const auto* const id : {"xdp.zero_copy", "tls.send", "io_uring.send_zc"}) {
        machines.push_back(machine(state::yes));
        set(machines.back(), id, state::no);
    }
    std::set<const advice_rule*> seen;
    for_each_workload([&](const workload& what) {
        for (const auto& rows : machines) {
            for (const auto& each : advise(what, rows)) {
                seen.insert(each.rule);
            }
        }
    });
    for (const auto& rule : advice_rules()) {
        EXPECT_TRUE(seen.contains(&rule)) << name_of(rule.about) << " " << rule.id;
        EXPECT_FALSE(rule.choice.empty() || rule.reason.empty());
        EXPECT_NE(rule.reason.back(), '.');
    }
}

// Goal: what is told to be done can be done.
TEST(advice, commands_are_understood) {
    for (const auto& rule : advice_rules()) {
        if (!rule.command.starts_with("ringway ")) {
            continue;
        }
        std::vector<std::string_view> arguments;
        for (std::string_view rest = rule.command; !rest.empty();) {
            const auto space = std::min(rest.find(' '), rest.size());
            const auto word = rest.substr(0, space);
            arguments.push_back(word == "DIR" ? "." : word);
            rest.remove_prefix(std::min(space + 1, rest.size()));
        }
        arguments.erase(arguments.begin());
        const auto command = parse_command_line(arguments, {});
        const auto* const told = std::get_if<reply>(&command);
        EXPECT_EQ(told, nullptr) << rule.command << ": " << told->text;
    }
}

TEST(advice, of_the_known_uses) {
    auto rows = machine(state::yes);
    const auto trading = *workload_of("trading");
    EXPECT_EQ(chosen(trading, rows, aspect::runtime), "af_xdp_zero_copy");
    EXPECT_EQ(chosen(trading, rows, aspect::protocol), "multicast");
    set(rows, "xdp.zero_copy", state::partial);
    const auto all = advise(trading, rows);
    EXPECT_EQ(of(all, aspect::runtime).rule->id, "af_xdp_copy");
    ASSERT_EQ(of(all, aspect::runtime).passed.size(), 1U);
    EXPECT_EQ(of(all, aspect::runtime).passed[0].missing[0]->fix, "fix xdp.zero_copy");
    EXPECT_EQ(chosen(*workload_of("media"), rows, aspect::protocol), "datagrams");
    EXPECT_EQ(chosen(*workload_of("iot"), rows, aspect::protocol), "roaming");
    EXPECT_EQ(chosen(*workload_of("iot"), rows, aspect::runtime), "many_clients");
    EXPECT_EQ(chosen(*workload_of("web-api"), rows, aspect::runtime), "api");
    EXPECT_EQ(chosen(*workload_of("file-server"), rows, aspect::runtime), "files");
    EXPECT_EQ(chosen(*workload_of("file-server"), rows, aspect::io), "zero_copy");
    EXPECT_EQ(chosen(*workload_of("file-server"), {}, aspect::runtime), "epoll");
}

// Goal: a machine too busy for some trials is not sent to epoll, and not to AF_XDP either.
TEST(advice, what_could_not_be_tried_is_given_the_benefit_of_the_doubt) {
    const auto known = machine(state::yes);
    const auto untried = machine(state::unknown);
    for (const std::string_view name : {"web-api", "file-server", "media", "iot"}) {
        const auto what = *workload_of(name);
        for (const auto about : {aspect::runtime, aspect::protocol, aspect::io}) {
            EXPECT_EQ(chosen(what, untried, about), chosen(what, known, about)) << name;
        }
    }
    EXPECT_NE(chosen(*workload_of("trading"), known, aspect::runtime),
              chosen(*workload_of("trading"), untried, aspect::runtime));
}

TEST(advice, what_lacks_the_same_is_told_once) {
    auto rows = machine(state::yes);
    set(rows, "io_uring.rings", state::no);
    const auto all = advise(*workload_of("file-server"), rows);
    EXPECT_EQ(of(all, aspect::runtime).rule->id, "epoll");
    ASSERT_EQ(of(all, aspect::runtime).passed.size(), 1U);
    EXPECT_EQ(of(all, aspect::runtime).passed[0].rule->id, "files");
}

TEST(advice, tuning_is_for_what_is_lacking) {
    auto rows = machine(state::yes);
    const auto has = [&rows](const workload& what, std::string_view id) {
        const auto all = advise(what, rows);
        const auto found = std::ranges::find_if(all, [id](const recommendation& each) {
            return each.rule->about == aspect::tuning && each.rule->id == id;
        });
        return found == all.end() ? "" : found->command;
    };
    EXPECT_EQ(has({}, "descriptors"), "");
    set(rows, "limits.nofile", state::partial);
    EXPECT_EQ(has({}, "descriptors"), "fix limits.nofile");
    EXPECT_NE(has({.loss_percent = 2}, "bbr"), "");
    EXPECT_EQ(has({.loss_percent = 2}, "bbr_missing"), "");
    set(rows, "network.bbr", state::no);
    EXPECT_EQ(has({.loss_percent = 2}, "bbr"), "");
    EXPECT_EQ(has({.loss_percent = 2}, "bbr_missing"), "fix network.bbr");
}

}  // namespace
}  // namespace ringway::cli
