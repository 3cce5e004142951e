#include "cli/top_frame.hpp"

#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <string_view>
#include <utility>

#include "cli/top_json.hpp"
#include "monitor/text_table.hpp"

namespace ringway::cli {
namespace {

using monitor::shortened;

constexpr std::size_t fact_lines_max = 3;

std::string title_line(const top_state& state, const monitor::snapshot* now,
                       const frame_facts& facts) {
    // The time of day in UTC: what --json and the flow records have too.
    const std::string clock = now == nullptr ? "" : time_text(now->unix_ms).substr(11, 8) + " UTC";
    const double seconds = static_cast<double>(facts.interval.count()) / 1000;
    return fmt::format("ringway top  {}  {}  {}  every {:g} s{}", name_of(state.view()), facts.host,
                       clock, seconds, state.is_paused() ? "  PAUSED" : "");
}

styled_line tab_line(const top_state& state) {
    styled_line made{.text = {}, .style = line_style::tabs};
    for (std::size_t i = 0; i < monitor::view_count; ++i) {
        const auto view = static_cast<monitor::view_id>(i);
        made.text += made.text.empty() ? "" : " ";
        const auto tab = fmt::format("{} {}", i + 1, monitor::name_of(view));
        if (view == state.view()) {
            made.marked_at = made.text.size();
            made.marked_size = tab.size();
        }
        made.text += tab;
    }
    return made;
}

std::vector<styled_line> help_lines() {
    static constexpr std::array<std::string_view, 15> text{
        "",
        "  1 to 7, Tab, arrows left and right   another view",
        "  s, S       sort by the next, the previous column",
        "  r          sort the other way round",
        "  /          filter: words, and conditions with = != ~ !~ < <= > >=",
        "             process=nginx   rtt_us>20000   remote~192.0.2.   !ssh",
        "             Enter keeps it, Escape drops it",
        "  p, space   pause: the screen stays, counting goes on",
        "  up, down, Page Up, Page Down, Home, End   scroll",
        "  q          quit",
        "",
        "  IN/s, OUT/s: payload. RETR: segments sent again. FULL: share of the",
        "  accept queue in use. P50<=: half of the operations took no longer.",
        "  A ~ ends what is cut; a wider terminal shows more columns.",
        "  Any key leads back."};
    std::vector<styled_line> lines;
    lines.reserve(std::size(text));
    for (const std::string_view each : text) {
        lines.push_back({.text = std::string{each}});
    }
    return lines;
}

// What is being typed stays in sight: of a long one the end.
std::string filter_line(const top_state& state, std::size_t width) {
    constexpr std::string_view title = "filter: ";
    std::string_view text = state.filter_text();
    if (state.is_editing()) {
        while (!text.empty() && title.size() + monitor::characters(text) + 1 > width) {
            text.remove_prefix(1);
        }
        while (!text.empty() && (static_cast<unsigned char>(text.front()) >> 6U) == 2) {
            text.remove_prefix(1);  // The rest of a character.
        }
    }
    return fmt::format("{}{}{}  {}", title, text, state.is_editing() ? "_" : "",
                       state.filter_error());
}

// Facts, filter, head and rows, in at most `height` lines.
std::vector<styled_line> body_lines(top_state& state, const monitor::snapshot& now,
                                    const monitor::snapshot* before, const frame_facts& facts,
                                    std::size_t height) {
    auto table = state.shown(now, before);
    std::vector<styled_line> lines;
    for (auto& each : monitor::fact_lines(table, facts.width)) {
        if (lines.size() < fact_lines_max) {
            lines.push_back({.text = std::move(each)});
        }
    }
    if (state.is_editing() || !state.filter_text().empty()) {
        lines.push_back({.text = filter_line(state, facts.width), .style = line_style::alert});
    }
    if (!table.missing.empty()) {
        lines.push_back({.text = {}});
        lines.push_back({.text = "not here: " + table.missing, .style = line_style::alert});
        return lines;
    }
    const std::size_t room = height > lines.size() + 1 ? height - lines.size() - 1 : 0;
    state.set_room(room, table.rows.size());
    const auto skipped = static_cast<std::ptrdiff_t>(state.scrolled());
    table.rows.erase(table.rows.begin(), table.rows.begin() + skipped);
    auto text = monitor::lay_out(table, facts.width, room);
    lines.push_back({.text = std::move(text.head), .style = line_style::head});
    for (auto& each : text.rows) {
        lines.push_back({.text = std::move(each)});
    }
    if (text.rows.empty() && room > 0) {
        lines.push_back(
            {.text = table.rows_before_filter == 0 ? "nothing so far" : "nothing passes the filter",
             .style = line_style::quiet});
    }
    return lines;
}

}  // namespace

std::string loss_line(const monitor::snapshot& of) {
    std::string text;
    for (const monitor::loss& each : of.losses) {
        if (each.count > 0) {
            text += fmt::format("{}{} {} ({})", text.empty() ? "LOST: " : ", ", each.count,
                                each.what, each.remedy);
        }
    }
    return text.empty() ? "lost: nothing" : text;
}

std::vector<styled_line> make_frame(top_state& state, const monitor::snapshot* now,
                                    const monitor::snapshot* before, const frame_facts& facts) {
    constexpr std::size_t around = 4;  // Title, tabs, losses, keys.
    std::vector<styled_line> lines;
    lines.push_back({.text = title_line(state, now, facts), .style = line_style::title});
    lines.push_back(tab_line(state));
    const std::size_t height = facts.height > around ? facts.height - around : 0;
    std::vector<styled_line> body;
    if (state.wants_help()) {
        body = help_lines();
    } else if (now != nullptr) {
        body = body_lines(state, *now, before, facts, height);
    } else {
        body.push_back({.text = "looking ...", .style = line_style::quiet});
    }
    body.resize(height);
    std::ranges::move(body, std::back_inserter(lines));
    const std::string losses = now == nullptr ? std::string{} : loss_line(*now);
    lines.push_back({.text = losses,
                     .style = losses.starts_with("LOST") ? line_style::alert : line_style::quiet});
    lines.push_back({.text = state.is_editing()
                                 ? "Enter keep  Escape drop"
                                 : "1-7 view  s sort  r reverse  / filter  p pause  ? help  "
                                   "q quit",
                     .style = line_style::quiet});
    lines.resize(facts.height);
    for (styled_line& each : lines) {
        each.text = shortened(each.text, facts.width);
    }
    return lines;
}

}  // namespace ringway::cli
