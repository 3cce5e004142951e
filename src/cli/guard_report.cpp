#include "cli/guard_report.hpp"

#include <filesystem>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace ringway::cli {
namespace {

using json = nlohmann::json;

const char* name_of(guard_action action) {
    switch (action) {
        case guard_action::run: break;
        case guard_action::status: return "status";
        case guard_action::stats: return "stats";
        case guard_action::list: return "list";
        case guard_action::add: return "add";
        case guard_action::del: return "del";
        case guard_action::load: return "load";
    }
    return "";
}

json absolute(const std::vector<std::string>& files) {
    json out = json::array();
    for (const auto& each : files) {
        std::error_code failed;
        const auto path = std::filesystem::absolute(each, failed);
        out.push_back(failed ? each : path.native());
    }
    return out;
}

std::string rate_text(const json& rate) {
    return rate.is_null() ? std::string{"off"}
                          : fmt::format("{}/s, {} at once", rate["per_second"].get<std::uint64_t>(),
                                        rate["burst"].get<std::uint64_t>());
}

std::string joined(const json& texts) {
    std::string out;
    for (const auto& each : texts) {
        out += (out.empty() ? "" : ", ") + each.get<std::string>();
    }
    return out.empty() ? "none" : out;
}

std::string status_text(const json& from) {
    std::string out =
        fmt::format("{}: guarded by process {} for {} s, {} mode{}\n",
                    from["interface"].get<std::string>(), from["pid"].get<int>(),
                    from["seconds"].get<std::int64_t>(), from["mode"].get<std::string>(),
                    from["dry_run"].get<bool>() ? ", dry run: nothing is dropped" : "");
    if (!from.value("attached", true)) {
        out += "  NOT GUARDED: the interface was deleted, or somebody has detached the program\n";
    }
    if (const auto why = from["driver_refused"].get<std::string>(); !why.empty()) {
        out += fmt::format("  driver mode: refused ({})\n", why);
    }
    out += fmt::format("  lists: {} allowed, {} blocked; {} bans so far, {} entries have ended\n",
                       from["allow_entries"].get<std::uint64_t>(),
                       from["block_entries"].get<std::uint64_t>(),
                       from["bans"].get<std::uint64_t>(), from["expired"].get<std::uint64_t>());
    out += fmt::format("  operator: {}; kept ports: {}\n", joined(from["admin"]),
                       joined(from["kept_ports"]));
    for (const auto& [title, name] :
         {std::pair{"a source", "rate"}, std::pair{"SYN of a source", "syn_rate"},
          std::pair{"SYN of all", "syn_rate_all"}, std::pair{"QUIC of a source", "quic_rate"},
          std::pair{"QUIC of all", "quic_rate_all"}}) {
        if (!from[name].is_null()) {
            out += fmt::format("  limit of {}: {}\n", title, rate_text(from[name]));
        }
    }
    return out;
}

std::string stats_text(const json& from) {
    std::string out =
        fmt::format("{}: {} packets passed, {} {}\n", from["interface"].get<std::string>(),
                    from["passed"].get<std::uint64_t>(), from["dropped"].get<std::uint64_t>(),
                    from["dry_run"].get<bool>() ? "would have been dropped" : "dropped");
    for (const auto& [name, counted] : from["reasons"].items()) {
        if (const auto packets = counted["packets"].get<std::uint64_t>(); packets > 0) {
            out += fmt::format("  {:<12} {:>14} packets {:>16} bytes\n", name, packets,
                               counted["bytes"].get<std::uint64_t>());
        }
    }
    out += fmt::format("Top sources of {} packets in {} s, each at most {} too high:\n",
                       from["window_packets"].get<std::uint64_t>(),
                       from["window_seconds"].get<int>(), from["error_bound"].get<std::uint64_t>());
    for (const auto& each : from["top"]) {
        out += fmt::format(
            "  {:<28} {:>12} packets {:>14} bytes\n", each["source"].get<std::string>(),
            each["packets_max"].get<std::uint64_t>(), each["bytes"].get<std::uint64_t>());
    }
    return out;
}

std::string list_text(const json& from) {
    std::string out;
    for (const auto& each : from["entries"]) {
        const auto left = each.find("seconds_left");
        out +=
            fmt::format("{:<28} {:<8} {:>12} hits{}\n", each["range"].get<std::string>(),
                        each["from"].get<std::string>(), each["hits"].get<std::uint64_t>(),
                        left == each.end() ? std::string{}
                                           : fmt::format("  {} s left", left->get<std::int64_t>()));
    }
    return out;
}

std::string text_of(const guard_command& command, const json& from) {
    switch (command.action) {
        case guard_action::status: return status_text(from);
        case guard_action::stats: return stats_text(from);
        case guard_action::list: return list_text(from);
        case guard_action::load:
            return fmt::format("{} allowed, {} blocked, in force after {} ms\n",
                               from["allow_entries"].get<std::uint64_t>(),
                               from["block_entries"].get<std::uint64_t>(),
                               from["ms"].get<std::int64_t>());
        case guard_action::add:
        case guard_action::del:
        case guard_action::run: break;
    }
    return fmt::format("{} entries {}ed\n", from["entries"].get<std::uint64_t>(), command.list);
}

}  // namespace

std::string guard_request(const guard_command& command) {
    json asked{{"do", name_of(command.action)}, {"list", command.list}};
    if (!command.ranges.empty()) {
        asked["ranges"] = command.ranges;
    }
    if (!command.lifetime.empty()) {
        asked["for"] = command.lifetime;
    }
    if (command.action == guard_action::stats) {
        asked["top"] = command.top;
    }
    if (command.action == guard_action::load) {
        asked["allow"] = absolute(command.allow_files);
        asked["block"] = absolute(command.block_files);
    }
    return asked.dump(-1, ' ', false, json::error_handler_t::replace);
}

guard_report report_of(const guard_command& command, std::string_view answer) {
    const json from = json::parse(answer, nullptr, false);
    const auto ok = from.is_object() ? from.find("ok") : from.end();
    if (!from.is_object() || ok == from.end() || !ok->is_boolean()) {
        return {.text = "ringway: the answer of the guard makes no sense\n"};
    }
    if (!ok->get<bool>()) {
        return {.text = command.json ? std::string{answer}
                                     : fmt::format("ringway: {}\n",
                                                   from.value("error", "the guard refused"))};
    }
    return {.text = command.json ? std::string{answer} : text_of(command, from), .ok = true};
}

}  // namespace ringway::cli
