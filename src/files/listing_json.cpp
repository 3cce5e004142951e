#include <ringway/files/listing.hpp>
#include <ringway/wire/escape.hpp>

#include "files/listing_order.hpp"
#include "files/listing_text.hpp"

namespace ringway::files {

namespace {

void append_entry(const listing_entry& entry, std::string& out) {
    out.append("{\"name\":\"");
    wire::append_json_escaped(out, entry.name);
    out.append("\",\"href\":\"");
    wire::append_escaped_path(out, entry.name);
    if (entry.is_dir) {
        out.append("/\",\"type\":\"directory");
    } else {
        out.append("\",\"type\":\"file\",\"size\":").append(std::to_string(entry.size));
    }
    out.append(entry.is_dir ? "\",\"modified\":\"" : ",\"modified\":\"");
    out.append(iso_time(entry.mtime_s)).append("\"}");
}

}  // namespace

void append_listing_json(listing shown, listing_view view, std::string& out) {
    const auto selected = select_entries(shown, view);
    const bool truncated = shown.more || selected.shown.size() < selected.total;

    out.append("{\"path\":\"/");
    wire::append_json_escaped(out, shown.normal_path);
    out.append(shown.normal_path.empty() ? "\"" : "/\"");
    out.append(",\"total\":").append(shown.more ? "null" : std::to_string(selected.total));
    out.append(",\"truncated\":").append(truncated ? "true" : "false");
    out.append(",\"entries\":[");
    std::string_view separator = "\n";  // An entry per line, for grep and for eyes.
    for (const auto& entry : selected.shown) {
        out.append(separator);
        append_entry(entry, out);
        separator = ",\n";
    }
    out.append("\n]}\n");
}

}  // namespace ringway::files
