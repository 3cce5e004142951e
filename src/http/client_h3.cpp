#include "http/client_h3.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/sleep.hpp>

#include "http/client_h3_protocol.hpp"
#include "http/client_h3_words.hpp"
#include "http/client_head_text.hpp"

namespace ringway::http::detail {
namespace {

constexpr nanoseconds ticket_wait_min = std::chrono::milliseconds{50};
constexpr nanoseconds ticket_wait_max = std::chrono::seconds{1};

nghttp3_nv nv_of(const client_field& field) noexcept {
    const auto bytes = [](const std::string& text) {
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    return {bytes(field.name), bytes(field.value), field.name.size(), field.value.size(),
            NGHTTP3_NV_FLAG_NONE};
}

// The body in one piece: it stays where it is until the stream is gone.
nghttp3_ssize body_of(nghttp3_conn*, std::int64_t, nghttp3_vec* pieces, std::size_t,
                      std::uint32_t* flags, void*, void* user) {
    const std::string& text = static_cast<client_stream*>(user)->body_to_send();
    pieces[0] = {reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())), text.size()};
    *flags |= NGHTTP3_DATA_FLAG_EOF;
    return 1;
}

// nghttp3 keeps the Content-Length of a 204, of an interim head and of trailers to itself, which is
// in order. Of what is handed on nothing may be missing: those fields had forbidden characters.
std::size_t kept_back_max(const client_stream& of) noexcept { return of.is_full_head() ? 0 : 1; }

// As RFC 9114 section 4.2.2 counts.
std::uint64_t section_bytes(const std::vector<client_field>& fields) noexcept {
    std::uint64_t sum = 0;
    for (const client_field& each : fields) {
        sum += each.name.size() + each.value.size() + 32;
    }
    return sum;
}

}  // namespace

result<std::shared_ptr<client_h3>> client_h3::open(const endpoint& server, std::string_view host,
                                                   const tls::client_context& context,
                                                   const quic::client_options& options,
                                                   const quic::resumption& earlier) {
    return open_over(
        [&](quic::make_application maker) {
            return quic::client_connection::open(server, host, context, std::move(maker), options,
                                                 earlier);
        },
        options.early_data ? read_h3_settings(earlier.application) : std::nullopt);
}

result<std::shared_ptr<client_h3>> client_h3::open_over(opener below,
                                                        std::optional<h3_settings> remembered) {
    std::shared_ptr<client_h3> made{new client_h3};
    client_h3& self = *made;
    self.settings_ = self.remembered_ = remembered;
    auto opened = below([&self](quic::connection& link) -> std::unique_ptr<quic::application> {
        self.link_ = &link;
        return std::make_unique<protocol>(self);
    });
    if (!opened) {
        self.over_ = true;
        return std::unexpected{opened.error()};
    }
    made->quic_ = *std::move(opened);
    made->link_ = &made->quic_->link();
    return made;
}

client_h3::~client_h3() {
    RW_ASSERT(streams_.empty());
    quic_.reset();
    nghttp3_conn_del(engine_);
}

// The three streams that every connection has (RFC 9114 section 6.2, RFC 9204 section 4.2).
quic::failure client_h3::start() {
    nghttp3_settings settings;
    nghttp3_settings_default(&settings);
    settings.max_field_section_size = client_stream::head_bytes_max;
    settings.qpack_max_dtable_capacity = 4096;
    settings.qpack_blocked_streams = 100;
    const int failed = nghttp3_conn_client_new(&engine_, &client_h3_callbacks(), &settings,
                                               nghttp3_mem_default(), this);
    RW_ASSERT(failed == 0);
    const auto control = link_->open_stream(quic::direction::unidirectional);
    const auto encoder = link_->open_stream(quic::direction::unidirectional);
    const auto decoder = link_->open_stream(quic::direction::unidirectional);
    if (!control || !encoder || !decoder ||
        nghttp3_conn_bind_control_stream(engine_, *control) != 0 ||
        nghttp3_conn_bind_qpack_streams(engine_, *encoder, *decoder) != 0) {
        failure_.text = "the server allows no streams for HTTP/3";
        return NGHTTP3_H3_GENERAL_PROTOCOL_ERROR;
    }
    submit_waiting();
    return std::nullopt;
}

