#include "cli/top_state.hpp"

#include <algorithm>
#include <fmt/core.h>

#include "monitor/views.hpp"

namespace ringway::cli {
namespace {

constexpr std::size_t filter_bytes_max = 256;

}  // namespace

using monitor::view_count;
using monitor::view_id;

view_id view_of(std::string_view name) noexcept {
    for (std::size_t i = 0; i < view_count; ++i) {
        if (monitor::name_of(static_cast<view_id>(i)) == name) {
            return static_cast<view_id>(i);
        }
    }
    return view_id::connections;
}

std::expected<top_state, std::string> top_state::make(const top_options& options) {
    top_state made;
    made.view_ = view_of(options.view);
    for (std::size_t i = 0; i < view_count; ++i) {
        made.sort_[i] = monitor::default_sort(static_cast<view_id>(i));
        made.reverse_[i] = options.reverse;
    }
    made.filter_text_ = options.filter;
    made.read_filter();
    if (!made.filter_error_.empty()) {
        return std::unexpected{"--filter: " + made.filter_error_};
    }
    bool sort_found = options.sort.empty();
    std::string unknown = "?";
    std::string columns;
    for (std::size_t i = 0; i < view_count; ++i) {
        const auto view = static_cast<view_id>(i);
        if (!options.all_views && view != made.view_) {
            continue;
        }
        const auto table = monitor::make_view(view, {}, nullptr);
        if (!options.sort.empty() && table.find(options.sort)) {
            made.sort_[i] = options.sort;
            sort_found = true;
        }
        const auto lacks = made.filter_.unknown_column(table);
        unknown = unknown.empty() ? unknown : lacks;
        if (view == made.view_) {
            for (const auto& each : table.columns) {
                columns += (columns.empty() ? "" : ", ") + std::string{each.key};
            }
        }
    }
    if (!sort_found) {
        return std::unexpected{fmt::format("--sort: {} has no column \"{}\", but {}", options.view,
                                           options.sort, columns)};
    }
    if (!unknown.empty()) {
        return std::unexpected{fmt::format("--filter: {} has no column \"{}\", but {}",
                                           options.view, unknown, columns)};
    }
    return made;
}

monitor::table top_state::shown(view_id view, const monitor::snapshot& now,
                                const monitor::snapshot* before) const {
    auto made = monitor::make_view(view, now, before);
    filter_.apply(made);
    const auto index = static_cast<std::size_t>(view);
    monitor::sort_rows(made, sort_[index], reverse_[index]);
    return made;
}

monitor::table top_state::shown(const monitor::snapshot& now, const monitor::snapshot* before) {
    auto made = shown(view_, now, before);
    columns_.clear();
    for (const auto& each : made.columns) {
        columns_.emplace_back(each.key);
    }
    return made;
}

void top_state::set_room(std::size_t rows_that_fit, std::size_t rows) noexcept {
    room_ = rows_that_fit;
    rows_ = rows;
    scrolled_ = std::min(scrolled_, rows > rows_that_fit ? rows - rows_that_fit : 0);
}

bool top_state::press(top_key key, std::string_view text) {
    if (editing_) {
        edit(key, text);
        return true;
    }
    if (help_) {  // Any key leads back.
        help_ = false;
        return key != top_key::character || text != "q";
    }
    switch (key) {
        case top_key::character: return text.size() != 1 || press_character(text.front());
        case top_key::tab:
        case top_key::right: step_view(1); break;
        case top_key::left: step_view(-1); break;
        case top_key::escape:
            filter_text_.clear();
            read_filter();
            break;
        case top_key::enter:
        case top_key::backspace: break;
        default: scroll(key);
    }
    return true;
}

bool top_state::press_character(char key) {
    if (key >= '1' && key < static_cast<char>('1' + view_count)) {
        step_view(key - '1' - static_cast<int>(view_));
        return true;
    }
    const auto index = static_cast<std::size_t>(view_);
    switch (key) {
        case 'q':
        case 'Q': return false;
        case 's': step_sort(1); break;
        case 'S': step_sort(-1); break;
        case 'r': reverse_[index] = !reverse_[index]; break;
        case 'p':
        case ' ': paused_ = !paused_; break;
        case '/': editing_ = true; break;
        case '?':
        case 'h': help_ = true; break;
        case 'j': scroll(top_key::down); break;
        case 'k': scroll(top_key::up); break;
        default: break;
    }
    return true;
}

void top_state::edit(top_key key, std::string_view text) {
    switch (key) {
        case top_key::enter: editing_ = !filter_error_.empty(); return;
        case top_key::escape:
            editing_ = false;
            filter_text_.clear();
            break;
        case top_key::backspace:
            while (!filter_text_.empty() &&
                   (static_cast<unsigned char>(filter_text_.back()) >> 6) == 2) {
                filter_text_.pop_back();
            }
            if (!filter_text_.empty()) {
                filter_text_.pop_back();
            }
            break;
        case top_key::character:
            if (filter_text_.size() + text.size() <= filter_bytes_max) {
                filter_text_ += text;
            }
            break;
        default: return;
    }
    read_filter();
}

// What is only half written leaves the last filter that made sense.
void top_state::read_filter() {
    auto read = monitor::row_filter::parse(filter_text_);
    filter_error_ = read ? std::string{} : read.error();
    if (read) {
        filter_ = *std::move(read);
    }
}

void top_state::step_sort(int step) {
    if (columns_.empty()) {
        return;
    }
    auto& key = sort_[static_cast<std::size_t>(view_)];
    const auto at = std::ranges::find(columns_, key) - columns_.begin();
    const auto count = static_cast<std::ptrdiff_t>(columns_.size());
    key = columns_[static_cast<std::size_t>((at % count + step + count) % count)];
}

void top_state::step_view(int step) {
    constexpr int count = view_count;
    view_ = static_cast<view_id>((static_cast<int>(view_) + step % count + count) % count);
    scrolled_ = 0;
}

void top_state::scroll(top_key key) {
    const std::size_t last = rows_ > room_ ? rows_ - room_ : 0;
    switch (key) {
        case top_key::up: scrolled_ -= scrolled_ > 0 ? 1 : 0; break;
        case top_key::down: ++scrolled_; break;
        case top_key::page_up: scrolled_ -= std::min(scrolled_, room_); break;
        case top_key::page_down: scrolled_ += room_; break;
        case top_key::home: scrolled_ = 0; break;
        case top_key::end: scrolled_ = last; break;
        default: break;
    }
    scrolled_ = std::min(scrolled_, last);
}

}  // namespace ringway::cli
