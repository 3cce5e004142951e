#include "wire/h1_fields.hpp"

#include <algorithm>

#include <ringway/base/assert.hpp>

namespace ringway::wire::detail {
namespace {

constexpr h1_reject line_too_long_reject{431, "field line too long"};

std::string_view reason_of(llhttp_errno_t code) noexcept {
    switch (code) {
        case HPE_CR_EXPECTED:
        case HPE_LF_EXPECTED:
        case HPE_STRICT: return "bad line end";
        case HPE_UNEXPECTED_SPACE: return "white space before the first field";
        case HPE_INVALID_CONTENT_LENGTH:
        case HPE_UNEXPECTED_CONTENT_LENGTH: return "bad Content-Length";
        case HPE_INVALID_TRANSFER_ENCODING: return "bad Transfer-Encoding";
        default: return "bad field line";
    }
}

}  // namespace

// What llhttp calls; `data` is the reader.
struct field_section_reader::callbacks {
    static field_section_reader& self(llhttp_t* engine) noexcept {
        return *static_cast<field_section_reader*>(engine->data);
    }
    static int on_name_bytes(llhttp_t* engine, const char* at, std::size_t size) noexcept {
        self(engine).grow(self(engine).name_, at, size);
        return HPE_OK;
    }
    static int on_value_bytes(llhttp_t* engine, const char* at, std::size_t size) noexcept {
        self(engine).grow(self(engine).value_, at, size);
        return HPE_OK;
    }
    static int on_name(llhttp_t* engine) noexcept {
        self(engine).refused_ = self(engine).name_complete();
        return self(engine).refused_ ? HPE_USER : HPE_OK;
    }
    static int on_value(llhttp_t* engine) noexcept {
        self(engine).refused_ = self(engine).value_complete();
        return self(engine).refused_ ? HPE_USER : HPE_OK;
    }
    static int on_section_end(llhttp_t*) noexcept { return HPE_PAUSED; }

    static llhttp_settings_t make_settings() noexcept {
        llhttp_settings_t settings;
        llhttp_settings_init(&settings);
        settings.on_header_field = on_name_bytes;
        settings.on_header_value = on_value_bytes;
        settings.on_header_field_complete = on_name;
        settings.on_header_value_complete = on_value;
        settings.on_headers_complete = on_section_end;
        return settings;
    }

    // An engine that has just seen a request line. It is copied for every section, which is cheaper
    // than showing each engine a line; llhttp's state is plain data without pointers into itself.
    static llhttp_t make_engine() noexcept {
        static const llhttp_settings_t settings = make_settings();
        constexpr std::string_view line = "GET / HTTP/1.1\r\n";
        llhttp_t engine;
        llhttp_init(&engine, HTTP_REQUEST, &settings);
        RW_ASSERT(llhttp_execute(&engine, line.data(), line.size()) == HPE_OK);
        return engine;
    }
};

void field_section_reader::reset() noexcept {
    static const llhttp_t fresh = callbacks::make_engine();
    engine_ = fresh;
    name_ = {};
    value_ = {};
    count_ = 0;
    fed_ = 0;
    line_at_ = 0;
}

field_section_reader::outcome field_section_reader::feed(std::string_view piece,
                                                         const head_limits& limits,
                                                         field_sink* sink) noexcept {
    const auto allowed = piece.substr(0, limits.header_bytes_max - fed_);
    engine_.data = this;
    piece_ = allowed.data();
    limits_ = &limits;
    sink_ = sink;
    refused_ = {};
    const auto code = llhttp_execute(&engine_, allowed.data(), allowed.size());
    if (code == HPE_PAUSED) {
        const auto consumed = static_cast<std::size_t>(llhttp_get_error_pos(&engine_) - piece_);
        return {.refused = {}, .complete = true, .consumed = consumed};
    }
    if (code != HPE_OK) {
        return refuse(allowed, code);
    }
    if (advance(allowed)) {
        return {.refused = line_too_long_reject};
    }
    if (allowed.size() < piece.size()) {
        return {.refused = {431, "fields too large"}};
    }
    return {.refused = {}, .complete = false, .consumed = piece.size()};
}

// A line that is too long is refused for that, whatever else is wrong with it beyond the limit: if
// the bytes had come one by one we wouldn't have seen the rest.
field_section_reader::outcome field_section_reader::refuse(std::string_view piece,
                                                           llhttp_errno_t code) noexcept {
    if (refused_) {
        return {.refused = refused_};
    }
    const auto wrong = static_cast<std::size_t>(llhttp_get_error_pos(&engine_) - piece_);
    if (advance(piece.substr(0, wrong))) {
        return {.refused = line_too_long_reject};
    }
    return {.refused = {400, reason_of(code)}};
}

// Takes note of a piece that llhttp liked. True if the line in which it ends is too long; a line
// that ends with the piece hasn't been judged yet, because it could still be folded.
bool field_section_reader::advance(std::string_view piece) noexcept {
    const bool ends_line = piece.ends_with('\n');
    const auto line_feed = piece.substr(0, piece.size() - (ends_line ? 1 : 0)).rfind('\n');
    if (line_feed != std::string_view::npos) {
        if (is_folded_too_long(piece.substr(0, line_feed + 1))) {
            return true;
        }
        line_at_ = fed_ + line_feed + 1;
    }
    fed_ += piece.size();
    // Without the line's CRLF; an unfinished line may have its CR already.
    const auto line_bytes = fed_ - line_at_;
    const bool too_long = line_bytes > limits_->line_bytes_max + (ends_line ? 2 : 1);
    line_at_ = ends_line ? fed_ : line_at_;
    return too_long;
}

// A field that goes on behind the end of its line will be refused, but llhttp has said nothing of
// the lines that it has so far: whether one is too long is looked at here.
bool field_section_reader::is_folded_too_long(std::string_view lines) const noexcept {
    if (!name_.started || name_.text.at >= fed_ + lines.size()) {
        return false;
    }
    std::size_t line_at = std::max(line_at_, name_.text.at);
    for (std::size_t at = line_at > fed_ ? line_at - fed_ : 0; at < lines.size();) {
        const std::size_t end = lines.find('\n', at) + 1;  // There is one: it is the last byte.
        if (fed_ + end - line_at > limits_->line_bytes_max + 2) {
            return true;
        }
        line_at = fed_ + end;
        at = end;
    }
    return false;
}

void field_section_reader::grow(place_in_progress& place, const char* at,
                                std::size_t size) const noexcept {
    if (!place.started) {
        place.text.at = fed_ + static_cast<std::size_t>(at - piece_);
        place.started = true;
    }
    place.text.size += size;
}

h1_reject field_section_reader::name_complete() noexcept {
    if (name_.text.size > limits_->line_bytes_max) {
        return line_too_long_reject;
    }
    if (++count_ > limits_->header_count_max) {
        return {431, "too many fields"};
    }
    value_ = {};
    return sink_ != nullptr ? sink_->on_name(name_.text) : h1_reject{};
}

h1_reject field_section_reader::value_complete() noexcept {
    if (!value_.started) {  // llhttp may pass over an empty value in silence.
        value_.text.at = name_.text.at + name_.text.size;
    }
    const auto line_bytes = value_.text.at + value_.text.size - name_.text.at;
    name_ = {};
    if (line_bytes > limits_->line_bytes_max) {
        return line_too_long_reject;
    }
    return sink_ != nullptr ? sink_->on_value(value_.text) : h1_reject{};
}

}  // namespace ringway::wire::detail
