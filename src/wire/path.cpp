#include <ringway/wire/path.hpp>

#include "wire/chars.hpp"

namespace ringway::wire {
namespace {

enum class decoded : std::uint8_t { ok, malformed };

// Takes one character, decoded, off the front of `rest`, which isn't empty.
decoded take_char(std::string_view& rest, char& c, bool& escaped) noexcept {
    c = rest.front();
    escaped = c == '%';
    if (!escaped) {
        rest.remove_prefix(1);
        return decoded::ok;
    }
    const int high = rest.size() > 2 ? detail::hex_value(rest[1]) : -1;
    const int low = rest.size() > 2 ? detail::hex_value(rest[2]) : -1;
    if (high < 0 || low < 0) {
        return decoded::malformed;
    }
    c = static_cast<char>(high * 16 + low);
    rest.remove_prefix(3);
    return decoded::ok;
}

// The path being built: complete segments, each with its slash, then the one being read.
class path_builder {
public:
    explicit path_builder(std::span<char> out) noexcept : out_{out} {}

    void add(char c) noexcept {
        only_dots_ = only_dots_ && c == '.';
        ++segment_bytes_;
        unusable_ = unusable_ || segment_bytes_ > segment_bytes_max || size_ == out_.size();
        if (!unusable_) {
            out_[size_++] = c;
        }
    }

    // No file can have this path; what remains is to see whether it is a path.
    void set_unusable() noexcept { unusable_ = true; }

    // Whether the segment being read isn't a name: empty, "." or "..".
    [[nodiscard]] bool at_dot_segment() const noexcept { return only_dots_ && segment_bytes_ <= 2; }

    // Ends the segment being read. False if it climbs above the root.
    [[nodiscard]] bool end_segment() noexcept {
        bool inside = true;
        if (!at_dot_segment()) {
            ++depth_;
            unusable_ = unusable_ || size_ == out_.size();
            if (!unusable_) {
                out_[size_++] = '/';
            }
        } else {
            drop(segment_bytes_);
            if (segment_bytes_ == 2) {
                inside = depth_ > 0;
                drop_parent();
            }
        }
        segment_bytes_ = 0;
        only_dots_ = true;
        return inside;
    }

    [[nodiscard]] bool unusable() const noexcept {
        return unusable_ || path().size() > path_bytes_max;
    }

    [[nodiscard]] std::string_view path() const noexcept {
        const std::string_view text{out_.data(), size_};
        return text.ends_with('/') ? text.substr(0, size_ - 1) : text;
    }

private:
    void drop(std::size_t bytes) noexcept { size_ -= unusable_ ? 0 : bytes; }

    void drop_parent() noexcept {
        if (depth_ == 0) {
            return;
        }
        --depth_;
        if (!unusable_) {
            const std::string_view parents{out_.data(), size_ - 1};
            const auto slash = parents.rfind('/');
            size_ = slash == std::string_view::npos ? 0 : slash + 1;
        }
    }

    std::span<char> out_;
    std::size_t size_ = 0;
    std::size_t segment_bytes_ = 0;
    std::size_t depth_ = 0;
    bool only_dots_ = true;
    bool unusable_ = false;  // From then on `out_` isn't written any more.
};

}  // namespace

target_parts split_target(std::string_view target) noexcept {
    if (!target.starts_with('/') && target != "*") {
        const auto authority = target.find("://");
        if (authority == std::string_view::npos) {
            return {};
        }
        target.remove_prefix(authority + 3);
        const auto end = target.find_first_of("/?");
        target.remove_prefix(end == std::string_view::npos ? target.size() : end);
    }
    const auto question = target.find('?');
    target_parts parts{.path = target.substr(0, question), .query = {}};
    if (question != std::string_view::npos) {
        parts.query = target.substr(question + 1);
    }
    if (parts.path.empty()) {
        parts.path = "/";
    }
    return parts;
}

normal_path normalize_path(std::string_view raw_path, std::span<char> scratch) noexcept {
    constexpr normal_path bad{};
    if (!raw_path.starts_with('/')) {
        return bad;
    }
    path_builder built{scratch};
    auto rest = raw_path.substr(1);
    while (!rest.empty()) {
        char c = 0;
        bool escaped = false;
        if (take_char(rest, c, escaped) == decoded::malformed || detail::is_control(c)) {
            return bad;
        }
        if (c == '/' && !escaped) {
            if (!built.end_segment()) {
                return bad;
            }
            continue;
        }
        if (c == '/') {
            built.set_unusable();
        }
        built.add(c);
    }
    const bool directory = built.at_dot_segment();
    if (directory && !built.end_segment()) {
        return bad;
    }
    if (built.unusable()) {
        return {.verdict = path_verdict::not_found, .directory = false, .path = {}};
    }
    return {.verdict = path_verdict::ok, .directory = directory, .path = built.path()};
}

std::optional<std::string_view> percent_decode(std::string_view text,
                                               std::span<char> out) noexcept {
    std::size_t size = 0;
    while (!text.empty()) {
        char c = 0;
        bool escaped = false;
        if (take_char(text, c, escaped) == decoded::malformed || size == out.size()) {
            return std::nullopt;
        }
        out[size++] = c;
    }
    return std::string_view{out.data(), size};
}

}  // namespace ringway::wire
