#include "cli/site_process.hpp"

#include <csignal>
#include <ctime>
#include <sys/resource.h>

#include <ringway/base/log.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/observe/metrics_page.hpp>

#include "cli/version.hpp"

namespace ringway::cli {

struct site_process::member {
    observe::http_metrics metrics;
    event end;  // Set when the shard is to drain.
    event_mail drain;
    event_mail all_finished_mail;
    event all_finished;  // Of shard 0: no shard has a session left.
};

site_process::site_process(const serve_options& options) : options_{options} {}
site_process::~site_process() = default;

bool site_process::prepare() {
    derive_limits();
    if (!open_root() || !make_cluster() || !open_listening() || !open_log()) {
        return false;
    }
    for (unsigned id = 0; id < shards_; ++id) {
        members_.push_back(std::make_unique<member>());
    }
    return true;
}

int site_process::run() {
    ::signal(SIGPIPE, SIG_IGN);
    auto signals = signal_set::open({SIGTERM, SIGINT, SIGUSR1});
    if (!signals) {
        log_line(log_level::error, "signals: " + describe(signals.error()));
        return 1;
    }
    signals_.emplace(*std::move(signals));
    started_unix_s_ = std::time(nullptr);
    unfinished_.store(shards_);
    const auto served = cluster_->run([this](shard& self) { return shard_main(self); });
    signals_.reset();
    if (!served) {
        log_line(log_level::error, "the event loop could not start: " + describe(served.error()));
        return 1;
    }
    return 0;
}

task<void> site_process::shard_main(shard& self) {
    member& mine = *members_[self.id()];
    files::file_handler handler{*root_, options_.site, types_, cache_limits_, mine.metrics};
    http::session_context context{handler,      session_limits_, transfer_,
                                  mine.metrics, log_.get(),      self.id()};
    http::server server{context, *gate_};
    scope background;
    background.spawn(handler.follow_changes());
    scope accepting;
    for (listening& each : listening_) {
        accepting.spawn(server.accept_on(
            each.sockets[self.id()].release(),
            each.where.is_unix() ? observe::transport::unix_ : observe::transport::tcp));
    }
    if (self.id() == 0) {
        background.spawn(follow_signals());
        if (admin_) {
            background.spawn(serve_admin());
        }
        print_start();
    }
    static_cast<void>(co_await mine.end.wait());
    accepting.request_stop();
    co_await accepting.join();
    co_await server.finish(options_.drain);
    if (unfinished_.fetch_sub(1) == 1) {
        set_on_shard(0, members_[0]->all_finished_mail, members_[0]->all_finished);
    }
    if (self.id() == 0) {  // Signals and health are for as long as anybody is being served.
        static_cast<void>(co_await mine.all_finished.wait());
    }
    background.request_stop();
    co_await background.join();
}

// Metrics and health: a server of its own, so that its requests do not count.
task<void> site_process::serve_admin() {
    observe::http_metrics metrics;
    admin_handler handler{*this};
    http::connection_gate gate{{.total_max = 64, .per_address_max = 0}};
    http::session_context context{handler, session_limits_, transfer_method::copy,
                                  metrics, nullptr,         0};
    http::server server{context, gate};
    co_await server.accept_on(admin_->sockets.front().release(), observe::transport::tcp);
    stop_source unstopped;  // Ours is: what is being answered may still end.
    co_await server.finish(std::chrono::seconds{1}).under(unstopped);
}

task<void> site_process::follow_signals() {
    for (;;) {
        const auto signal = co_await signals_->next();
        if (!signal) {
            co_return;
        }
        if (*signal == SIGUSR1) {
            if (log_) {
                log_->reopen();
            }
        } else if (!draining_.load()) {
            begin_drain();
        } else {
            log_line(log_level::warning, "second signal: ending at once");
            cluster_->request_stop();
        }
    }
}

void site_process::begin_drain() {
    draining_.store(true);
    log_line(log_level::info, "draining: a second signal ends at once");
    for (unsigned id = 0; id < shards_; ++id) {
        set_on_shard(id, members_[id]->drain, members_[id]->end);
    }
}

// Sets an event of another shard.
void site_process::set_on_shard(unsigned id, event_mail& mail, event& which) {
    mail.which = &which;
    mail.deliver = [](message& self) noexcept { static_cast<event_mail&>(self).which->set(); };
    cluster_->at(id).post(mail);
}

void site_process::write_metrics(std::string& out) {
    std::vector<observe::shard_sources> sources;
    for (unsigned id = 0; id < shards_; ++id) {
        shard& each = cluster_->at(id);
        sources.push_back({.http = &members_[id]->metrics,
                           .runtime = &each.counters(),
                           .io = &each.io().counters(),
                           .log_dropped = log_ ? log_->dropped(id) : 0});
    }
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    observe::append_metrics_page(out, sources,
                                 {.version = std::string{version_number()},
                                  .driver = std::string{cluster_->at(0).io().name()},
                                  .kernel = kernel_release(),
                                  .start_unix_s = started_unix_s_,
                                  .open_fds = observe::count_open_fds(),
                                  .max_fds = files.rlim_cur,
                                  .log_lost = log_ ? log_->lost() : 0});
}

}  // namespace ringway::cli
