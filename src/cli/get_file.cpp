// Fetching into a file: whole, in ranges beside each other, or the rest of it.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fmt/core.h>
#include <unistd.h>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/runtime/sleep.hpp>

#include "cli/get_job.hpp"
#include "cli/human_text.hpp"

namespace ringway::cli {
namespace {

constexpr std::chrono::seconds save_interval{1};

// An errno, or 0.
task<int> write_at(int fd, byte_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        operation op;
        op.kind = op_kind::write;
        op.fd = fd;
        op.address = const_cast<std::byte*>(bytes.data());  // pwrite(2) only reads it.
        op.length = static_cast<std::uint32_t>(bytes.size());
        op.offset = offset;
        const completion done = co_await await_operation{op};
        if (done.result <= 0 && done.result != -EINTR) {
            co_return done.result == 0 ? EIO : -done.result;
        }
        const auto count = static_cast<std::size_t>(std::max(done.result, 0));
        bytes = bytes.subspan(count);
        offset += count;
    }
    co_return 0;
}

get_trouble not_written(const std::string& path, int failed) {
    return {get_exit::not_written, why_not_written(path, failed)};
}

}  // namespace

task<get_job::outcome> get_job::fetch_file() {
    auto opened = get_target::open(shared_.options, from_);
    if (!opened) {
        report_.file = target_name(shared_.options, from_);
        co_return get_trouble{opened.error().status, std::move(opened.error().text)};
    }
    target_.emplace(*std::move(opened));
    report_.file = target_->path();
    begin_state();
    auto how = co_await with_retries();
    if (how) {
        keep_part(*how);
    }
    target_.reset();
    co_return how;
}

void get_job::begin_state() {
    if (target_->earlier()) {
        state_ = *target_->earlier();
        report_.resumed = state_.bytes_done();
        shared_.progress.expect(state_.total);
        shared_.progress.had(report_.resumed);
        return;
    }
    if (shared_.options.go_on) {
        if (!shared_.options.quiet) {
            shared_.progress.say(target_->path() + ": nothing to go on with, so it begins anew");
        }
        static_cast<void>(target_->begin_anew());
    }
    state_ = {.url = from_.text(), .ranges = {{0, get_state::unknown, 0}}};
}

// Removes the part where it is no use, and else notes where it is.
void get_job::keep_part(const get_trouble& why) {
    const auto done = state_.bytes_done();
    if (done == 0 || shared_.options.range || !report_.encoding.empty()) {
        target_->discard();
        return;
    }
    target_->save(state_);
    if (why.status == get_exit::ok) {
        return;
    }
    if (state_.validator.empty()) {
        hint_ = fmt::format(
            "{} has {}; the server says nothing to recognise this version of the file by, so -C "
            "would begin anew",
            target_->part_path(), size_text(done));
        return;
    }
    const bool known = state_.total != get_state::unknown;
    const auto& output = shared_.options.output;
    hint_ = fmt::format("{} has {}{}; to go on with it: ringway get -C {}{}", target_->part_path(),
                        size_text(done), known ? " of " + size_text(state_.total) : "",
                        output.empty() ? "" : "-o " + output + " ", from_.text());
}

task<get_job::outcome> get_job::with_retries() {
    unsigned begun_anew = 0;
    for (unsigned tries = 0;;) {
        auto how = co_await attempt_file();
        if (!how) {
            co_return complete();
        }
        if (how->not_as_asked && begun_anew++ < 2) {
            // Another version, or a server that does not do ranges after all: from the beginning.
            shared_.progress.say(how->text + "; beginning anew");
            shared_.progress.lost(state_.bytes_done());
            if (state_.total != get_state::unknown) {
                shared_.progress.expect_less(state_.total);
            }
            report_.resumed = 0;
            pieces_ = 1;
            if (!target_->begin_anew()) {
                co_return not_written(target_->part_path(), errno);
            }
            state_ = {.url = from_.text(), .ranges = {{0, get_state::unknown, 0}}};
            continue;
        }
        if (!how->may_pass || tries >= shared_.options.retries) {
            co_return how;
        }
        const unsigned seconds = std::max(how->wait_s, 1U << std::min(tries, 8U));
        if (!shared_.options.quiet) {
            shared_.progress.say(fmt::format("{}; trying again in {} s", how->text, seconds));
        }
        ++tries;
        ++report_.retries;
        target_->save(state_);
        const auto slept = co_await sleep_for(std::chrono::seconds{seconds});
        if (!slept) {
            co_return trouble_of({.stage = http::client_stage::body, .what = slept.error()});
        }
    }
}

std::size_t get_job::first_open() const noexcept {
    const auto open = std::ranges::find_if(
        state_.ranges, [](const get_range& each) { return !each.is_complete(); });
    return static_cast<std::size_t>(open - state_.ranges.begin());
}

http::client_request get_job::request_for(const get_range& part) const {
    http::client_request out = request("GET");
    const bool whole = part.done == 0 && (part.end == state_.total || part.first == 0) &&
                       state_.ranges.size() == 1;
    if (!whole) {
        out.fields.push_back({"Range", part.end == state_.total
                                           ? fmt::format("bytes={}-", part.done)
                                           : fmt::format("bytes={}-{}", part.done, part.end - 1)});
        out.fields.push_back({"If-Range", state_.validator});
    }
    return out;
}

