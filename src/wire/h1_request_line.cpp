#include "wire/h1_request_line.hpp"

#include <algorithm>

#include <ringway/base/assert.hpp>

#include "wire/authority.hpp"
#include "wire/chars.hpp"

namespace ringway::wire::detail {
namespace {

constexpr std::string_view version_shape = "HTTP/#.#";  // '#' is a digit.

constexpr h1_reject bad_request(std::string_view reason) noexcept { return {400, reason}; }

// The authority of an absolute-form target with a scheme that we speak, else "".
std::string_view absolute_authority(std::string_view target) noexcept {
    const auto scheme_end = target.find("://");
    if (scheme_end == std::string_view::npos) {
        return {};
    }
    const auto scheme = target.substr(0, scheme_end);
    if (!same_ignoring_case(scheme, "http") && !same_ignoring_case(scheme, "https")) {
        return {};
    }
    target.remove_prefix(scheme_end + 3);
    return target.substr(0, target.find_first_of("/?"));
}

}  // namespace

h1_reject request_line_reader::feed(std::string_view message, const head_limits& limits) noexcept {
    h1_reject refused;
    while (!refused && at_ < message.size() && step_ != step::done) {
        switch (step_) {
            case step::start:
            case step::empty_line: refused = read_start(message); break;
            case step::method: refused = read_method(message); break;
            case step::target: refused = read_target(message, limits); break;
            case step::version: refused = read_version(message); break;
            case step::lf:
                if (message[at_++] != '\n') {
                    return bad_request("bare CR in the request line");
                }
                step_ = step::done;
                break;
            case step::done: break;
        }
    }
    return refused;
}

// One empty line may stand before the request line (RFC 9112 section 2.2).
h1_reject request_line_reader::read_start(std::string_view message) noexcept {
    const char c = message[at_];
    if (step_ == step::empty_line) {
        if (c != '\n') {
            return bad_request("bare CR before the request line");
        }
        ++at_;
        skipped_empty_line_ = true;
        step_ = step::start;
        return {};
    }
    if (c == '\r' && !skipped_empty_line_) {
        ++at_;
        step_ = step::empty_line;
        return {};
    }
    if (!token_chars.has(c)) {
        return bad_request("no method");
    }
    line_at_ = at_;
    step_ = step::method;
    return {};
}

h1_reject request_line_reader::read_method(std::string_view message) noexcept {
    for (; at_ < message.size(); ++at_) {
        const char c = message[at_];
        if (c == ' ') {
            method_ = classify_method(message.substr(line_at_, at_ - line_at_));
            target_at_ = ++at_;
            step_ = step::target;
            return {};
        }
        if (!token_chars.has(c)) {
            return bad_request("no method");
        }
        if (at_ - line_at_ == method_bytes_max) {
            return {501, "method too long"};
        }
    }
    return {};
}

h1_reject request_line_reader::read_target(std::string_view message,
                                           const head_limits& limits) noexcept {
    // The version and the spaces must have room in the line, too.
    const auto line_end = line_at_ + limits.line_bytes_max - version_shape.size() - 1;
    const auto longest_end = std::min(target_at_ + limits.target_bytes_max, line_end);
    const auto end = std::min(message.size(), longest_end + 1);
    for (; at_ < end; ++at_) {
        const char c = message[at_];
        if (c == ' ') {
            if (at_ == target_at_) {
                return bad_request("no target");
            }
            version_at_ = ++at_;
            step_ = step::version;
            return {};
        }
        if (!is_vchar(c) || c == '#') {
            return bad_request("bad character in the target");
        }
        if (at_ == longest_end) {
            return {414, "target too long"};
        }
    }
    return {};
}

h1_reject request_line_reader::read_version(std::string_view message) noexcept {
    for (; at_ < message.size(); ++at_) {
        const char c = message[at_];
        const auto index = at_ - version_at_;
        if (index == version_shape.size()) {
            if (c != '\r') {
                return bad_request("bad end of the request line");
            }
            ++at_;
            step_ = step::lf;
            return {};
        }
        const char wanted = version_shape[index];
        if (wanted == '#' ? !is_digit(c) : c != wanted) {
            return bad_request("bad version");
        }
        if (index + 1 == version_shape.size()) {
            if (message[at_ - 2] != '1') {
                return {505, "not HTTP/1"};
            }
            version_minor_ = c == '0' ? 0 : 1;
            if (const auto refused = check_target(message)) {
                return refused;
            }
        }
    }
    return {};
}

// After the version, so that the preface of HTTP/2 is told that the version is the problem.
h1_reject request_line_reader::check_target(std::string_view message) const noexcept {
    const auto target = message.substr(target_at_, version_at_ - 1 - target_at_);
    if (method_ == method_id::connect) {
        return is_authority_with_port(target) ? h1_reject{}
                                              : bad_request("CONNECT needs host:port");
    }
    if (target.front() == '/') {
        return {};
    }
    if (target == "*") {
        return method_ == method_id::options ? h1_reject{} : bad_request("* is for OPTIONS");
    }
    return is_authority(absolute_authority(target)) ? h1_reject{} : bad_request("bad target");
}

void request_line_reader::describe(std::string_view message, request_head& out) const noexcept {
    RW_ASSERT(step_ == step::done);
    out.method = method_;
    out.method_text = message.substr(line_at_, target_at_ - 1 - line_at_);
    out.target = message.substr(target_at_, version_at_ - 1 - target_at_);
    out.version_minor = version_minor_;
    if (method_ == method_id::connect) {
        out.host = out.target;
    } else if (out.target.front() != '/') {
        out.host = absolute_authority(out.target);
    }
}

}  // namespace ringway::wire::detail