// Before there are keys QUIC makes no protocol, so its end is not told to any.
task<result<void>> client_h3::handshake() {
    const auto done = co_await quic_->handshake();
    if (!done && done.error().code != errc::canceled && !over_) {
        end();
    }
    co_return done;
}

quic::resumption client_h3::resumption() const {
    auto out = quic_->resumption_data();
    if (settings_) {
        out.application = to_bytes(*settings_);
    }
    return out;
}

task<void> client_h3::wait_for_ticket() {
    const auto limit = std::clamp(4 * facts().rtt, ticket_wait_min, ticket_wait_max);
    const nanoseconds until = driver::current().now() + limit;
    while (!over_ && quic_->resumption_data().session.empty() && driver::current().now() < until) {
        const auto slept = co_await sleep_for(limit / 16);
        if (!slept) {
            co_return;
        }
    }
}

// Early data was refused: everything is asked again.
void client_h3::start_over() {
    remembered_.reset();
    settings_.reset();
    nghttp3_conn_del(std::exchange(engine_, nullptr));
    waiting_.clear();
    sections_.clear();
    for (client_stream* each : streams_) {
        each->start_over();
        waiting_.push_back(each);
    }
}

std::unique_ptr<client_exchange> client_h3::begin(const client_request& asked) {
    RW_ASSERT(takes_more());
    auto made = std::make_unique<client_stream>(*this, asked);
    made->fields_to_send = head_fields(asked);
    ++unfinished_;
    made->place = streams_.size();
    streams_.push_back(made.get());
    waiting_.push_back(made.get());
    submit_waiting();
    return made;
}

void client_h3::submit_waiting() {
    while (engine_ != nullptr && !waiting_.empty()) {
        const auto id = link_->open_stream(quic::direction::bidirectional);
        if (!id) {
            return;
        }
        client_stream& next = *waiting_.front();
        waiting_.pop_front();
        next.id = *id;
        submit(next);
    }
}

void client_h3::submit(client_stream& which) {
    if (settings_ && section_bytes(which.fields_to_send) > settings_->field_section_max) {
        which.fail_with({errc::limit}, "the request's head is longer than the " +
                                           std::to_string(settings_->field_section_max) +
                                           " bytes that the server takes");
        link_->reset_stream(which.id, NGHTTP3_H3_REQUEST_CANCELLED);
        link_->stop_reading(which.id, NGHTTP3_H3_REQUEST_CANCELLED);
        forget(which);
        return;
    }
    std::vector<nghttp3_nv> lines;
    lines.reserve(which.fields_to_send.size());
    std::ranges::transform(which.fields_to_send, std::back_inserter(lines), nv_of);
    const nghttp3_data_reader body{.read_data = body_of};
    const int failed =
        nghttp3_conn_submit_request(engine_, which.id, lines.data(), lines.size(),
                                    which.body_to_send().empty() ? nullptr : &body, &which);
    if (failed != 0) {
        which.fail_with({errc::limit}, nghttp3_strerror(failed), true);
        link_->reset_stream(which.id, NGHTTP3_H3_REQUEST_CANCELLED);
        link_->stop_reading(which.id, NGHTTP3_H3_REQUEST_CANCELLED);
        forget(which);
        return;
    }
    sections_.try_emplace(which.id);
    link_->wake();
}

void client_h3::forget(client_stream& gone) noexcept {
    std::erase(waiting_, &gone);
    sections_.erase(gone.id);
    if (gone.place < streams_.size() && streams_[gone.place] == &gone) {
        streams_.back()->place = gone.place;
        std::swap(streams_[gone.place], streams_.back());
        streams_.pop_back();
    }
}

void client_h3::broken(client_stream& which) {
    which.fail_with({errc::malformed}, "the answer breaks the rules of HTTP/3");
    link_->stop_reading(which.id, NGHTTP3_H3_MESSAGE_ERROR);
    link_->reset_stream(which.id, NGHTTP3_H3_MESSAGE_ERROR);
}

void client_h3::on_bytes(std::int64_t id, byte_view bytes) {
    if (const auto found = sections_.find(id); found != sections_.end()) {
        found->second.feed(bytes);
    }
}

void client_h3::on_field(client_stream& of, std::string_view name, std::string_view value) {
    if (const auto found = sections_.find(of.id); found != sections_.end()) {
        found->second.on_field();
    }
    if (!of.is_ended() && !of.add_field(name, value)) {
        broken(of);
    }
}

