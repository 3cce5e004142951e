#include "support/sim_exchange.hpp"

namespace ringway::test {

std::string range_text(const sim_part& part, std::size_t size) {
    return "bytes " + std::to_string(part.first) + "-" +
           std::to_string(part.first + part.length - 1) + "/" + std::to_string(size);
}

namespace {

// The multipart body as RFC 9110 section 14.6 shows it.
std::string multipart_text(const sim_exchange& asked, std::string_view boundary) {
    std::string text;
    for (const sim_part& part : asked.parts) {
        text += text.empty() ? "--" : "\r\n--";
        text += boundary;
        text += "\r\nContent-Type: " + asked.file->type;
        text += "\r\nContent-Range: " + range_text(part, asked.file->content.size()) + "\r\n\r\n";
        text += std::string_view{asked.file->content}.substr(part.first, part.length);
    }
    return text + "\r\n--" + std::string{boundary} + "--\r\n";
}

std::string fault_in_fields(const sim_exchange& asked, const sim_response& response) {
    for (const auto& [name, value] : asked.fields) {
        if (response.count(name) != 1 || response.find(name) != value) {
            return name + " is \"" + std::string{response.find(name)} + "\", not \"" + value + "\"";
        }
    }
    for (const std::string& name : asked.absent) {
        if (response.count(name) > 0) {
            return name + " is there";
        }
    }
    if (response.count("date") != 1 || response.find("date").size() != 29 ||
        response.find("server") != "ringway") {
        return "no Date or Server";
    }
    if (asked.closes == closing::always && !response.says_close()) {
        return "no Connection: close";
    }
    return {};
}

std::string fault_in_body(const sim_exchange& asked, const sim_response& response, bool complete) {
    std::string wanted = asked.body;
    if (!asked.parts.empty()) {
        constexpr std::string_view type = "multipart/byteranges; boundary=";
        const std::string_view said = response.find("content-type");
        if (!said.starts_with(type) || said.size() != type.size() + 32) {
            return "no boundary";
        }
        wanted = multipart_text(asked, said.substr(type.size()));
    }
    for (const std::string& version : asked.versions) {
        wanted = version.size() == response.length ? version : wanted;
    }
    const bool is_error = asked.status >= 400;
    if (is_error && !asked.head_only) {
        const std::string status = std::to_string(asked.status) + " ";
        const bool right = !complete || response.body.starts_with(status) ||
                           response.body.find(status) != std::string::npos;
        return right && response.length > 0U ? "" : "an error without a page";
    }
    if (!is_error && response.length.value_or(0) != wanted.size()) {
        return "Content-Length is " + std::to_string(response.length.value_or(0)) + ", not " +
               std::to_string(wanted.size());
    }
    if (asked.head_only || asked.status == 304) {
        return response.body.empty() ? "" : "a body that must not be";
    }
    const std::string_view there = std::string_view{wanted}.substr(0, response.body.size());
    if (response.body != there || (complete && response.body.size() != wanted.size())) {
        return "wrong bytes in the body";
    }
    return {};
}

}  // namespace

std::string fault_in(const sim_exchange& asked, const sim_response& response, bool complete) {
    if (response.status != asked.status) {
        return "status " + std::to_string(response.status) + ", not " +
               std::to_string(asked.status);
    }
    std::string fault = fault_in_fields(asked, response);
    return fault.empty() ? fault_in_body(asked, response, complete) : fault;
}

}  // namespace ringway::test
