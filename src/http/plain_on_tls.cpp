#include <ringway/http/plain_on_tls.hpp>

namespace ringway::http {

bool begins_like_http(byte_view first) noexcept {
    const auto text = as_text(first);
    return !text.empty() &&
           ((text[0] >= 'A' && text[0] <= 'Z') || (text[0] >= 'a' && text[0] <= 'z'));
}

std::string plain_on_tls_response(std::string_view date) {
    std::string text = "HTTP/1.1 400 Bad Request\r\nDate: ";
    text += date;
    text +=
        "\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 75\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n"
        "\r\n"
        "400 Bad Request\n\nThis port speaks TLS: write https:// in place of http://.\n";
    return text;
}

}  // namespace ringway::http
