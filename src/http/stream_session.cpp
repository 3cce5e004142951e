#include "http/stream_session.hpp"

#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/http/plan_error.hpp>
#include <ringway/runtime/shard.hpp>

#include "http/response_fields.hpp"

namespace ringway::http::detail {
namespace {

// The status that the log has for requests that were taken back before they were answered.
constexpr std::uint16_t status_reset = 499;

// Copies of requests that one connection may let us keep; more are refused until some are answered.
constexpr std::size_t held_bytes_max = std::size_t{512} * 1024;

}  // namespace

stream_session::stream_session(session_context& context, observe::transport kind,
                               std::string client, authority_guard guard)
    : session{context, kind, std::move(client)}, authorities_{std::move(guard)} {}

stream_session::~stream_session() { RW_ASSERT(exchanges_ == nullptr && open_ == 0); }

void stream_session::take_request(stream_exchange& made, const stream_head& head,
                                  const stream_head::outcome& judged, bool ended) {
    made.next = exchanges_;
    if (exchanges_ != nullptr) {
        exchanges_->previous = &made;
    }
    exchanges_ = &made;
    ++open_;
    ++requests_;
    context_.metrics.request_started();
    set_active(true);
    made.body_ended = ended;
    made.reject_status = judged.reject_status;
    made.facts.protocol = head.protocol();
    made.facts.started = shard::current().now();
    made.facts.status = status_reset;
    made.facts.method = head.asked().method;
    if (judged.reject_status != 0) {
        count_abuse(observe::abuse_of_status(judged.reject_status), is_proven());
        begin_answer(made);
        return;
    }
    const request& asked = head.asked();
    made.misdirected = !authorities_.admits(asked.authority);
    remember_for_log(made, head);
    if (made.misdirected) {
        begin_answer(made);
        return;
    }
    if (ended && !made.on_hold) {
        context_.date.update();
        made.ready =
            context_.answer.find_ready(asked, context_.date.seconds(), context_.date.text());
        if (made.ready) {
            submit(made);
            return;
        }
    }
    made.asked = std::make_unique<stream_head::copy>(head);
    hold(made, made.asked->memory_bytes());
    const std::uint64_t length = head.content_length().value_or(0);
    if (length > context_.limits.discard_bytes_max) {
        count_abuse(observe::abuse_kind::body_too_large, is_proven());
    }
    if (ended || head.expects_continue() || length > context_.limits.discard_bytes_max) {
        begin_answer(made);
    }
}

void stream_session::remember_for_log(stream_exchange& made, const stream_head& head) {
    if (context_.log == nullptr) {
        return;
    }
    const request& asked = head.asked();
    request_note& note = made.note;
    note.remember(asked.method_text, head.target(), asked.find(wire::field::referer),
                  asked.find(wire::field::user_agent));
    hold(made, note.method().size() + note.target().size() + note.referer().size() +
                   note.user_agent().size());
}

bool stream_session::refuses_more() const noexcept {
    return open_ >= std::size_t{2} * context_.limits.streams_max || held_bytes_ >= held_bytes_max;
}

bool stream_session::is_answering() const noexcept {
    for (const stream_exchange* each = exchanges_; each != nullptr; each = each->next) {
        if (each->working > 0 && !each->closed) {
            return true;
        }
    }
    return false;
}

// Counts memory of a request, in which a few bytes of a peer can become many.
void stream_session::hold(stream_exchange& in, std::size_t bytes) noexcept {
    in.held_bytes += bytes;
    held_bytes_ += bytes;
}

void stream_session::drop_asked(stream_exchange& of) noexcept {
    const std::size_t bytes = of.asked->memory_bytes();
    RW_ASSERT(bytes <= of.held_bytes && of.held_bytes <= held_bytes_);
    of.held_bytes -= bytes;
    held_bytes_ -= bytes;
    of.asked.reset();
}

void stream_session::on_body(stream_exchange& of, std::size_t bytes) {
    of.body_received += bytes;
    if (of.body_received > context_.limits.discard_bytes_max) {
        begin_answer(of);
    }
}

void stream_session::on_body_end(stream_exchange& of) {
    of.body_ended = true;
    begin_answer(of);
}

void stream_session::end_hold(stream_exchange& of) {
    of.on_hold = false;
    if (of.due && !of.closed) {
        begin_answer(of);
    }
}

void stream_session::begin_answer(stream_exchange& to) {
    if (to.answered || to.working > 0 || to.answer) {
        return;
    }
    if (to.on_hold) {
        to.due = true;
        return;
    }
    to.answer = std::make_unique<response>();
    if (to.reject_status != 0 || to.misdirected) {
        if (to.misdirected) {
            plan_misdirected(to.answer->plan);
        } else {
            plan_error(to.reject_status, "", to.answer->plan);
        }
        if (to.facts.method == wire::method_id::head) {  // RFC 9110 section 9.3.2.
            to.answer->plan.drop_body();
        }
        submit(to);
        return;
    }
    ++to.working;
    work_.spawn(answer(to));
}

// The response, whose `ready` or `answer` is there.
void stream_session::submit(stream_exchange& to) {
    if (!takes_answer(to)) {
        return;
    }
    to.answered = true;
    if (to.ready) {
        to.facts.status = 200;
        to.facts.coding = to.ready->coding();
        to.facts.cache = observe::cache_tier::body;
        to.body.start(*to.ready);
        submit_fields(to, response_fields{*to.ready});
        return;
    }
    const response& what = *to.answer;
    to.facts.status = static_cast<std::uint16_t>(what.plan.status);
    to.facts.coding = what.coding;
    to.facts.cache = what.cache;
    to.facts.way = what.file ? observe::transfer_way::copy : observe::transfer_way::memory;
    to.body.start(what);
    context_.date.update();
    submit_fields(to, response_fields{what.plan, context_.date});
}

task<void> stream_session::answer(stream_exchange& to) {
    co_await context_.answer.respond(to.asked->asked(), *to.answer).under(to.stop);
    if (to.answer->abuse) {
        count_abuse(*to.answer->abuse, is_proven());
    }
    drop_asked(to);
    --to.working;
    if (to.closed) {
        release(to);
    } else if (!dead_) {
        submit(to);
        wake();
    }
}

void stream_session::count(stream_exchange& of) noexcept {
    if (!std::exchange(of.counted, true)) {
        count_response(of.facts, of.note);
    }
}

void stream_session::forget(stream_exchange& gone) noexcept {
    RW_ASSERT(gone.closed && gone.working == 0 && open_ > 0);
    count(gone);
    held_bytes_ -= gone.held_bytes;
    (gone.previous != nullptr ? gone.previous->next : exchanges_) = gone.next;
    if (gone.next != nullptr) {
        gone.next->previous = gone.previous;
    }
    if (--open_ == 0) {
        set_active(false);
    }
}

task<void> stream_session::end_work() {
    for (stream_exchange* each = exchanges_; each != nullptr; each = each->next) {
        each->stop.request_stop();
    }
    dead_ = true;
    co_await work_.join();
}

void stream_session::release_all() noexcept {
    while (exchanges_ != nullptr) {
        exchanges_->closed = true;
        release(*exchanges_);
    }
}

}  // namespace ringway::http::detail
