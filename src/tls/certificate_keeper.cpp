#include <ringway/tls/certificate_keeper.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <ctime>
#include <fmt/core.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/coro/when_any.hpp>
#include <ringway/runtime/run_blocking.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway::tls {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr int bursts_max = 30;  // Files that never rest are read all the same.

bool is_address(const std::string& name) {
    in6_addr any{};
    return ::inet_pton(AF_INET, name.c_str(), &any) == 1 ||
           ::inet_pton(AF_INET6, name.c_str(), &any) == 1;
}

std::string summary(const certificate_set& set) {
    const auto all = set.certificates();
    const auto first = std::ranges::min_element(all, {}, &certificate_facts::not_after_unix_s);
    return fmt::format("{} {}, the first to expire is {} on {}", all.size(),
                       all.size() == 1 ? "certificate" : "certificates", short_name(*first),
                       day_text(first->not_after_unix_s));
}

}  // namespace

std::expected<void, std::string> certificate_keeper::load() {
    auto first = load_all();
    if (!first) {
        return std::unexpected{std::move(first).error()};
    }
    adopt(*std::move(first));
    warn_of_expiry();
    return {};
}

task<void> certificate_keeper::follow() {
    co_await run_blocking{[this] { watch_files(); }};
    // Something may have changed between the start and here.
    cause why = cause::time;
    while (why != cause::stopped) {
        co_await load_again(why);
        if (std::time(nullptr) - warned_unix_s_ >= day_s) {
            warn_of_expiry();
        }
        why = co_await next_cause();
    }
}

task<certificate_keeper::cause> certificate_keeper::next_cause() {
    const auto race = co_await when_any(wait_until_asked(), wait_for_change());
    stop_source* const stop = co_await this_stop{};
    if (stop != nullptr && stop->stop_requested()) {
        co_return cause::stopped;
    }
    if (asked_.is_set()) {
        asked_.reset();
        co_return cause::asked;
    }
    const auto& changed = std::get<1>(race.results);
    if (!changed) {
        // A watch that has failed would fail again at once.
        watching_ = watching_ && changed.error().code == errc::timed_out;
        co_return cause::time;
    }
    const bool rests = co_await settle();
    co_return rests ? cause::changed : cause::stopped;
}

task<result<void>> certificate_keeper::wait_until_asked() { co_return co_await asked_.wait(); }

task<result<void>> certificate_keeper::wait_for_change() {
    if (watching_) {
        co_return co_await with_timeout(wanted_.poll, watch_.changed());
    }
    const auto slept = co_await sleep_for(wanted_.poll);
    co_return slept ? result<void>{fail(errc::timed_out)} : slept;
}

// Waits until nothing has changed for a while. False when stopped.
task<bool> certificate_keeper::settle() {
    for (int i = 0; i < bursts_max; ++i) {
        const auto more = co_await with_timeout(wanted_.quiet, watch_.changed());
        if (!more) {
            co_return more.error().code != errc::canceled;
        }
    }
    co_return true;
}

task<void> certificate_keeper::load_again(cause why) {
    const auto load = [this] {
        watch_files();  // First: what changes while files are read is then heard of.
        return load_all();
    };
    auto outcome = co_await run_blocking{load};
    if (!outcome && why != cause::asked) {
        // One of two files may have been replaced so far.
        const auto waited = co_await sleep_for(wanted_.grace);
        if (!waited) {
            co_return;
        }
        outcome = co_await run_blocking{load};
    }
    tell(why, outcome);
    if (outcome) {
        adopt(*std::move(outcome));
    }
}

void certificate_keeper::tell(cause why, const loaded_or_reason& outcome) {
    if (!outcome) {
        status_.successful = false;
        if (why == cause::asked || outcome.error() != told_) {
            told_ = outcome.error();
            log_line(log_level::error,
                     "certificates not reloaded, the last good ones stay: " + told_);
        }
        return;
    }
    if (outcome->set != nullptr) {
        log_line(log_level::info, "certificates reloaded: " + summary(*outcome->set));
    } else if (why == cause::asked || !told_.empty()) {
        log_line(log_level::info, "certificates are unchanged");
    }
    told_.clear();
}

certificate_keeper::loaded_or_reason certificate_keeper::load_all() const {
    const std::int64_t now = std::time(nullptr);
    auto read = read_certificates(wanted_.sources);
    if (!read) {
        return std::unexpected{std::move(read).error()};
    }
    auto self = load_self(now);
    if (!self) {
        return std::unexpected{std::move(self).error()};
    }
    loaded out{.set = nullptr,
               .pairs = std::move(read->pairs),
               .warnings = std::move(read->warnings),
               .self = *std::move(self)};
    if (out.self) {
        out.pairs.push_back(out.self->text);
        if (!out.self->warning.empty()) {
            out.warnings.push_back(out.self->warning);
        }
    }
    if (out.pairs == pairs_) {
        return out;
    }
    auto made = certificate_set::make(out.pairs, now);
    if (!made) {
        return std::unexpected{std::move(made).error()};
    }
    out.set = *std::move(made);
    return out;
}

std::expected<std::optional<self_certificate>, std::string> certificate_keeper::load_self(
    std::int64_t now) const {
    if (!wanted_.self) {
        return std::nullopt;
    }
    if (self_ && !self_->kept) {  // It is nowhere else: it stays while it is good.
        const auto alone = certificate_set::make({&self_->text, 1}, now);
        const auto left = std::chrono::seconds{self_certificate_left_min}.count();
        if (alone && (*alone)->earliest_expiry_unix_s() - now > left) {
            return self_;
        }
    }
    auto got = obtain_self_certificate(wanted_.state_directory, wanted_.self_names, now);
    if (!got) {
        return std::unexpected{std::move(got).error()};
    }
    return *std::move(got);
}

void certificate_keeper::adopt(loaded what) {
    status_ = {.successful = true, .success_unix_s = std::time(nullptr)};
    if (what.set == nullptr) {
        return;
    }
    for (const std::string& warning : what.warnings) {
        log_line(log_level::warning, warning);
    }
    for (const certificate_facts& each : what.set->certificates()) {
        if (!each.warning.empty()) {
            log_line(log_level::warning, each.warning);
        }
    }
    pairs_ = std::move(what.pairs);
    self_ = std::move(what.self);
    holder_.replace(std::move(what.set));
}

void certificate_keeper::warn_of_expiry() {
    const std::int64_t now = std::time(nullptr);
    warned_unix_s_ = now;
    const auto set = holder_.current();
    for (const certificate_facts& each : set->certificates()) {
        const std::int64_t left = each.not_after_unix_s - now;
        if (left >= std::chrono::seconds{expiry_warning}.count() ||
            (self_ && each.file == self_->text.file)) {  // That one renews itself.
            continue;
        }
        log_line(log_level::warning,
                 left < 0
                     ? fmt::format("{}: the certificate of {} expired on {}; renew it", each.file,
                                   short_name(each), day_text(each.not_after_unix_s))
                     : fmt::format("{}: the certificate of {} expires on {}, in {} days; "
                                   "renew it",
                                   each.file, short_name(each), day_text(each.not_after_unix_s),
                                   left / day_s));
    }
}

void certificate_keeper::watch_files() {
    watching_ = watch_.watch(directories_of(wanted_.sources)).has_value();
}

std::string short_name(const certificate_facts& facts) {
    const auto plain = std::ranges::find_if(facts.names, [](const std::string& name) {
        return !name.starts_with('*') && !is_address(name);
    });
    if (plain != facts.names.end()) {
        return *plain;
    }
    return facts.names.empty() ? facts.file : facts.names.front();
}

}  // namespace ringway::tls
