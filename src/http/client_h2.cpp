#include "http/client_h2.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <ringway/base/assert.hpp>

#include "http/client_head_text.hpp"

namespace ringway::http::detail {
namespace {

constexpr int drop_stream = NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;

nghttp2_nv nv_of(const client_field& field) noexcept {
    const auto bytes = [](const std::string& text) {
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    return {bytes(field.name), bytes(field.value), field.name.size(), field.value.size(),
            NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

client_h2::client_h2(std::unique_ptr<client_link> link) : link_{std::move(link)} {
    const int failed =
        nghttp2_session_client_new2(&engine_, client_h2_callbacks(), this, client_h2_options());
    RW_ASSERT(failed == 0);
    const std::array settings{
        nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
                               client_stream::head_bytes_max}};
    nghttp2_submit_settings(engine_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(engine_, NGHTTP2_FLAG_NONE, 0, connection_window);
    wake_.set();
    work_.spawn(send());
    work_.spawn(receive());
}

client_h2::~client_h2() {
    RW_ASSERT(streams_.empty());
    nghttp2_session_del(engine_);
}

bool client_h2::takes_more() const noexcept {
    return !over_ && !no_more_ && nghttp2_session_check_request_allowed(engine_) != 0 &&
           streams_.size() < nghttp2_session_get_remote_settings(
                                 engine_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

std::unique_ptr<client_exchange> client_h2::begin(const client_request& asked) {
    RW_ASSERT(takes_more());
    auto made = std::make_unique<client_stream>(*this, asked);
    const auto fields = head_fields(asked);
    std::vector<nghttp2_nv> lines;
    lines.reserve(fields.size());
    std::ranges::transform(fields, std::back_inserter(lines), nv_of);
    nghttp2_data_provider body{
        .source = {.ptr = made.get()},
        .read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t size,
                            std::uint32_t* flags, nghttp2_data_source* from, void*) {
            return read_body(*static_cast<client_stream*>(from->ptr), into, size, *flags);
        }};
    const std::int32_t id =
        nghttp2_submit_request(engine_, nullptr, lines.data(), lines.size(),
                               asked.body.empty() ? nullptr : &body, made.get());
    ++unfinished_;
    if (id < 0) {  // Out of memory, or of stream numbers.
        made->fail_with({errc::limit}, "the connection takes no more requests", true);
        return made;
    }
    made->id = id;
    made->place = streams_.size();
    streams_.push_back(made.get());
    wake_.set();
    return made;
}

ssize_t client_h2::read_body(client_stream& of, std::uint8_t* into, std::size_t size,
                             std::uint32_t& flags) {
    const std::string& text = of.body_to_send();
    const std::size_t count = std::min(size, text.size() - of.body_sent);
    std::copy_n(text.data() + of.body_sent, count, into);
    of.body_sent += count;
    if (of.body_sent == text.size()) {
        flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return static_cast<ssize_t>(count);
}

client_stream* client_h2::stream_of(std::int32_t id) const noexcept {
    return static_cast<client_stream*>(nghttp2_session_get_stream_user_data(engine_, id));
}

// Its answer has ended, or nobody wants it.
void client_h2::forget(client_stream& gone) noexcept {
    if (gone.place < streams_.size() && streams_[gone.place] == &gone) {
        streams_.back()->place = gone.place;
        std::swap(streams_[gone.place], streams_.back());
        streams_.pop_back();
    }
}

// It has broken the rules of HTTP, not those of the connection.
void client_h2::broken(client_stream& which) {
    which.fail_with({errc::malformed}, "the answer breaks the rules of HTTP/2");
}

int client_h2::on_header(std::int32_t id, std::string_view name, std::string_view value) {
    client_stream* const stream = stream_of(id);
    if (stream == nullptr || stream->add_field(name, value)) {
        return 0;
    }
    broken(*stream);
    return drop_stream;
}

int client_h2::on_frame(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_GOAWAY) {
        no_more_ = true;
        why_.assign(reinterpret_cast<const char*>(frame.goaway.opaque_data),
                    std::min<std::size_t>(frame.goaway.opaque_data_len, 128));
        return 0;
    }
    client_stream* const stream = stream_of(frame.hd.stream_id);
    if (stream == nullptr) {
        return 0;
    }
    bool fine = true;
    if (frame.hd.type == NGHTTP2_HEADERS) {
        fine = stream->head_ended();
    }
    const bool has_end = frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA;
    if (fine && has_end && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
        fine = stream->body_ended();
    }
    if (!fine) {
        broken(*stream);
        nghttp2_submit_rst_stream(engine_, NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                                  NGHTTP2_PROTOCOL_ERROR);
    }
    return 0;
}

int client_h2::on_body(std::int32_t id, byte_view bytes) {
    client_stream* const stream = stream_of(id);
    if (stream == nullptr || stream->is_ended()) {
        nghttp2_session_consume_connection(engine_, bytes.size());
        return 0;
    }
    if (!stream->add_body(bytes)) {
        broken(*stream);
        nghttp2_session_consume_connection(engine_, bytes.size());
        nghttp2_submit_rst_stream(engine_, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
    }
    return 0;
}

void client_h2::on_closed(std::int32_t id, std::uint32_t code) {
    client_stream* const stream = stream_of(id);
    if (stream == nullptr) {
        return;
    }
    // REFUSED_STREAM, and streams beyond a GOAWAY's, were not looked at (sections 6.8 and 8.7).
    stream->fail_with({errc::closed},
                      code == NGHTTP2_NO_ERROR ? "the server ended the stream without an answer"
                                               : std::string{"the server gave the stream up: "} +
                                                     nghttp2_http2_strerror(code),
                      code == NGHTTP2_REFUSED_STREAM);
    forget(*stream);
}

void client_h2::taken(client_stream& by, std::size_t bytes) noexcept {
    if (over_) {
        return;
    }
    // The stream's number is gone once it has ended; the connection's window is still ours.
    nghttp2_session_consume_connection(engine_, bytes);
    if (!by.is_ended()) {
        nghttp2_session_consume_stream(engine_, static_cast<std::int32_t>(by.id), bytes);
    }
    if (nghttp2_session_want_write(engine_) != 0) {
        wake_.set();
    }
}

void client_h2::leave(client_stream& which) noexcept {
    --unfinished_;
    forget(which);
    const auto id = static_cast<std::int32_t>(which.id);
    if (over_ || id < 0) {
        return;
    }
    if (stream_of(id) == &which) {
        nghttp2_session_set_stream_user_data(engine_, id, nullptr);
        nghttp2_submit_rst_stream(engine_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        wake_.set();
    }
}

task<void> client_h2::receive() {
    for (;;) {
        auto next = co_await link_->bytes().receive();
        if (!next || !*next) {
            end(next ? error{errc::closed} : next.error(), "the server closed the connection");
            co_return;
        }
        const auto bytes = next->bytes();
        const auto read = nghttp2_session_mem_recv(
            engine_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        next->reset();
        if (read < 0) {
            end({errc::malformed}, nghttp2_strerror(static_cast<int>(read)));
            co_return;
        }
        if (nghttp2_session_want_write(engine_) != 0) {
            wake_.set();
        }
        if (end_if_through()) {
            co_return;
        }
    }
}

// nghttp2 has said all that it has to say, and listens no more: after a GOAWAY, the server's or its
// own, which answers a broken rule.
bool client_h2::end_if_through() {
    if (nghttp2_session_want_read(engine_) != 0 || nghttp2_session_want_write(engine_) != 0) {
        return false;
    }
    end({no_more_ ? errc::closed : errc::malformed},
        no_more_ ? "the connection has ended" : "the server broke the rules of HTTP/2");
    return true;
}

task<void> client_h2::send() {
    transport& out = link_->bytes();
    byte_view rest;  // Of nghttp2's output.
    for (;;) {
        while (out.free_bytes() > 0) {
            if (rest.empty()) {
                const std::uint8_t* bytes = nullptr;
                const auto size = nghttp2_session_mem_send(engine_, &bytes);
                if (size <= 0) {
                    break;
                }
                rest = {reinterpret_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)};
            }
            const std::size_t fits = std::min(rest.size(), out.free_bytes());
            out.put(rest.first(fits));
            rest = rest.subspan(fits);
        }
        if (out.pending() > 0) {
            const auto sent = co_await out.flush();
            if (!sent) {
                end(sent.error(), "the connection broke");
                co_return;
            }
            continue;
        }
        if (over_ || end_if_through()) {
            co_return;
        }
        wake_.reset();
        const auto woken = co_await wake_.wait();
        if (!woken) {
            co_return;
        }
    }
}

void client_h2::end(error what, std::string_view why) {
    if (over_) {
        return;
    }
    over_ = true;
    std::string words{why};
    if (!why_.empty()) {
        words += " (it said: " + why_ + ")";
    }
    while (!streams_.empty()) {
        client_stream& each = *streams_.back();
        streams_.pop_back();
        each.fail_with(what, words);
    }
    wake_.set();
}

task<void> client_h2::close() {
    if (!over_) {
        nghttp2_session_terminate_session(engine_, NGHTTP2_NO_ERROR);
        wake_.set();
    }
    end({errc::canceled}, "the connection was closed here");
    work_.request_stop();
    co_await work_.join();
    co_await link_->close();
}

}  // namespace ringway::http::detail
