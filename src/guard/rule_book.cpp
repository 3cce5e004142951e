#include "guard/rule_book.hpp"

namespace ringway::guard {
namespace {

using end = std::optional<time_point>;  // None: never.

bool is_later(const end& one, const end& other) { return other && (!one || *one > *other); }

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
            at->second.file.reset();
            ++at;
        }
    }
    for (const list_entry& each : files) {
        put_file(list, each.range, each.lifetime ? end{now + *each.lifetime} : std::nullopt);
    }
}

// Of several entries of files about one range the one that lasts longest counts.
void rule_book::put_file(list_kind list, const cidr& range, end until) {
    const auto there = mine(list).find(range);
    if (there == mine(list).end() ||
        (there->second.from == origin::file && is_later(until, there->second.until))) {
        put(list, range, {.until = until, .from = origin::file});
    } else if (there->second.from != origin::file &&
               (!there->second.file || is_later(until, there->second.file->until))) {
        there->second.file = rule::beneath{until};
    }
}

bool rule_book::add(list_kind list, const cidr& range, rule how) {
    const auto there = of(list).find(range);
    if (there == of(list).end()) {
        if (of(list).size() >= list_entries_max) {
            return false;
        }
    } else if (there->second.from == origin::admin ||
               (how.from == origin::ban && !is_later(how.until, there->second.until))) {
        return true;
    } else if (there->second.from == origin::file) {
        how.file = rule::beneath{there->second.until};
    } else {
        how.file = there->second.file;
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
        const auto ended = mine(first.list).find(first.range);
        const auto file = ended->second.file;
        mine(first.list).erase(ended);
        if (file && (!file->until || *file->until > now)) {
            put(first.list, first.range, {.until = file->until, .from = origin::file});
        } else {
            gone(first.list, first.range);
        }
    }
}

std::optional<time_point> rule_book::next_end() const {
    return endings_.empty() ? std::nullopt : std::optional{endings_.begin()->at};
}

}  // namespace ringway::guard
