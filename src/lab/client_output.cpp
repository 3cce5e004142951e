#include "lab/client_output.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace ringway::lab {
namespace {

std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

// The first line that is a JSON object; a discarded value if there is none.
nlohmann::json find_json(std::string_view text) {
    while (!text.empty()) {
        const auto line = take_line(text);
        if (line.starts_with('{')) {
            return nlohmann::json::parse(line, nullptr, false);
        }
    }
    return nlohmann::json::value_t::discarded;
}

fetch_result unreadable(std::string_view text) {
    return {.problem = text.empty() ? "the client printed nothing" : std::string{text}};
}

// Without a throw where a field is not there, or is something else.
template <class T>
T value_of(const nlohmann::json& from, const char* name, T otherwise) {
    const auto found = from.is_object() ? from.find(name) : from.end();
    if (!from.is_object() || found == from.end() || (!found->is_number() && !found->is_boolean())) {
        return otherwise;
    }
    return found->is_boolean() ? static_cast<T>(found->get<bool>()) : found->get<T>();
}

nlohmann::json part_of(const nlohmann::json& from, const char* name) {
    const auto found = from.find(name);
    return found != from.end() ? *found : nlohmann::json::object();
}

}  // namespace

fetch_result read_get_json(std::string_view text) {
    const auto told = find_json(text);
    if (!told.is_object()) {
        return unreadable(text);
    }
    const auto seconds = part_of(told, "seconds");
    const auto connection = part_of(told, "connection");
    const auto problem = part_of(told, "problem");
    return {.complete = value_of(told, "exit", 1) == 0 && value_of(told, "status", 0) == 200,
            .first_byte_ms = value_of(seconds, "first_byte", 0.0) * 1000,
            .total_ms = value_of(seconds, "total", 0.0) * 1000,
            .bytes = value_of(told, "bytes", std::uint64_t{0}),
            .resumed = value_of(connection, "resumed", false),
            .early = value_of(connection, "early_data", false),
            .lost = value_of(connection, "lost", std::uint64_t{0}),
            .body = {},
            .problem = problem.is_string() ? problem.get<std::string>() : std::string{}};
}

fetch_result read_curl_line(std::string_view text) {
    const auto told = find_json(text);
    if (!told.is_object()) {
        return unreadable(text);
    }
    const int exit = value_of(told, "exit", 1);
    return {.complete = exit == 0 && value_of(told, "status", 0) == 200,
            .first_byte_ms = value_of(told, "first_byte", 0.0) * 1000,
            .total_ms = value_of(told, "total", 0.0) * 1000,
            .bytes = value_of(told, "bytes", std::uint64_t{0}),
            .body = {},
            .problem = exit == 0 ? "" : "curl has failed with " + std::to_string(exit)};
}

fetch_result read_gtlsclient_log(std::string_view text) {
    fetch_result read;
    bool sent_early = false;
    bool rejected = false;
    double now = 0;
    while (!text.empty()) {
        const auto line = take_line(text);
        if (line.starts_with('I') && line.size() > 9 && line[9] == ' ') {
            std::uint64_t ms = 0;
            std::from_chars(line.data() + 1, line.data() + 9, ms);
            now = static_cast<double>(ms);
        }
        sent_early = sent_early || (line.contains("frm tx") && line.contains("0RTT STREAM"));
        rejected = rejected || line.contains("Early data was rejected");
        if (line.starts_with("http: stream 0x0 response headers started") &&
            read.first_byte_ms == 0) {
            read.first_byte_ms = now;
        }
        read.complete = read.complete || (line.starts_with("HTTP stream 0 closed with error code "
                                                           "256"));
    }
    read.total_ms = now;
    read.early = sent_early && !rejected;
    if (!read.complete) {
        read.problem = "gtlsclient has not closed its stream";
    }
    return read;
}

}  // namespace ringway::lab
