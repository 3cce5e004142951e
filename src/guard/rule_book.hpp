// What is on the lists and until when: the truth that the maps of the firewall follow.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "guard/firewall.hpp"
#include "guard/list_file.hpp"

namespace ringway::guard {

using time_point = std::chrono::steady_clock::time_point;

/// Who wanted an entry. A load exchanges those of files and leaves the others.
enum class origin : std::uint8_t { file, command, ban, admin };

[[nodiscard]] const char* name_of(origin from) noexcept;

struct rule {
    std::optional<time_point> until;  ///< None: until it is taken out.
    origin from = origin::file;
    /// What a file says of the range as well, where this came later: in force again after the end.
    struct beneath {
        std::optional<time_point> until;
    };
    std::optional<beneath> file = std::nullopt;
};

/// The entries of both lists. Knows no kernel and no clock.
class rule_book {
public:
    using entries = std::map<cidr, rule>;

    [[nodiscard]] const entries& of(list_kind list) const noexcept {
        return lists_[static_cast<std::size_t>(list)];
    }
    [[nodiscard]] std::vector<cidr> ranges(list_kind list) const;

    /// The list with `files` in place of what came from files before.
    void load(list_kind list, std::span<const list_entry> files, time_point now);

    /// Adds, or changes how long; what a file says comes back after the end. The operator's own
    /// address stays what it is, and nothing becomes shorter by a ban. False: the list is full.
    [[nodiscard]] bool add(list_kind list, const cidr& range, rule how);

    /// False: it is not there.
    bool remove(list_kind list, const cidr& range);

    /// Takes out what has ended by `now`, and calls `gone` with each.
    void expire(time_point now, const std::function<void(list_kind, const cidr&)>& gone);

    /// The first end of an entry; none if none ends.
    [[nodiscard]] std::optional<time_point> next_end() const;

private:
    struct ending {
        time_point at;
        list_kind list;
        cidr range;
        friend auto operator<=>(const ending&, const ending&) = default;
    };
    entries& mine(list_kind list) noexcept { return lists_[static_cast<std::size_t>(list)]; }
    void put(list_kind list, const cidr& range, rule how);
    void put_file(list_kind list, const cidr& range, std::optional<time_point> until);
    void drop_ending(list_kind list, const cidr& range, const rule& how);

    std::array<entries, 2> lists_;
    std::set<ending> endings_;
};

}  // namespace ringway::guard
