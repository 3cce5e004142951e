#include <algorithm>

#include <ringway/files/listing.hpp>
#include <ringway/wire/escape.hpp>

#include "files/listing_order.hpp"
#include "files/listing_style.hpp"
#include "files/listing_text.hpp"

namespace ringway::files {

namespace {

// "3 folders", "1 folder".
void append_count(std::string& out, std::size_t count, std::string_view noun) {
    out.append(std::to_string(count)).append(" ").append(noun).append(count == 1 ? "" : "s");
}

void append_head(std::string_view normal_path, std::string& out) {
    out.append(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>Index of /");
    wire::append_html_escaped(out, normal_path);
    out.append(normal_path.empty() ? "" : "/").append("</title>\n<style>");
    out.append(listing_style).append("</style>\n</head>\n<body>\n");
}

// The path, every directory of it a link. Relative, so that they survive a proxy that serves the
// site below a prefix.
void append_breadcrumbs(std::string_view normal_path, std::string& out) {
    auto levels = normal_path.empty() ? 0 : std::ranges::count(normal_path, '/') + 1;
    const auto append_up = [&] {
        out.append("<a href=\"");
        for (auto i = levels; i > 0; --i) {
            out.append("../");
        }
        out.append(levels > 0 ? "\">" : "./\" aria-current=\"page\">");
    };
    out.append("<h1>");
    append_up();
    out.append("Home</a>");
    while (levels > 0) {
        --levels;
        const auto segment = normal_path.substr(0, normal_path.find('/'));
        normal_path.remove_prefix(std::min(segment.size() + 1, normal_path.size()));
        out.append("<i>/</i>");
        append_up();
        wire::append_html_escaped(out, segment);
        out.append("</a>");
    }
    out.append("</h1>\n");
}

// What is missing, in a sentence, if something is.
void append_cut(const listing_selection& selected, bool more, std::string& out) {
    const auto shown = std::to_string(selected.shown.size());
    if (more) {
        out.append("<b>Only ").append(shown).append(" entries are listed; there are more.</b> ");
    } else if (selected.shown.size() < selected.total) {
        out.append("<b>Only the first ").append(shown).append(" of ");
        out.append(std::to_string(selected.total)).append(" entries are listed.</b> ");
    }
}

void append_summary(const listing_selection& selected, bool more, std::string& out) {
    std::size_t folders = 0;
    std::uint64_t bytes = 0;
    for (const auto& entry : selected.shown) {
        folders += entry.is_dir ? 1U : 0U;
        bytes += entry.is_dir ? 0 : entry.size;
    }
    out.append("<p>");
    append_cut(selected, more, out);
    append_count(out, folders, "folder");
    out.append(", ");
    append_count(out, selected.shown.size() - folders, "file");
    out.append(", ").append(human_size(bytes)).append("</p>\n");
}

// A column's heading: a click sorts by it, another one turns the order round.
void append_heading(listing_key key, std::string_view name, std::string_view text,
                    listing_view view, std::string& out) {
    const bool active = view.key == key;
    // The largest and the newest are what people look for first; names begin at A.
    const bool next_descending = active ? !view.descending : key != listing_key::name;
    out.append("<th scope=\"col\"");
    if (active) {
        out.append(view.descending ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\"");
    }
    out.append("><a href=\"?sort=").append(name);
    out.append(next_descending ? "&amp;order=desc\">" : "&amp;order=asc\">");
    out.append(text).append("</a></th>");
}

void append_row(const listing_entry& entry, std::string& out) {
    out.append(entry.is_dir ? "<tr class=\"d\"><td><a href=\"" : "<tr><td><a href=\"");
    wire::append_escaped_path(out, entry.name);
    out.append(entry.is_dir ? "/\">" : "\">");
    wire::append_html_escaped(out, entry.name);
    if (entry.is_dir) {
        out.append("/</a></td><td></td>");
    } else {
        out.append("</a></td><td><data value=\"").append(std::to_string(entry.size)).append("\">");
        out.append(human_size(entry.size)).append("</data></td>");
    }
    const auto time = iso_time(entry.mtime_s);  // "2026-01-31T12:00:00Z"
    const std::string_view date{time.data(), 10};
    const std::string_view clock{time.data() + 11, 5};
    out.append("<td><time datetime=\"").append(time).append("\">").append(date);
    out.append(" <span>").append(clock).append("</span></time></td></tr>\n");
}

void append_table(std::string_view normal_path, std::span<const listing_entry> shown,
                  listing_view view, std::string& out) {
    out.append("<table>\n<thead><tr>");
    append_heading(listing_key::name, "name", "Name", view, out);
    append_heading(listing_key::size, "size", "Size", view, out);
    append_heading(listing_key::time, "time", "Modified", view, out);
    out.append("</tr></thead>\n<tbody>\n");
    if (!normal_path.empty()) {
        out.append(
            "<tr class=\"u\"><td><a href=\"../\">Parent folder</a></td>"
            "<td></td><td></td></tr>\n");
    }
    for (const auto& entry : shown) {
        append_row(entry, out);
    }
    out.append("</tbody>\n</table>\n");
}

}  // namespace

void append_listing_html(listing shown, listing_view view, std::string& out) {
    const auto selected = select_entries(shown, view);
    append_head(shown.normal_path, out);
    append_breadcrumbs(shown.normal_path, out);
    append_summary(selected, shown.more, out);
    append_table(shown.normal_path, selected.shown, view, out);
    out.append("<footer>Times are UTC");
    if (shown.offer_json) {
        out.append("<a href=\"?format=json\">JSON</a>");
    }
    out.append("<span>Ringway</span></footer>\n</body>\n</html>\n");
}

}  // namespace ringway::files
