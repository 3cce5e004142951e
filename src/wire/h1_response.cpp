#include <ringway/wire/h1_response.hpp>

#include <cstring>

#include <ringway/base/assert.hpp>

#include "wire/chars.hpp"

namespace ringway::wire {
namespace {

// Puts texts one after the other and remembers when one didn't fit.
class head_writer {
public:
    explicit head_writer(std::span<char> out) noexcept : out_{out} {}

    void add(std::string_view text) noexcept {
        fits_ = fits_ && text.size() <= out_.size() - size_;
        if (fits_ && !text.empty()) {
            std::memcpy(out_.data() + size_, text.data(), text.size());
            size_ += text.size();
        }
    }
    void add_digit(int digit) noexcept {
        const char c = static_cast<char>('0' + digit);
        add({&c, 1});
    }
    [[nodiscard]] std::size_t size() const noexcept { return fits_ ? size_ : 0; }

private:
    std::span<char> out_;
    std::size_t size_ = 0;
    bool fits_ = true;
};

bool is_safe_value(std::string_view value) noexcept {
    unsigned unsafe = 0;
    for (const char c : value) {
        unsafe |= static_cast<unsigned>(c == '\r') | static_cast<unsigned>(c == '\n') |
                  static_cast<unsigned>(c == '\0');
    }
    return unsafe == 0;
}

std::string_view reason_2xx_3xx(int status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 203: return "Non-Authoritative Information";
        case 204: return "No Content";
        case 205: return "Reset Content";
        case 206: return "Partial Content";
        case 300: return "Multiple Choices";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        default: return {};
    }
}

std::string_view reason_4xx(int status) noexcept {
    switch (status) {
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 425: return "Too Early";
        case 426: return "Upgrade Required";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 451: return "Unavailable For Legal Reasons";
        default: return {};
    }
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 103: return "Early Hints";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        default: return status < 400 ? reason_2xx_3xx(status) : reason_4xx(status);
    }
}

std::size_t write_head(std::span<char> out, unsigned minor, int status,
                       std::span<const header_field> fields) noexcept {
    RW_ASSERT(status >= 100 && status <= 599);
    RW_ASSERT(minor <= 1);
    head_writer head{out};
    head.add(minor == 0 ? "HTTP/1.0 " : "HTTP/1.1 ");
    head.add_digit(status / 100);
    head.add_digit(status / 10 % 10);
    head.add_digit(status % 10);
    head.add(" ");  // Stays when there is no reason phrase: RFC 9112 section 4.
    head.add(reason_phrase(status));
    head.add("\r\n");
    for (const auto& [name, value] : fields) {
        RW_ASSERT(detail::is_token(name));
        RW_ASSERT(is_safe_value(value));
        head.add(name);
        head.add(": ");
        head.add(value);
        head.add("\r\n");
    }
    head.add("\r\n");
    return head.size();
}

}  // namespace ringway::wire
