#include "cli/advice.hpp"

#include <algorithm>

namespace ringway::cli {
namespace {

std::vector<std::string_view> words_in(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto space = std::min(text.find(' '), text.size());
        out.push_back(text.substr(0, space));
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return out;
}

// A row that is not there is missing too; it has no finding to show.
struct needs_of_rule {
    bool met = true;
    std::vector<const probe::finding*> missing;
};

// What could not be tried, as on a machine too busy for it, is no reason to advise against it; but
// nobody is sent past the network stack on a guess.
bool is_lacking(const probe::finding& row) noexcept {
    switch (row.has) {
        case probe::state::yes: return false;
        case probe::state::unknown: return row.id.starts_with("xdp.");
        case probe::state::partial:
        case probe::state::no: break;
    }
    return true;
}

needs_of_rule check_needs(const advice_rule& rule, std::span<const probe::finding> machine) {
    needs_of_rule out;
    for (const auto id : words_in(rule.needs)) {
        const auto* const row = find(machine, id);
        if (row == nullptr || is_lacking(*row)) {
            out.met = false;
            if (row != nullptr) {
                out.missing.push_back(row);
            }
        }
    }
    return out;
}

recommendation choose(aspect about, const workload& what, std::span<const probe::finding> machine) {
    recommendation out;
    for (const auto& rule : advice_rules()) {
        if (rule.about != about || !rule.fits(what)) {
            continue;
        }
        auto needs = check_needs(rule, machine);
        if (needs.met) {
            out.rule = &rule;
            out.command = rule.command;
            break;
        }
        const bool told = std::ranges::any_of(out.passed, [&needs](const passed_rule& each) {
            return each.missing == needs.missing;
        });
        if (!told) {
            out.passed.push_back({&rule, std::move(needs.missing)});
        }
    }
    return out;
}

void add_tuning(std::vector<recommendation>& to, const workload& what,
                std::span<const probe::finding> machine) {
    for (const auto& rule : advice_rules()) {
        if (rule.about != aspect::tuning || !rule.fits(what) || !check_needs(rule, machine).met) {
            continue;
        }
        const auto* const row = rule.lacks.empty() ? nullptr : find(machine, rule.lacks);
        if (rule.lacks.empty()) {
            to.push_back({&rule, std::string{rule.command}, {}});
        } else if (row != nullptr && is_lacking(*row)) {
            to.push_back({&rule, row->fix.empty() ? std::string{rule.command} : row->fix, {}});
        }
    }
}

}  // namespace

std::vector<recommendation> advise(const workload& what, std::span<const probe::finding> machine) {
    std::vector<recommendation> all;
    for (const auto about : {aspect::runtime, aspect::protocol, aspect::io}) {
        all.push_back(choose(about, what, machine));
    }
    add_tuning(all, what, machine);
    return all;
}

std::string_view name_of(aspect which) noexcept {
    switch (which) {
        case aspect::runtime: return "runtime";
        case aspect::protocol: return "protocol";
        case aspect::io: return "I/O";
        case aspect::tuning: break;
    }
    return "tuning";
}

}  // namespace ringway::cli
