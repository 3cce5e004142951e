// From the name of a file to its Content-Type.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <ringway/base/result.hpp>

namespace ringway::files {

/// Media types by file name extension. Filled at start and read-only from then on.
class mime_table {
public:
    static constexpr std::size_t file_bytes_max = std::size_t{4} << 20U;
    static constexpr std::size_t extensions_max = 65536;
    static constexpr std::size_t extension_bytes_max = 32;
    static constexpr std::size_t type_bytes_max = 200;
    static constexpr std::string_view system_path = "/etc/mime.types";
    static constexpr std::string_view unknown_type = "application/octet-stream";

    /// The built-in types, about 120 of them. Allocates.
    mime_table();
    mime_table(mime_table&&) noexcept = default;
    mime_table& operator=(mime_table&&) noexcept = default;

    /// Adds the types of a file in the format of /etc/mime.types, which win over what is there.
    /// Returns how many extensions it named. Fails with the error of open(2) or read(2), and with
    /// `limit` if the file is larger than `file_bytes_max`; then nothing changes. Allocates and
    /// blocks: for the start.
    [[nodiscard]] result<std::size_t> add_file(const std::string& path);

    /// As `add_file`, for text that has been read: lines of a type and its extensions without dot,
    /// '#' begins a comment. Of lines that name the same extension the last one wins, as in
    /// Apache's TypesConfig. What makes no sense is skipped: types that aren't token/token,
    /// extensions that are too long or hold a slash, all beyond `extensions_max`. Allocates.
    std::size_t add_text(std::string_view text);

    /// The Content-Type for a file called `name` (a path is fine: its last segment counts). Text
    /// gets "; charset=utf-8", because Ringway serves files as they are and UTF-8 is what files
    /// are in. The longest known extension decides, of at most two parts ("x.spdx.json", then
    /// "json"); ASCII case does not. `unknown_type` for all else, dot files without a further dot
    /// included. For a precompressed variant ask with the uncompressed name.
    ///
    /// Does not allocate. Lifetime: that of the table; at most 256 bytes.
    [[nodiscard]] std::string_view content_type(std::string_view name) const noexcept;

    /// How many extensions are known.
    [[nodiscard]] std::size_t size() const noexcept { return by_extension_.size(); }

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    std::size_t add_line(std::string_view line);
    [[nodiscard]] std::string_view find(std::string_view extension) const noexcept;

    std::deque<std::string> types_;  // Never moves its elements: the map's values point into it.
    std::unordered_map<std::string, std::string_view, text_hash, std::equal_to<>> by_extension_;
};

/// Whether a media type (without parameters) is text that deserves a charset: text/*, JSON, XML,
/// JavaScript and what is built on them.
[[nodiscard]] bool is_textual(std::string_view type) noexcept;

}  // namespace ringway::files
