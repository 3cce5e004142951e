#include "lab/bench_service.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace ringway::lab {
namespace {

// How much of "\r\n\r\n" has been seen.
constexpr unsigned head_end = 4;

unsigned next_state(unsigned state, char c) noexcept {
    const bool wanted = c == (state % 2 == 0 ? '\r' : '\n');
    return wanted ? state + 1 : c == '\r' ? 1 : 0;
}

}  // namespace

std::string_view name_of(service_kind kind) noexcept {
    switch (kind) {
        case service_kind::echo: return "echo";
        case service_kind::http: return "http";
        default: return "lookup";
    }
}

std::optional<service_kind> find_service(std::string_view name) noexcept {
    for (const auto kind : {service_kind::echo, service_kind::http, service_kind::lookup}) {
        if (name_of(kind) == name) {
            return kind;
        }
    }
    return std::nullopt;
}

bench_service::bench_service(service_kind kind, std::size_t body_bytes) : kind_{kind} {
    if (kind != service_kind::http) {
        return;
    }
    const auto response = fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
        "Content-Length: {}\r\n\r\n{}",
        body_bytes, std::string(body_bytes, 'r'));
    response_bytes_ = response.size();
    for (std::size_t i = 0; i < batch_max; ++i) {
        responses_ += response;
    }
}

byte_view bench_service::answer(unsigned& state, byte_view in) const noexcept {
    if (kind_ == service_kind::echo) {
        return in;
    }
    std::size_t requests = 0;
    for (const char c : as_text(in)) {
        state = next_state(state, c);
        if (state == head_end) {
            state = 0;
            ++requests;
        }
    }
    return as_bytes(responses_).first(std::min(requests, batch_max) * response_bytes_);
}

}  // namespace ringway::lab
