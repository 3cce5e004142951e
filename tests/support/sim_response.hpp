// Reading HTTP/1 responses, for clients in tests: small, strict, and no relative of the server.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringway::test {

/// One response as far as it has been read.
struct sim_response {
    int status = 0;
    int minor = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    std::optional<std::size_t> length;  ///< What Content-Length says.

    /// The value of the field `name` (in any case); empty if there is none.
    [[nodiscard]] std::string_view find(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
    [[nodiscard]] bool says_close() const { return find("connection") == "close"; }
};

/// Takes a stream of bytes apart. Only what this server may send is well-formed: a length for every
/// body, no chunks, no interim responses.
class sim_response_reader {
public:
    enum class phase { head, body, complete, malformed };

    /// Takes bytes of the response that is being read: up to the end of its head, or of its body.
    /// Returns how many it took.
    std::size_t feed(std::string_view bytes);

    /// Says whether the response has a body at all: once its head is there, before more is fed.
    void expect_body(bool expected);

    /// Gets ready for the next response.
    void next();

    [[nodiscard]] phase now() const noexcept { return now_; }
    [[nodiscard]] const sim_response& current() const noexcept { return current_; }
    /// Whether a byte of the current response has been read.
    [[nodiscard]] bool begun() const noexcept { return now_ != phase::head || !head_.empty(); }
    /// Why it is malformed.
    [[nodiscard]] const std::string& why() const noexcept { return why_; }

private:
    void parse_head();
    [[nodiscard]] bool parse_status_line(std::string_view line);
    [[nodiscard]] bool parse_field(std::string_view line);
    void fail(std::string why);

    static constexpr std::size_t head_bytes_max = 16 * 1024;

    phase now_ = phase::head;
    std::string head_;
    sim_response current_;
    std::string why_;
};

namespace detail_response {

inline bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
    return !text.empty() && text[0] != '-' && parsed.ec == std::errc{} &&
           parsed.ptr == text.data() + text.size();
}

}  // namespace detail_response

inline std::string_view sim_response::find(std::string_view name) const {
    for (const auto& field : fields) {
        if (detail_response::same_name(field.first, name)) {
            return field.second;
        }
    }
    return {};
}

inline std::size_t sim_response::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        fields, [&](const auto& field) { return detail_response::same_name(field.first, name); }));
}

inline std::size_t sim_response_reader::feed(std::string_view bytes) {
    if (now_ == phase::body) {
        const std::size_t wanted = current_.length.value_or(0) - current_.body.size();
        const std::string_view taken = bytes.substr(0, wanted);
        current_.body += taken;
        now_ = taken.size() == wanted ? phase::complete : phase::body;
        return taken.size();
    }
    if (now_ != phase::head) {
        return 0;
    }
    const std::size_t before = head_.size();
    head_ += bytes.substr(0, head_bytes_max);
    const auto end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) {
        if (head_.size() >= head_bytes_max) {
            fail("a head without end");
        }
        return bytes.size();
    }
    head_.resize(end + 2);
    parse_head();
    return end + 4 - before;
}

inline void sim_response_reader::expect_body(bool expected) {
    if (now_ != phase::body) {
        return;
    }
    const bool never = current_.status == 204 || current_.status == 304;
    if (!expected || never) {
        now_ = phase::complete;
    } else if (!current_.length) {
        fail("a body without length");
    } else if (*current_.length == 0) {
        now_ = phase::complete;
    }
}

inline void sim_response_reader::next() {
    now_ = phase::head;
    head_.clear();
    current_ = {};
}

inline void sim_response_reader::parse_head() {
    std::string_view rest{head_};
    bool first = true;
    while (!rest.empty()) {
        const auto end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 2);
        if (first ? !parse_status_line(line) : !parse_field(line)) {
            fail("a bad line in a head: " + std::string{line});
            return;
        }
        first = false;
    }
    now_ = phase::body;
    if (current_.count("transfer-encoding") > 0 || current_.count("content-length") > 1) {
        fail("odd framing");
    } else if (current_.count("content-length") == 1) {
        std::size_t length = 0;
        if (!detail_response::read_number(current_.find("content-length"), length)) {
            fail("a bad Content-Length");
        }
        current_.length = length;
    }
}

inline bool sim_response_reader::parse_status_line(std::string_view line) {
    if (!line.starts_with("HTTP/1.1 ") || line.size() < 13 || line[12] != ' ') {
        return false;
    }
    current_.minor = 1;
    return detail_response::read_number(line.substr(9, 3), current_.status) &&
           current_.status >= 200 && current_.status <= 599 && line.find('\r') == line.npos;
}

inline bool sim_response_reader::parse_field(std::string_view line) {
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos || colon == 0 || line.find_first_of(" \t\r\n") < colon) {
        return false;
    }
    const std::string_view value = line.substr(colon + 2);
    if (value.find_first_of("\r\n") != value.npos || value.find('\0') != value.npos ||
        value.starts_with(' ') || value.ends_with(' ')) {
        return false;
    }
    current_.fields.emplace_back(line.substr(0, colon), value);
    return true;
}

inline void sim_response_reader::fail(std::string why) {
    now_ = phase::malformed;
    why_ = std::move(why);
}

}  // namespace ringway::test