void client_h3::on_head_end(client_stream& of) {
    const auto found = sections_.find(of.id);
    const auto kept_back = found == sections_.end() ? 0 : found->second.end_section();
    // RFC 9114 section 10.3.
    if (!of.is_ended() && (kept_back > kept_back_max(of) || !of.head_ended())) {
        broken(of);
    }
}

void client_h3::on_body(client_stream* of, std::int64_t id, byte_view bytes) {
    if (of == nullptr || of->is_ended()) {
        link_->consumed(id, bytes.size());
        return;
    }
    if (!of->add_body(bytes)) {
        broken(*of);
        link_->consumed(id, bytes.size());
    }
}

void client_h3::on_end(client_stream& of) {
    if (!of.is_ended() && !of.body_ended()) {
        broken(of);
    }
}

void client_h3::on_stream_end(client_stream* of, std::uint64_t code) {
    if (of == nullptr) {
        return;
    }
    of->fail_with({errc::closed},
                  code == NGHTTP3_H3_NO_ERROR
                      ? "the server ended the stream without an answer"
                      : "the server gave the stream up with error " + std::to_string(code),
                  code == NGHTTP3_H3_REQUEST_REJECTED);
    forget(*of);
}

void client_h3::on_settings(const h3_settings& now) {
    settings_ = now;
    if (!remembered_) {
        return;
    }
    if (const auto broken = broken_promise(*std::exchange(remembered_, {}), now)) {
        failure_.text = "the server has not kept to the settings that it gave with its ticket";
        link_->close(*broken, "settings are not those of the ticket");
    }
}

// RFC 9114 section 5.2: requests from there on were not looked at.
void client_h3::on_goaway(std::int64_t first_refused) {
    no_more_ = true;
    const auto refused = [&](client_stream* each) {
        return each->id < 0 || each->id >= first_refused;
    };
    std::vector<client_stream*> gone;
    std::ranges::copy_if(streams_, std::back_inserter(gone), refused);
    for (client_stream* each : gone) {
        each->fail_with({errc::closed}, "the server is going away", true);
        if (each->id >= 0) {
            nghttp3_conn_set_stream_user_data(engine_, each->id, nullptr);
        }
        forget(*each);
    }
}

void client_h3::taken(client_stream& by, std::size_t bytes) noexcept {
    if (!over_ && by.id >= 0) {
        link_->consumed(by.id, bytes);
    }
}

void client_h3::leave(client_stream& which) noexcept {
    --unfinished_;
    const bool open = which.place < streams_.size() && streams_[which.place] == &which;
    forget(which);
    if (over_ || engine_ == nullptr || which.id < 0 || !open) {
        return;
    }
    nghttp3_conn_set_stream_user_data(engine_, which.id, nullptr);
    if (!which.is_well_ended()) {
        link_->stop_reading(which.id, NGHTTP3_H3_REQUEST_CANCELLED);
    }
    link_->reset_stream(which.id, NGHTTP3_H3_REQUEST_CANCELLED);
}

void client_h3::end() {
    last_facts_ = facts();
    over_ = true;
    const quic::closing how = quic_ ? quic_->how_it_ended() : quic::closing{};
    failure_ = {.stage = handshake_done_ ? client_stage::response : client_stage::connect,
                .what = how.reason.code == errc::none ? error{errc::closed} : how.reason,
                .text = failure_.text.empty() ? words_of(how) : failure_.text,
                .certificate = is_about_certificate(how),
                .surely_unprocessed = false};
    while (!streams_.empty()) {
        client_stream& each = *streams_.back();
        streams_.pop_back();
        each.fail_with(failure_.what, failure_.text, each.id < 0);
    }
    waiting_.clear();
}

const client_failure* client_h3::connect_failure() const noexcept {
    return over_ && !handshake_done_ ? &failure_ : nullptr;
}

client_facts client_h3::facts() const noexcept {
    if (over_) {
        return last_facts_;
    }
    const auto now = link_->facts();
    return {.rtt = now.smoothed_rtt,
            .rtt_min = now.min_rtt,
            .lost = now.packets_lost,
            .retransmitted = now.packets_lost,
            .congestion_window = now.congestion_window};
}

task<void> client_h3::close() {
    last_facts_ = facts();
    if (!over_) {
        link_->close(NGHTTP3_H3_NO_ERROR, "");
    }
    co_await quic_->finish();
    over_ = true;
}

}  // namespace ringway::http::detail
