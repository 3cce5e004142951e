// What the commands ask the guard, and its answers: JSON in one line each.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <unistd.h>
#include <utility>

#include "guard/guard_service.hpp"

namespace ringway::guard {
namespace {

using json = nlohmann::json;

constexpr std::size_t top_most = 1000;

std::string line_of(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string refused(std::string_view why) { return line_of({{"ok", false}, {"error", why}}); }

std::int64_t seconds_between(time_point from, time_point to) {
    return std::chrono::duration_cast<seconds>(to - from).count();
}

std::string text_or(const json& from, const char* name, std::string_view otherwise) {
    const auto at = from.find(name);
    return at != from.end() && at->is_string() ? at->get<std::string>() : std::string{otherwise};
}

bool is_list_of_texts(const json& from) {
    return from.is_array() &&
           std::ranges::all_of(from, [](const json& each) { return each.is_string(); });
}

std::vector<std::string> texts(const json& from, const char* name) {
    const auto at = from.find(name);
    return at != from.end() ? at->get<std::vector<std::string>>() : std::vector<std::string>{};
}

// What is of another kind than it should be; empty: nothing.
std::string_view misfit(const json& asked) {
    for (const char* const name : {"do", "list", "for"}) {
        if (const auto at = asked.find(name); at != asked.end() && !at->is_string()) {
            return name;
        }
    }
    for (const char* const name : {"ranges", "allow", "block"}) {
        if (const auto at = asked.find(name); at != asked.end() && !is_list_of_texts(*at)) {
            return name;
        }
    }
    const auto top = asked.find("top");
    return top != asked.end() && !top->is_number_unsigned() ? "top" : "";
}

json describe_rate(const rate& of) {
    if (of.per_second == 0) {
        return nullptr;
    }
    return {{"per_second", of.per_second}, {"burst", of.burst}};
}

}  // namespace

struct guard_service::request {
    std::string what;
    list_kind list = list_kind::block;
    std::vector<list_entry> entries;
    json all;
};

std::string guard_service::answer(std::string_view text, time_point now) {
    request asked;
    asked.all = json::parse(text, nullptr, false);
    if (!asked.all.is_object()) {
        return refused("the request is no JSON object");
    }
    if (const auto name = misfit(asked.all); !name.empty()) {
        return refused(
            fmt::format("\"{}\" is of the wrong kind: do, list and for are text, ranges, "
                        "allow and block lists of text, top is a number",
                        name));
    }
    asked.what = text_or(asked.all, "do", "");
    const bool changes = asked.what == "add" || asked.what == "del";
    if (changes && (!asked.all.contains("ranges") || asked.all["ranges"].empty())) {
        return refused("\"ranges\" is missing: which addresses?");
    }
    const auto list = text_or(asked.all, "list", "block");
    if (list != "allow" && list != "block") {
        return refused(fmt::format("\"{}\" is no list: allow or block", list));
    }
    asked.list = list == "allow" ? list_kind::allow : list_kind::block;
    for (const auto& each : texts(asked.all, "ranges")) {
        auto entry = parse_list_line(each);
        if (!entry) {
            return refused(entry.error());
        }
        asked.entries.push_back(*std::move(entry));
    }
    const std::scoped_lock held{one_};
    if (asked.what == "status") {
        return answer_status(now);
    }
    if (asked.what == "stats") {
        const auto top = asked.all.find("top");
        const bool given = top != asked.all.end();
        return answer_stats(given ? std::min(top->get<std::size_t>(), top_most) : 10);
    }
    if (asked.what == "list") {
        return answer_list(asked.list, now);
    }
    if (asked.what == "add") {
        return answer_add(asked, now);
    }
    if (asked.what == "del") {
        return answer_del(asked);
    }
    if (asked.what == "load") {
        return answer_load(asked, now);
    }
    return refused(
        fmt::format("\"{}\" is nothing to do: status, stats, list, add, del or load", asked.what));
}

std::string guard_service::answer_status(time_point now) const {
    const auto& how = options_.firewall;
    json admin = json::array();
    for (const cidr& each : options_.admin) {
        admin.push_back(to_text(each));
    }
    json keep = json::array();
    for (const port_range& each : how.keep) {
        keep.push_back(to_text(each));
    }
    return line_of({{"ok", true},
                    {"interface", options_.interface},
                    {"pid", ::getpid()},
                    {"mode", mode()},
                    {"attached", is_attached()},
                    {"driver_refused", std::string{firewall_->driver_refused()}},
                    {"dispatched", firewall_->is_dispatched()},
                    {"outlives_process", firewall_->outlives_process()},
                    {"dry_run", how.dry_run},
                    {"seconds", seconds_between(started_, now)},
                    {"allow_entries", rules_.of(list_kind::allow).size()},
                    {"block_entries", rules_.of(list_kind::block).size()},
                    {"admin", std::move(admin)},
                    {"kept_ports", std::move(keep)},
                    {"rate", describe_rate(how.per_source)},
                    {"syn_rate", describe_rate(how.syn_per_source)},
                    {"quic_rate", describe_rate(how.initial_per_source)},
                    {"syn_rate_all", describe_rate(how.syn_all)},
                    {"quic_rate_all", describe_rate(how.initial_all)},
                    {"counts_sources", how.count_sources},
                    {"bans", bans_},
                    {"expired", expired_}});
}

std::string guard_service::answer_stats(std::size_t top) const {
    const guard_counters counted = firewall_->counters();
    json reasons = json::object();
    std::uint64_t passed = 0;
    std::uint64_t dropped = 0;
    for (std::size_t i = 0; i < GUARD_REASONS; ++i) {
        reasons[name_of(static_cast<guard_reason>(i))] = {{"packets", counted.packets[i]},
                                                          {"bytes", counted.bytes[i]}};
        const bool drops =
            i >= GUARD_BLOCKED || (i == GUARD_UNPARSED && options_.firewall.drop_unparsed);
        (drops ? dropped : passed) += counted.packets[i];
    }
    json most = json::array();
    const auto talking = talkers_.top(*firewall_, top);
    for (const talker& each : talking) {
        most.push_back({{"source", to_text(each.source)},
                        {"packets_max", each.packets_max},
                        {"bytes", each.bytes}});
    }
    return line_of({{"ok", true},
                    {"interface", options_.interface},
                    {"dry_run", options_.firewall.dry_run},
                    {"passed", passed},
                    {"dropped", dropped},
                    {"reasons", std::move(reasons)},
                    {"top", std::move(most)},
                    {"window_seconds", talkers::window.count()},
                    {"window_packets", talkers_.packets()},
                    {"error_bound", talkers_.error_bound(talking)},
                    {"sampled", counted.sampled},
                    {"suspects", counted.suspects},
                    {"events_lost", counted.events_lost + events_refused_}});
}

std::string guard_service::answer_list(list_kind list, time_point now) const {
    json all = json::array();
    for (const auto& [range, how] : rules_.of(list)) {
        json entry{{"range", to_text(range)},
                   {"from", name_of(how.from)},
                   {"hits", firewall_->hits(list, range).value_or(0)}};
        if (how.until) {
            const auto left = std::chrono::ceil<seconds>(*how.until - now).count();
            entry["seconds_left"] = std::max<std::int64_t>(0, left);
        }
        all.push_back(std::move(entry));
    }
    return line_of({{"ok", true}, {"entries", std::move(all)}});
}

std::string guard_service::answer_add(const request& asked, time_point now) {
    std::optional<seconds> lifetime;
    if (const auto text = text_or(asked.all, "for", ""); !text.empty()) {
        const auto read = parse_lifetime(text);
        if (!read) {
            return refused(read.error());
        }
        lifetime = *read;
    }
    for (const list_entry& each : asked.entries) {
        rule how{.until = {}, .from = origin::command};
        if (const auto own = each.lifetime ? each.lifetime : lifetime) {
            how.until = now + *own;
        }
        if (!rules_.add(asked.list, each.range, how)) {
            return refused(fmt::format("the list has {} entries already", list_entries_max));
        }
        if (const auto put = firewall_->add(asked.list, each.range); !put) {
            rules_.remove(asked.list, each.range);
            return refused(put.error());
        }
        if (asked.list == list_kind::block) {
            tell_blocked(each.range);
        }
    }
    return line_of({{"ok", true}, {"entries", rules_.of(asked.list).size()}});
}

std::string guard_service::answer_del(const request& asked) {
    for (const list_entry& each : asked.entries) {
        const auto& entries = rules_.of(asked.list);
        const auto there = entries.find(each.range);
        if (there == entries.end()) {
            return refused(fmt::format("{} is not on the list", to_text(each.range)));
        }
        if (there->second.from == origin::admin) {
            return refused(
                fmt::format("{} is the operator's address, which is always allowed; "
                            "--no-admin at the start of the guard changes that",
                            to_text(each.range)));
        }
        rules_.remove(asked.list, each.range);
        firewall_->remove(asked.list, each.range);
    }
    return line_of({{"ok", true}, {"entries", rules_.of(asked.list).size()}});
}

std::string guard_service::answer_load(const request& asked, time_point now) {
    const auto before = std::pair{options_.allow_files, options_.block_files};
    for (const auto& [name, files] :
         {std::pair{"allow", &options_.allow_files}, std::pair{"block", &options_.block_files}}) {
        if (const auto given = texts(asked.all, name); !given.empty()) {
            files->assign(given.begin(), given.end());
        }
    }
    const auto begin = std::chrono::steady_clock::now();
    if (const auto loaded = load_files(now); !loaded) {
        std::tie(options_.allow_files, options_.block_files) = before;
        return refused(loaded.error());
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    return line_of({{"ok", true},
                    {"allow_entries", rules_.of(list_kind::allow).size()},
                    {"block_entries", rules_.of(list_kind::block).size()},
                    {"ms", took / std::chrono::milliseconds{1}}});
}

std::string to_text(const port_range& ports) {
    const auto* const protocol = ports.udp ? "udp" : "tcp";
    return ports.first == ports.last ? fmt::format("{}/{}", protocol, ports.first)
                                     : fmt::format("{}/{}-{}", protocol, ports.first, ports.last);
}

std::string to_json_line(const guard_event& event) {
    return line_of({{"time_ns", event.time_ns},
                    {"source",
                     [&event] {
                         std::array<char, INET6_ADDRSTRLEN> text{};
                         const auto& word = event.source.word;
                         const bool v4 = word[0] == 0 && word[1] == 0 && word[2] == htonl(0xffff);
                         ::inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? &word[3] : &word[0], text.data(),
                                     text.size());
                         return std::string{text.data()};
                     }()},
                    {"source_port", event.source_port},
                    {"port", event.port},
                    {"protocol", event.protocol},
                    {"reason", name_of(static_cast<guard_reason>(event.reason))},
                    {"dropped", event.dropped != 0},
                    {"bytes", event.bytes},
                    {"interface", event.interface},
                    {"of", 1 << GUARD_EVENT_SHIFT}});
}

}  // namespace ringway::guard
