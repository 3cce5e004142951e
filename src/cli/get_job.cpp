#include "cli/get_job.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fmt/core.h>
#include <unistd.h>
#include <utility>

#include <ringway/runtime/run_blocking.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway::cli {
namespace {

constexpr unsigned wait_most_s = 300;

// An errno, or 0. Blocks.
int write_out(byte_view bytes) noexcept {
    while (!bytes.empty()) {
        const auto wrote = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (wrote < 0 && errno != EINTR) {
            return errno;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(wrote, 0)));
    }
    return 0;
}

bool is_overload(int status) noexcept {
    return status == 408 || status == 425 || status == 429 || status == 500 || status == 502 ||
           status == 503 || status == 504;
}

// Delay-seconds of RFC 9110 section 10.2.3; dates are too rare.
unsigned retry_after(const http::client_response& from) noexcept {
    const auto* const value = from.find("retry-after");
    unsigned seconds = 0;
    if (value != nullptr) {
        std::from_chars(value->data(), value->data() + value->size(), seconds);
    }
    return std::min(seconds, wait_most_s);
}

}  // namespace

get_job::get_job(get_shared& shared, const wire::url& from)
    : shared_{shared},
      from_{from},
      pieces_{shared.options.pieces},
      migration_{shared.options.migrate, shared.progress, shared.options.quiet} {
    report_.url = from.text();
}

task<get_report> get_job::run() {
    outcome how;
    if (shared_.options.head_only) {
        how = co_await fetch_head();
    } else if (shared_.options.output == "-") {
        how = co_await fetch_to_output();
    } else {
        how = co_await fetch_file();
    }
    finish_report(how);
    co_return std::move(report_);
}

get_report get_job::given_up(get_exit status, std::string_view why) const {
    get_report out = report_;
    out.status = status;
    out.problem = why;
    return out;
}

void get_job::finish_report(const outcome& how) {
    if (how) {
        report_.status = how->status;
        report_.problem = how->text;
        if (how->status != get_exit::ok || !shared_.options.quiet) {
            shared_.progress.say(how->text);
        }
        if (!hint_.empty()) {
            shared_.progress.say(hint_);
        }
        return;
    }
    const bool to_file = !shared_.options.head_only && shared_.options.output != "-";
    if (to_file && !shared_.options.quiet) {
        shared_.progress.say(to_line(report_));
    }
}

http::client_request get_job::request(std::string method) const {
    http::client_request out{.method = std::move(method), .target = from_};
    out.fields = shared_.options.fields;
    if (shared_.options.range) {
        out.fields.push_back({"Range", "bytes=" + shared_.options.range->text()});
    }
    return out;
}

get_trouble get_job::trouble_of(const http::client_failure& why) const {
    get_trouble out{.status = exit_of(why), .text = why.text};
    if (why.what.code == errc::canceled) {
        out.status = shared_.out_of_time ? get_exit::timed_out : get_exit::interrupted;
        out.text = shared_.out_of_time ? std::string{out_of_time_text} : "interrupted";
    }
    const bool ours = why.stage == http::client_stage::request || why.certificate ||
                      why.what.code == errc::canceled || why.what.code == errc::limit ||
                      why.what.code == errc::not_permitted;
    out.may_pass = !ours && why.what.code != errc::unsupported;
    return out;
}

get_job::outcome get_job::judge_status(const http::client_response& answer) const {
    if (answer.status() < 400) {
        return std::nullopt;
    }
    return get_trouble{.status = get_exit::status,
                       .text = fmt::format("{}: the server answers {}; its answer was not saved",
                                           from_.text(), answer.status()),
                       .may_pass = is_overload(answer.status()),
                       .wait_s = retry_after(answer)};
}

void get_job::note(const http::client_response& from) {
    report_.take(from);
    report_.timings = from.timings();
    report_.facts = from.facts();
}

task<get_job::outcome> get_job::fetch_head() {
    auto answer = co_await shared_.client.fetch(request("HEAD"));
    if (!answer) {
        co_return trouble_of(answer.error());
    }
    std::string text = fmt::format("{} {}\n", http::name_of(answer->version()), answer->status());
    for (const auto& [name, value] : answer->fields()) {
        text += fmt::format("{}: {}\n", name, value);
    }
    text += '\n';
    co_await answer->close();
    note(*answer);
    if (const int failed = write_out(as_bytes(text)); failed != 0) {
        co_return get_trouble{get_exit::not_written, why_not_written("standard output", failed)};
    }
    auto bad = judge_status(*answer);
    if (bad) {
        bad->text = fmt::format("{}: the server answers {}", from_.text(), answer->status());
    }
    co_return bad;
}

task<get_job::outcome> get_job::fetch_to_output() {
    report_.file = "-";
    for (unsigned tries = 0;; ++tries) {
        auto answer = co_await shared_.client.fetch(request("GET"));
        outcome how;
        if (!answer) {
            how = trouble_of(answer.error());
        } else {
            how = judge_status(*answer);
            if (!how) {
                how = judge_range(*answer);
            }
            if (!how) {
                how = co_await copy_to_output(*answer);
            }
            note(*answer);
            co_await answer->close();
            report_.timings = answer->timings();
        }
        // What was written can't be taken back.
        if (!how || !how->may_pass || report_.bytes > 0 || tries >= shared_.options.retries) {
            co_return how;
        }
        ++report_.retries;
        const unsigned seconds = std::max(how->wait_s, 1U << std::min(tries, 8U));
        if (!shared_.options.quiet) {
            shared_.progress.say(fmt::format("{}; trying again in {} s", how->text, seconds));
        }
        const auto slept = co_await sleep_for(std::chrono::seconds{seconds});
        if (!slept) {
            co_return trouble_of({.stage = http::client_stage::body, .what = slept.error()});
        }
    }
}

task<get_job::outcome> get_job::copy_to_output(http::client_response& from) {
    const auto* const length = from.find("content-length");
    const std::uint64_t total = length != nullptr && from.decoded_from().empty()
                                    ? std::strtoull(length->c_str(), nullptr, 10)
                                    : get_state::unknown;
    shared_.progress.expect(total == get_state::unknown ? get_progress::unknown : total);
    for (;;) {
        const std::uint64_t before = from.received_bytes();
        const auto piece = co_await from.read();
        if (!piece) {
            co_return trouble_of(piece.error());
        }
        if (!*piece) {
            migration_.end(from);
            co_return std::nullopt;
        }
        const auto bytes = piece->bytes();
        const int failed = co_await run_blocking{[bytes] { return write_out(bytes); }};
        if (failed != 0) {
            co_return get_trouble{get_exit::not_written,
                                  why_not_written("standard output", failed)};
        }
        report_.bytes += bytes.size();
        shared_.progress.came(bytes.size());
        migration_.step(from, report_.bytes, total);
        const auto waited = co_await shared_.rate.wait(from.received_bytes() - before);
        if (!waited) {
            co_return trouble_of({.stage = http::client_stage::body, .what = waited.error()});
        }
    }
}

}  // namespace ringway::cli
