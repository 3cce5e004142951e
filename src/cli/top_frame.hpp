// One screen of `ringway top`, as lines. Knows no terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/top_state.hpp"
#include "monitor/model.hpp"

namespace ringway::cli {

enum class line_style : std::uint8_t { plain, title, tabs, head, alert, quiet };

struct styled_line {
    std::string text;
    line_style style = line_style::plain;
    /// Of the tabs: where the current one begins and how long it is.
    std::size_t marked_at = 0;
    std::size_t marked_size = 0;
};

struct frame_facts {
    unsigned width = 80;
    unsigned height = 24;
    std::string host;
    std::chrono::milliseconds interval{};
};

/// What fills the screen: `height` lines of at most `width` characters. Tells `state` how many rows
/// fit. `now` is null as long as nothing was collected.
[[nodiscard]] std::vector<styled_line> make_frame(top_state& state, const monitor::snapshot* now,
                                                  const monitor::snapshot* before,
                                                  const frame_facts& facts);

/// What was not kept, in a line: "lost: nothing", or what and which option helps.
[[nodiscard]] std::string loss_line(const monitor::snapshot& of);

}  // namespace ringway::cli
