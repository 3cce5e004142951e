#include "cli/parse_doctor.hpp"

#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/doctor_option_table.hpp"
#include "cli/pages.hpp"
#include "cli/split_arguments.hpp"

namespace ringway::cli {
namespace {

std::vector<std::pair<std::string_view, probe::topic>> topic_names() {
    std::vector<std::pair<std::string_view, probe::topic>> all;
    for (unsigned i = 0; i < static_cast<unsigned>(probe::topic::count_); ++i) {
        const auto each = static_cast<probe::topic>(i);
        all.emplace_back(name_of(each), each);
    }
    return all;
}

std::optional<reply> read_topics(std::span<const std::string> operands, doctor_options& to) {
    if (!to.description.empty() || !to.results.empty()) {
        return usage_error(fmt::format("--{} belongs to ringway doctor advise",
                                       to.description.empty() ? "results" : "describe"));
    }
    for (const auto& name : operands) {
        const auto known = topic_names();
        const auto topic = parse_choice<probe::topic>(name, known);
        if (!topic) {
            return usage_error(topic.error() + ", nor advise");
        }
        to.topics.push_back(*topic);
    }
    return std::nullopt;
}

std::optional<reply> read_use(std::span<const std::string> operands, doctor_options& to) {
    if (to.commands_only || to.try_interface || !to.interface.empty()) {
        return usage_error("--fix, --interface and --try do not go with advise");
    }
    if (operands.size() > 1) {
        return usage_error("advise takes one use at a time");
    }
    if (!operands.empty()) {
        const auto typical = workload_of(operands.front());
        if (!typical) {
            return usage_error(typical.error());
        }
        to.described = *typical;
    } else if (to.description.empty()) {
        return usage_error(
            "advise for what? web-api, file-server, media, iot or trading, or own numbers: "
            "ringway doctor advise --describe size=4K,rate=20000,latency=5ms");
    }
    if (!to.description.empty()) {
        const auto described = describe(to.described, to.description);
        if (!described) {
            return usage_error("--describe: " + described.error());
        }
        to.described = *described;
    }
    return std::nullopt;
}

}  // namespace

std::variant<doctor_options, reply> parse_doctor(std::span<const std::string_view> arguments) {
    auto split = split_by("doctor", texts_of(doctor_option_table()), arguments);
    if (auto* const wrong = std::get_if<reply>(&split)) {
        return std::move(*wrong);
    }
    const auto& from = std::get<split_arguments>(split);
    if (from.help) {
        return reply{.text = render_help(doctor_page())};
    }
    doctor_options options;
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        const auto& row = doctor_option_table()[i];
        if (from.values[i].empty()) {
            continue;
        }
        if (const auto applied = row.apply(options, from.values[i].back()); !applied) {
            return usage_error(fmt::format("--{}: {}", row.text.name, applied.error()));
        }
    }
    if (options.try_interface && options.interface.empty()) {
        return usage_error("--try needs an interface: --interface NAME --try");
    }
    if (options.json && options.commands_only) {
        return usage_error("--json and --fix contradict each other: the JSON has the commands too");
    }
    const std::span<const std::string> operands{from.operands};
    options.advise = !operands.empty() && operands.front() == "advise";
    auto wrong =
        options.advise ? read_use(operands.subspan(1), options) : read_topics(operands, options);
    if (wrong) {
        return *std::move(wrong);
    }
    return options;
}

}  // namespace ringway::cli
