#include "cli/site_process.hpp"

#include <csignal>
#include <ctime>
#include <string_view>
#include <sys/resource.h>

#include <ringway/base/log.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/http/h3_service.hpp>
#include <ringway/http/session.hpp>
#include <ringway/observe/metrics_page.hpp>

#include "cli/redirect_handler.hpp"
#include "cli/version.hpp"

namespace ringway::cli {

namespace {
constexpr std::initializer_list<int> followed_signals{SIGTERM, SIGINT, SIGUSR1, SIGHUP};
}

// The redirects need the site without TLS too, for the challenges of ACME.
struct site_process::site_front {
    site_front(site_process& process, member& mine, unsigned shard_id)
        : plain{*process.root_, process.options_.site, process.types_, process.cache_limits_,
                mine.metrics},
          plain_context{process.context_for(plain, mine, shard_id)},
          plain_server{plain_context, *process.gate_} {
        if (!process.keeper_) {
            return;
        }
        secure.emplace(*process.root_, process.secure_site_, process.types_, process.cache_limits_,
                       mine.metrics);
        secure_context.emplace(process.context_for(*secure, mine, shard_id));
        secure_server.emplace(*secure_context, *process.gate_, *process.tls_);
        if (process.quic_) {
            h3.emplace(*secure_context, *process.gate_, *process.tls_);
            mine.quic = quic::server_endpoint::make(*process.quic_, *h3);
            mine.has_quic.store(true);
        }
        redirects.emplace(plain, process.keeper_->certificates(), process.https_port());
        redirect_context.emplace(process.context_for(*redirects, mine, shard_id));
        redirect_server.emplace(*redirect_context, *process.gate_);
    }

    // Those of HTTP/3 stand in the secure context.
    unsigned cut_off(const connection_cutter::is_meant& meant) {
        const http::client_choice who{
            [](const void* how, std::string_view client) {
                return (*static_cast<const connection_cutter::is_meant*>(how))(client);
            },
            &meant};
        return plain_server.cut_off(who) + (secure_server ? secure_server->cut_off(who) : 0) +
               (redirect_server ? redirect_server->cut_off(who) : 0);
    }

    files::file_handler plain;
    http::session_context plain_context;
    http::server plain_server;
    std::optional<files::file_handler> secure;
    std::optional<http::session_context> secure_context;
    std::optional<http::server> secure_server;
    std::optional<http::h3_service> h3;
    std::optional<redirect_handler> redirects;
    std::optional<http::session_context> redirect_context;
    std::optional<http::server> redirect_server;
};

site_process::site_process(const serve_options& options) : options_{options} {}
site_process::~site_process() = default;

bool site_process::prepare() {
    derive_limits();
    if (!open_root() || !load_certificates() || !make_cluster() || !start_guard() ||
        !open_listening() || !open_quic() || !open_log()) {
        return false;
    }
    for (unsigned id = 0; id < shards_; ++id) {
        members_.push_back(std::make_unique<member>());
    }
    return true;
}

int site_process::run() {
    ::signal(SIGPIPE, SIG_IGN);
    auto signals = signal_set::open(followed_signals);
    if (!signals) {
        log_line(log_level::error, "signals: " + describe(signals.error()));
        return 1;
    }
    signals_.emplace(*std::move(signals));
    started_unix_s_ = std::time(nullptr);
    unfinished_.store(shards_);
    const auto served = cluster_->run([this](shard& self) { return shard_main(self); });
    for (const int each : followed_signals) {  // From here to the end of the process none counts.
        ::signal(each, SIG_IGN);
    }
    signals_.reset();
    if (!served) {
        log_line(log_level::error, "the event loop could not start: " + describe(served.error()));
        return 1;
    }
    return 0;
}

task<void> site_process::shard_main(shard& self) {
    member& mine = *members_[self.id()];
    site_front front{*this, mine, self.id()};
    scope background;
    background.spawn(front.plain.follow_changes());
    if (front.secure) {
        background.spawn(front.secure->follow_changes());
    }
    connection_cutter::seat seat{cutter_, [&front](const connection_cutter::is_meant& meant) {
                                     return front.cut_off(meant);
                                 }};
    scope accepting;
    accept_all(self, front, accepting);
    if (mine.quic) {
        accepting.spawn(mine.quic->serve());
    }
    if (self.id() == 0) {
        background.spawn(follow_signals());
        if (keeper_) {
            background.spawn(keeper_->follow());
        }
        if (admin_) {
            background.spawn(serve_admin());
        }
        print_start();
    }
    static_cast<void>(co_await mine.end.wait());
    accepting.request_stop();
    co_await accepting.join();
    scope finishing;  // At the same time: --drain is for all of them.
    finishing.spawn(front.plain_server.finish(options_.drain));
    if (front.secure) {
        finishing.spawn(front.secure_server->finish(options_.drain));
        finishing.spawn(front.redirect_server->finish(options_.drain));
    }
    if (mine.quic) {
        finishing.spawn(mine.quic->finish(options_.drain));
    }
    co_await finishing.join();
    co_await seat.leave();
    if (unfinished_.fetch_sub(1) == 1) {
        set_on_shard(0, members_[0]->all_finished_mail, members_[0]->all_finished);
    }
    if (self.id() == 0) {  // Signals and health are for as long as anybody is being served.
        static_cast<void>(co_await mine.all_finished.wait());
    }
    background.request_stop();
    co_await background.join();
}

void site_process::accept_all(shard& self, site_front& front, scope& accepting) {
    for (listening& each : listening_) {
        const int socket = each.sockets[self.id()].release();
        const auto kind =
            each.where.is_unix() ? observe::transport::unix_ : observe::transport::tcp;
        switch (each.what) {
            case spoken::http: accepting.spawn(front.plain_server.accept_on(socket, kind)); break;
            case spoken::https:
                accepting.spawn(front.secure_server->accept_on(socket, kind));
                break;
            case spoken::redirect:
                accepting.spawn(front.redirect_server->accept_on(socket, kind));
                break;
        }
    }
}

http::session_context site_process::context_for(http::handler& answers, member& mine,
                                                unsigned shard_id) {
    return {answers, session_limits_, transfer_, mine.metrics, log_.get(), shard_id, guard_.get()};
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
        } else if (*signal == SIGHUP && !terminal_is_gone()) {
            reload_certificates();
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
                                  .log_lost = log_ ? log_->lost() : 0,
                                  .certificates = certificate_metrics(),
                                  .tls = tls_metrics()});
    write_quic_metrics(out);
    if (guard_) {
        guard_->write_metrics(out);
    }
}

}  // namespace ringway::cli