// Without a validator nothing can be gone on with: what has come might be of another version.
task<get_job::outcome> get_job::attempt_file() {
    if (state_.is_complete()) {
        co_return std::nullopt;
    }
    if (state_.bytes_done() > 0 && state_.validator.empty()) {
        shared_.progress.lost(state_.bytes_done());
        state_ = {.url = from_.text(), .ranges = {{0, get_state::unknown, 0}}};
    }
    auto answer = co_await shared_.client.fetch(request_for(state_.ranges[first_open()]));
    if (!answer) {
        co_return trouble_of(answer.error());
    }
    report_.take(*answer);
    auto how = co_await fetch_with(*answer);
    if (!how) {
        migration_.end(*answer);
    }
    report_.take(*answer);  // Again: now it has come.
    const auto facts = answer->facts();
    co_await answer->close();
    report_.timings = answer->timings();
    report_.facts = facts;
    co_return how;
}

task<get_job::outcome> get_job::fetch_with(http::client_response& answer) {
    const std::size_t first = first_open();
    const bool asked_part = state_.bytes_done() > 0 || state_.ranges.size() > 1;
    if (answer.status() == 416 && asked_part) {
        co_return get_trouble{.text = target_->path() + " is shorter on the server now",
                              .not_as_asked = true};
    }
    if (auto bad = judge_status(answer)) {
        co_return bad;
    }
    if (asked_part) {
        if (auto bad = check_part(answer, first)) {
            co_return bad;
        }
    } else if (auto bad = begin(answer)) {
        co_return bad;
    }
    report_.pieces = std::max(report_.pieces, state_.ranges.size());
    co_return co_await fetch_ranges(answer, first_open());
}

task<get_job::outcome> get_job::fetch_ranges(http::client_response& answer, std::size_t first) {
    if (first == state_.ranges.size()) {
        co_return std::nullopt;  // An empty file.
    }
    std::vector<outcome> how(state_.ranges.size());
    scope running;
    const auto run = [](task<outcome> work, outcome& into, scope& all) -> task<void> {
        into = co_await std::move(work);
        if (into) {
            all.request_stop();
        }
    };
    running.spawn(run(copy(answer, first), how[first], running));
    for (std::size_t i = 0; i < state_.ranges.size(); ++i) {
        if (i != first && !state_.ranges[i].is_complete()) {
            running.spawn(run(fetch_range(i), how[i], running));
        }
    }
    co_await running.join();
    // The one that stopped the others counts, not those that were stopped.
    outcome worst;
    for (outcome& each : how) {
        if (each && (!worst || worst->status == get_exit::interrupted || each->not_as_asked)) {
            worst = std::move(each);
        }
    }
    co_return worst;
}

task<get_job::outcome> get_job::fetch_range(std::size_t index) {
    auto answer = co_await shared_.client.fetch(request_for(state_.ranges[index]));
    if (!answer) {
        co_return trouble_of(answer.error());
    }
    outcome how = judge_status(*answer);
    if (!how) {
        how = check_part(*answer, index);
    }
    if (!how) {
        how = co_await copy(*answer, index);
    }
    co_await answer->close();
    co_return how;
}

task<get_job::outcome> get_job::copy(http::client_response& from, std::size_t index) {
    for (;;) {
        get_range& part = state_.ranges[index];
        const std::uint64_t before = from.received_bytes();
        const auto piece = co_await from.read();
        if (!piece) {
            co_return trouble_of(piece.error());
        }
        if (!*piece) {
            if (part.end == get_state::unknown) {
                part.end = state_.total = part.done;
            }
            co_return part.is_complete()
                ? outcome{}
                : get_trouble{get_exit::incomplete, from_.text() + ": the answer ended early",
                              true};
        }
        const auto bytes = piece->bytes().first(static_cast<std::size_t>(
            std::min<std::uint64_t>(piece->bytes().size(), part.end - part.done)));
        const int failed = co_await write_at(target_->fd(), bytes, part.done);
        if (failed == ECANCELED) {
            co_return trouble_of({.stage = http::client_stage::body, .what = {errc::canceled}});
        }
        if (failed != 0) {
            co_return not_written(target_->part_path(), failed);
        }
        part.done += bytes.size();
        report_.bytes += bytes.size();
        shared_.progress.came(bytes.size());
        migration_.step(from, part.done - part.first,
                        part.end == get_state::unknown ? part.end : part.end - part.first);
        if (part.is_complete() && part.end != state_.total) {
            co_return std::nullopt;  // The rest belongs to another piece.
        }
        const nanoseconds now = driver::current().now();
        if (now - saved_ > save_interval) {
            saved_ = now;
            target_->save(state_);
        }
        const auto waited = co_await shared_.rate.wait(from.received_bytes() - before);
        if (!waited) {
            co_return trouble_of({.stage = http::client_stage::body, .what = waited.error()});
        }
    }
}

get_job::outcome get_job::complete() {
    if (!state_.is_complete()) {
        return get_trouble{get_exit::incomplete, target_->path() + " is not complete"};
    }
    if (::ftruncate(target_->fd(), static_cast<off_t>(state_.total)) != 0) {
        return not_written(target_->part_path(), errno);
    }
    if (const int failed = target_->complete(); failed != 0) {
        return not_written(target_->path(), failed);
    }
    return std::nullopt;
}

}  // namespace ringway::cli
