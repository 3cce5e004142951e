#include "guard/guard_service.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/observe/prometheus.hpp>

namespace ringway::guard {
namespace {

constexpr std::chrono::seconds between_harvests{1};
constexpr std::chrono::milliseconds between_looks{100};  // At the ring of events.
constexpr std::size_t events_of_tick = 1000;
constexpr std::size_t talkers_exported = 10;
constexpr std::size_t pending_max = 4096;  // Bans that wait for the next tick.

told<std::vector<list_entry>> read_all(const std::vector<std::filesystem::path>& files) {
    std::vector<list_entry> all;
    for (const auto& file : files) {
        auto some = read_list_file(file);
        if (!some) {
            return some;
        }
        if (all.size() + some->size() > list_entries_max) {
            return std::unexpected{fmt::format("{}: with it the list has more than {} entries",
                                               file.native(), list_entries_max)};
        }
        all.insert(all.end(), some->begin(), some->end());
    }
    return all;
}

}  // namespace

const char* name_of(guard_reason reason) noexcept {
    switch (reason) {
        case GUARD_PLAIN: return "plain";
        case GUARD_NOT_IP: return "not_ip";
        case GUARD_KEPT: return "kept";
        case GUARD_ALLOWED: return "allowed";
        case GUARD_UNPARSED: return "unparsed";
        case GUARD_BLOCKED: return "blocked";
        case GUARD_PORT: return "port";
        case GUARD_RATE: return "rate";
        case GUARD_SYN: return "syn";
        case GUARD_SYN_ALL: return "syn_all";
        case GUARD_INITIAL: return "initial";
        case GUARD_INITIAL_ALL: return "initial_all";
        case GUARD_REASONS:
        case GUARD_REASON_SLOTS: break;
    }
    return "";
}

told<std::unique_ptr<guard_service>> guard_service::start(guard_options options, time_point now) {
    std::unique_ptr<guard_service> made{new guard_service{std::move(options), now}};
    for (const cidr& each : made->options_.admin) {
        (void)made->rules_.add(list_kind::allow, each, {.until = {}, .from = origin::admin});
    }
    rule_book rules = made->rules_;
    for (const auto& [list, files] : {std::pair{list_kind::allow, &made->options_.allow_files},
                                      std::pair{list_kind::block, &made->options_.block_files}}) {
        auto read = read_all(*files);
        if (!read) {
            return std::unexpected{read.error()};
        }
        rules.load(list, *read, now);
    }
    auto loaded = firewall::load(made->options_.firewall);
    if (!loaded) {
        return std::unexpected{loaded.error()};
    }
    made->firewall_ = *std::move(loaded);
    if (auto put = made->put_all(std::move(rules)); !put) {
        return std::unexpected{put.error()};
    }
    const auto attached = made->firewall_->attach(made->options_.interface, made->options_.mode);
    if (!attached) {
        return std::unexpected{attached.error()};
    }
    return made;
}

told<void> guard_service::put_all(rule_book next) {
    auto put =
        firewall_->replace_lists(next.ranges(list_kind::allow), next.ranges(list_kind::block));
    if (put) {
        rules_ = std::move(next);
        ++loads_;
    }
    return put;
}

told<void> guard_service::load_files(time_point now) {
    rule_book next = rules_;
    for (const auto& [list, files] : {std::pair{list_kind::allow, &options_.allow_files},
                                      std::pair{list_kind::block, &options_.block_files}}) {
        auto read = read_all(*files);
        if (!read) {
            ++failed_loads_;
            return std::unexpected{read.error() + "; the lists in force stay"};
        }
        next.load(list, *read, now);
    }
    return put_all(std::move(next));
}

bool guard_service::is_allowed(const cidr& range) const {
    const auto& allowed = rules_.of(list_kind::allow);
    for (unsigned bits = 0; bits <= range.length; ++bits) {
        if (allowed.contains(range.cut_to(static_cast<std::uint8_t>(bits)))) {
            return true;
        }
    }
    return false;
}

bool guard_service::ban(const cidr& range, seconds lifetime, time_point now) {
    const std::scoped_lock held{one_};
    const auto& blocked = rules_.of(list_kind::block);
    const auto there = blocked.find(range);
    const bool lasts =
        there != blocked.end() && (!there->second.until || *there->second.until >= now + lifetime);
    if (lasts || is_allowed(range) ||
        !rules_.add(list_kind::block, range, {.until = now + lifetime, .from = origin::ban})) {
        return false;
    }
    if (!firewall_->add(list_kind::block, range)) {
        rules_.remove(list_kind::block, range);
        return false;
    }
    ++bans_;
    tell_blocked(range);
    return true;
}

// With `one_` held.
void guard_service::tell_blocked(const cidr& range) const {
    if (!options_.blocked || options_.firewall.dry_run || is_allowed(range)) {
        return;
    }
    std::vector<cidr> spared;
    for (const auto& [each, how] : rules_.of(list_kind::allow)) {
        if (range.contains(each)) {
            spared.push_back(each);
        }
    }
    options_.blocked(range, spared);
}

void guard_service::request_ban(const cidr& range, seconds lifetime, std::string why) {
    const std::scoped_lock held{pending_one_};
    if (pending_.size() < pending_max) {
        pending_.push_back({.range = range, .lifetime = lifetime, .why = std::move(why)});
    }
}

void guard_service::take_requested_bans(time_point now) {
    std::vector<pending_ban> asked;
    {
        const std::scoped_lock held{pending_one_};
        asked.swap(pending_);
    }
    for (const auto& [range, lifetime, why] : asked) {
        if (ban(range, lifetime, now)) {
            log_line(
                log_level::info,
                fmt::format("guard: {} banned for {} s{}: {}", to_text(range), lifetime.count(),
                            options_.firewall.dry_run ? " (dry run: not dropped)" : "", why));
        }
    }
}

time_point guard_service::tick(time_point now, const sink& to) {
    take_requested_bans(now);
    const std::scoped_lock held{one_};
    rules_.expire(now, [this](list_kind list, const cidr& range) {
        firewall_->remove(list, range);
        ++expired_;
    });
    if (now >= next_harvest_) {
        talkers_.harvest(*firewall_);
        next_harvest_ = now + between_harvests;
        look_at_link();
        make_metrics_page();
    }
    const auto taken = firewall_->take_events(
        events_of_tick, [&](const guard_event& event) { events_refused_ += to(event) ? 0 : 1; });
    events_ += taken;
    if (taken == events_of_tick) {
        return now;
    }
    const auto next = std::min(next_harvest_, now + between_looks);
    return std::min(next, rules_.next_end().value_or(next));
}

// Who believes to be guarded and is not is to hear of it.
void guard_service::look_at_link() {
    if (attached_.load() && !firewall_->is_attached()) {
        attached_ = false;
        log_line(log_level::error,
                 fmt::format("guard: nothing guards {} any more: the interface was deleted, or "
                             "somebody has detached the program",
                             options_.interface));
    }
}

const char* guard_service::mode() const noexcept { return bpf::name_of(firewall_->mode()); }

const char* guard_service::place() const noexcept {
    return !firewall_->is_dispatched() ? ""
           : firewall_->outlives_process()
               ? ", in front of others in libxdp's dispatcher, where it "
                 "stays if this process is killed"
               : ", in front of others in libxdp's dispatcher";
}

std::size_t guard_service::entries(list_kind list) const {
    const std::scoped_lock held{one_};
    return rules_.of(list).size();
}

void guard_service::write_metrics(std::string& out) const {
    const std::scoped_lock held{page_one_};
    out += metrics_page_;
}

// With `one_` held.
void guard_service::make_metrics_page() {
    using observe::metric_type;
    std::string out;
    const auto& name = options_.interface;
    const bool dry = options_.firewall.dry_run;
    const guard_counters counted = firewall_->counters();
    observe::prometheus_writer to{out};
    const auto by_reason = [&](std::span<const __u64> values) {
        for (int i = 0; i < GUARD_REASONS; ++i) {
            const bool drops =
                i >= GUARD_BLOCKED || (i == GUARD_UNPARSED && options_.firewall.drop_unparsed);
            const char* const verdict = !drops ? "pass" : dry ? "would_drop" : "drop";
            to.sample({{"interface", name},
                       {"verdict", verdict},
                       {"reason", name_of(static_cast<guard_reason>(i))}},
                      std::uint64_t{values[static_cast<std::size_t>(i)]});
        }
    };
    to.family("guard_packets_total", metric_type::counter, "Packets that the firewall judged.");
    by_reason(counted.packets);
    to.family("guard_bytes_total", metric_type::counter, "Bytes of those packets.");
    by_reason(counted.bytes);
    to.family("guard_list_entries", metric_type::gauge, "Entries that are in force.");
    for (const auto list : {list_kind::allow, list_kind::block}) {
        to.sample({{"interface", name}, {"list", list == list_kind::allow ? "allow" : "block"}},
                  std::uint64_t{rules_.of(list).size()});
    }
    to.family("guard_attached", metric_type::gauge, "1 while packets are judged.");
    to.sample({{"interface", name}}, std::uint64_t{is_attached() ? 1U : 0U});
    const auto one = [&](const char* family, const char* help, std::uint64_t value) {
        to.family(family, metric_type::counter, help);
        to.sample({{"interface", name}}, value);
    };
    one("guard_bans_total", "Addresses that the server has had banned.", bans_);
    one("guard_expired_entries_total", "Entries whose lifetime has ended.", expired_);
    one("guard_list_loads_total", "Times that whole lists were put in force.", loads_);
    one("guard_list_load_failures_total", "Times that a list had a mistake.", failed_loads_);
    one("guard_events_total", "Drops that were told, one of 64.", events_);
    one("guard_events_lost_total", "Those that found no room in the ring, or in --events.",
        counted.events_lost + events_refused_);
    one("guard_suspects_total", "Sources that got token buckets.", std::uint64_t{counted.suspects});
    to.family("guard_source_packets", metric_type::gauge,
              "Packets of the top sources in the last 10 s, at most.");
    const auto talking = talkers_.top(*firewall_, talkers_exported);
    for (const talker& each : talking) {
        to.sample({{"interface", name}, {"source", to_text(each.source)}}, each.packets_max);
    }
    to.family("guard_source_packets_error", metric_type::gauge, "How much too high those may be.");
    to.sample({{"interface", name}}, talkers_.error_bound(talking));
    const std::scoped_lock page_held{page_one_};
    metrics_page_.swap(out);
}

}  // namespace ringway::guard
