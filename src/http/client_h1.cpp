#include "http/client_h1.hpp"

#include <utility>

#include <ringway/base/assert.hpp>

#include "http/client_head_text.hpp"

namespace ringway::http::detail {
namespace {

using parse_status = wire::h1_answer_parser::status;

constexpr unsigned interim_heads_max = 32;

bool is_idempotent(std::string_view method) noexcept {  // RFC 9110 section 9.2.2.
    return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" ||
           method == "PUT" || method == "DELETE";
}

}  // namespace

class client_h1::exchange final : public client_exchange {
public:
    exchange(client_h1& owner, const client_request& asked) noexcept
        : owner_{owner}, asked_{asked}, to_head_{asked.method == "HEAD"} {}
    ~exchange() override { RW_ASSERT(finished_); }

    [[nodiscard]] task<result<client_head>> head() override;
    [[nodiscard]] task<result<buffer_lease>> read() override;
    [[nodiscard]] task<void> finish() override;
    [[nodiscard]] std::string_view problem() const noexcept override { return problem_; }
    [[nodiscard]] bool is_unprocessed() const noexcept override { return unprocessed_; }

private:
    [[nodiscard]] task<result<void>> send();
    [[nodiscard]] task<result<void>> receive_head();
    [[nodiscard]] std::unexpected<error> refuse(error what, std::string_view why) noexcept;
    void drop_front(std::size_t count) noexcept;
    [[nodiscard]] result<bool> take_body() noexcept;

    client_h1& owner_;
    const client_request& asked_;
    bool to_head_;
    buffer_lease arrived_;  // Bytes that were received and not looked at.
    std::string pieces_;    // Of a head that came in several.
    std::string_view problem_;
    bool ended_ = false;  // The body, well.
    bool failed_ = false;
    bool extra_ = false;  // More came than the answer.
    bool unprocessed_ = false;
    bool finished_ = false;
};

client_h1::client_h1(std::unique_ptr<client_link> link) noexcept : link_{std::move(link)} {}

std::unique_ptr<client_exchange> client_h1::begin(const client_request& asked) {
    RW_ASSERT(takes_more());
    busy_ = true;
    parser_.next();
    return std::make_unique<exchange>(*this, asked);
}

task<void> client_h1::close() {
    RW_ASSERT(!busy_);
    over_ = true;
    co_await link_->close();
}

std::unexpected<error> client_h1::exchange::refuse(error what, std::string_view why) noexcept {
    failed_ = true;
    problem_ = why;
    return std::unexpected{what};
}

task<result<void>> client_h1::exchange::send() {
    const std::string text = head_text(asked_);
    auto sent = co_await send_all(owner_.link_->bytes(), as_bytes(text));
    if (sent && !asked_.body.empty()) {
        sent = co_await send_all(owner_.link_->bytes(), as_bytes(asked_.body));
    }
    co_return sent;
}

task<result<client_head>> client_h1::exchange::head() {
    const auto sent = co_await send();
    if (!sent && sent.error().code == errc::canceled) {
        co_return refuse(sent.error(), "stopped while sending");
    }
    // After a failure too: a server that refuses may have answered before it closed.
    for (unsigned interim = 0;; ++interim) {
        const auto got = co_await receive_head();
        if (!got) {
            co_return std::unexpected{got.error()};
        }
        if (!owner_.parser_.head().is_interim()) {
            break;
        }
        if (interim == interim_heads_max) {
            co_return refuse({errc::malformed}, "interim responses without end");
        }
        owner_.parser_.next();
        // What follows it is in `arrived_`.
    }
    ++owner_.answers_;
    client_head made{.status = owner_.parser_.head().status, .fields = {}};
    made.fields.reserve(owner_.parser_.head().fields.size());
    for (const auto& [name, value] : owner_.parser_.head().fields) {
        made.fields.push_back({std::string{name}, std::string{value}});
    }
    ended_ = !owner_.parser_.has_body();
    extra_ = ended_ && arrived_;
    co_return made;
}

// Leaves what follows the head in `arrived_`; the head's text stays in `pieces_`, or where it came.
task<result<void>> client_h1::exchange::receive_head() {
    pieces_.clear();
    for (;;) {
        if (!arrived_) {
            auto next = co_await owner_.link_->bytes().receive();
            if (!next || !*next) {
                const bool closed = next || next.error().code == errc::closed;
                unprocessed_ = closed && pieces_.empty() && owner_.answers_ > 0 &&
                               is_idempotent(asked_.method);
                co_return refuse(next ? error{errc::closed} : next.error(),
                                 pieces_.empty() ? "the server closed without an answer"
                                                 : "the server closed in the middle of a head");
            }
            arrived_ = *std::move(next);
        }
        // Only the head is copied: there may be much more behind it.
        const auto text = as_text(arrived_.bytes());
        const auto end = text.find("\r\n\r\n");
        const std::size_t taken = end == std::string_view::npos ? text.size() : end + 4;
        const std::size_t before = pieces_.size();
        pieces_.append(text.substr(0, taken));
        const auto done = owner_.parser_.parse(pieces_, to_head_);
        if (done.what == parse_status::bad) {
            co_return refuse({errc::malformed}, done.reason);
        }
        const bool complete = done.what == parse_status::complete;
        drop_front(complete ? done.consumed - before : taken);
        if (complete) {
            co_return result<void>{};
        }
    }
}

void client_h1::exchange::drop_front(std::size_t count) noexcept {
    const std::size_t rest = arrived_.bytes().size() - count;
    if (rest > 0) {
        arrived_.narrow(count, rest);
    } else {
        arrived_.reset();
    }
}

// Makes `arrived_` hold nothing but content. Yields whether there is some.
result<bool> client_h1::exchange::take_body() noexcept {
    const auto bytes = arrived_.bytes();
    const auto done =
        owner_.parser_.read_body({reinterpret_cast<char*>(bytes.data()), bytes.size()});
    if (done.what == parse_status::bad) {
        return refuse({errc::malformed}, done.reason);
    }
    ended_ = done.what == parse_status::complete;
    extra_ = ended_ && done.consumed < bytes.size();
    arrived_.narrow(0, done.content);
    return done.content > 0;
}

task<result<buffer_lease>> client_h1::exchange::read() {
    while (!ended_) {
        if (failed_) {
            co_return fail(errc::closed);
        }
        if (!arrived_) {
            auto next = co_await owner_.link_->bytes().receive();
            if (!next && next.error().code == errc::canceled) {
                co_return std::unexpected{next.error()};
            }
            if (!next || !*next) {
                const bool whole =
                    next && owner_.parser_.may_end_here() && !owner_.link_->was_truncated();
                if (!whole) {
                    co_return refuse({errc::truncated}, "the connection ended before the body did");
                }
                ended_ = true;
                break;
            }
            arrived_ = *std::move(next);
        }
        const auto has_content = take_body();
        if (!has_content) {
            co_return std::unexpected{has_content.error()};
        }
        buffer_lease content = std::exchange(arrived_, buffer_lease{});
        if (*has_content) {
            co_return content;
        }
    }
    co_return buffer_lease{};
}

task<void> client_h1::exchange::finish() {
    if (!finished_) {
        finished_ = true;
        arrived_.reset();
        owner_.busy_ = false;
        owner_.over_ =
            owner_.over_ || !ended_ || failed_ || extra_ || !owner_.parser_.head().keep_alive;
    }
    co_return;
}

}  // namespace ringway::http::detail
