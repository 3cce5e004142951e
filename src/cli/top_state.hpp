// What `ringway top` shows, and what keys change about it. Knows no terminal.
#pragma once

#include <array>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "cli/top_options.hpp"
#include "monitor/filter.hpp"
#include "monitor/table.hpp"

namespace ringway::cli {

/// Keys that are no characters.
enum class top_key : std::uint8_t {
    character,
    enter,
    escape,
    backspace,
    tab,
    left,
    right,
    up,
    down,
    page_up,
    page_down,
    home,
    end,
};

class top_state {
public:
    /// Fails with one line for the user if the filter or the column makes no sense.
    [[nodiscard]] static std::expected<top_state, std::string> make(const top_options& options);

    /// What a key does; `text` is the character, as UTF-8. False: the program shall end.
    [[nodiscard]] bool press(top_key key, std::string_view text = {});

    /// The view as it is to be shown: filtered, sorted.
    [[nodiscard]] monitor::table shown(const monitor::snapshot& now,
                                       const monitor::snapshot* before);
    /// The same for another view.
    [[nodiscard]] monitor::table shown(monitor::view_id view, const monitor::snapshot& now,
                                       const monitor::snapshot* before) const;

    [[nodiscard]] monitor::view_id view() const noexcept { return view_; }
    [[nodiscard]] bool is_paused() const noexcept { return paused_; }
    [[nodiscard]] bool wants_help() const noexcept { return help_; }
    [[nodiscard]] bool is_editing() const noexcept { return editing_; }
    [[nodiscard]] const std::string& filter_text() const noexcept { return filter_text_; }
    /// What is wrong with the filter that is being written.
    [[nodiscard]] const std::string& filter_error() const noexcept { return filter_error_; }
    [[nodiscard]] std::size_t scrolled() const noexcept { return scrolled_; }
    /// How many rows fit: scrolling stays within what there is.
    void set_room(std::size_t rows_that_fit, std::size_t rows) noexcept;

private:
    top_state() = default;

    void edit(top_key key, std::string_view text);
    void read_filter();
    void step_sort(int step);
    void step_view(int step);
    void scroll(top_key key);
    [[nodiscard]] bool press_character(char key);

    monitor::view_id view_ = monitor::view_id::connections;
    std::array<std::string, monitor::view_count> sort_;
    std::array<bool, monitor::view_count> reverse_{};
    std::vector<std::string> columns_;  // Of the view as it was shown last.
    monitor::row_filter filter_;
    std::string filter_text_;
    std::string filter_error_;
    std::size_t scrolled_ = 0;
    std::size_t room_ = 0;
    std::size_t rows_ = 0;
    bool paused_ = false;
    bool help_ = false;
    bool editing_ = false;
};

/// The view of that name.
[[nodiscard]] monitor::view_id view_of(std::string_view name) noexcept;

}  // namespace ringway::cli
