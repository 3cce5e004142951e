#include "guard/rule_book.hpp"

namespace ringway::guard {
namespace {

bool lasts_longer(const rule& one, const rule& other) {
    return other.until && (!one.until || *one.until > *other.until);
}

}  // namespace

const char* name_of(origin from) noexcept {
    switch (from) {
        case origin::file: return "file";
        case origin::command: return "command";
        case origin::ban: return "ban";
        case origin::admin: return "admin";
    }
    return "";
}

std::vector<cidr> rule_book::ranges(list_kind list) const {
    std::vector<cidr> all;
    all.reserve(of(list).size());
    for (const auto& [range, how] : of(list)) {
        all.push_back(range);
    }
    return all;
}

void rule_book::load(list_kind list, std::span<const list_entry> files, time_point now) {
    entries& to = mine(list);
    for (auto at = to.begin(); at != to.end();) {
        if (at->second.from == origin::file) {
            drop_ending(list, at->first, at->second);
            at = to.erase(at);
        } else {
            ++at;
        }
    }
    for (const list_entry& each : files) {
        rule how{.until = {}, .from = origin::file};
        if (each.lifetime) {
            how.until = now + *each.lifetime;
        }
        // Of several entries about one range the one that lasts longest counts.
        const auto there = to.find(each.range);
        if (there == to.end() || lasts_longer(how, there->second)) {
            put(list, each.range, how);
        }
    }
}

bool rule_book::add(list_kind list, const cidr& range, rule how) {
    const auto there = of(list).find(range);
    if (there == of(list).end()) {
        if (of(list).size() >= list_entries_max) {
            return false;
        }
    } else if (there->second.from == origin::admin ||
               (how.from == origin::ban && !lasts_longer(how, there->second))) {
        return true;
    }
    put(list, range, how);
    return true;
}

void rule_book::put(list_kind list, const cidr& range, rule how) {
    const auto [at, fresh] = mine(list).try_emplace(range, how);
    if (!fresh) {
        drop_ending(list, range, at->second);
        at->second = how;
    }
    if (how.until) {
        endings_.insert({.at = *how.until, .list = list, .range = range});
    }
}

void rule_book::drop_ending(list_kind list, const cidr& range, const rule& how) {
    if (how.until) {
        endings_.erase({.at = *how.until, .list = list, .range = range});
    }
}

bool rule_book::remove(list_kind list, const cidr& range) {
    const auto there = mine(list).find(range);
    if (there == mine(list).end()) {
        return false;
    }
    drop_ending(list, range, there->second);
    mine(list).erase(there);
    return true;
}

void rule_book::expire(time_point now, const std::function<void(list_kind, const cidr&)>& gone) {
    while (!endings_.empty() && endings_.begin()->at <= now) {
        const ending first = *endings_.begin();
        endings_.erase(endings_.begin());
        mine(first.list).erase(first.range);
        gone(first.list, first.range);
    }
}

std::optional<time_point> rule_book::next_end() const {
    return endings_.empty() ? std::nullopt : std::optional{endings_.begin()->at};
}

}  // namespace ringway::guard
