#include <ringway/http/client_types.hpp>

#include <algorithm>

namespace ringway::http {

std::string_view name_of(client_version version) noexcept {
    switch (version) {
        case client_version::http_1_1: return "HTTP/1.1";
        case client_version::http_2: return "HTTP/2";
        case client_version::http_3: return "HTTP/3";
        case client_version::automatic: break;
    }
    return "HTTP";
}

std::string_view name_of(http3_offer offer) noexcept {
    switch (offer) {
        case http3_offer::none: return "none";
        case http3_offer::taken: return "taken";
        case http3_offer::slower: return "slower";
        case http3_offer::failed: return "failed";
        case http3_offer::avoided: return "avoided";
    }
    return "";
}

const std::string* find_field(const std::vector<client_field>& fields,
                              std::string_view name) noexcept {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    const auto found = std::ranges::find_if(fields, [&](const client_field& each) {
        return std::ranges::equal(each.name, name, {}, lower, lower);
    });
    return found == fields.end() ? nullptr : &found->value;
}

}  // namespace ringway::http
