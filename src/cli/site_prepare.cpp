// What can fail before the first request: each failure is one line that says what to do.
#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ringway/base/log.hpp>
#include <ringway/net/listener.hpp>

#include "cli/human_text.hpp"
#include "cli/listeners.hpp"
#include "cli/site_process.hpp"
#include "cli/when_free.hpp"

namespace ringway::cli {
namespace {

// Descriptors for everything that is neither a connection nor a cached file.
constexpr std::size_t descriptors_reserved = 64;
constexpr std::size_t open_files_per_shard_max = 4096;
constexpr std::size_t connections_least = 16;

void complain(const std::string& text) { log_line(log_level::error, text); }

// As many descriptors as the hard limit allows: a server needs one for each connection.
std::size_t raise_descriptor_limit() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(limit.rlim_cur);
}

std::string why_not_opened(const std::string& directory, error failure) {
    switch (failure.sys) {
        case ENOENT: return directory + ": no such directory; name one that exists";
        case ENOTDIR: return directory + ": not a directory; name the directory to serve";
        case EACCES:
            return directory +
                   ": permission denied; let this user read and enter it (chmod o+rx), "
                   "or run as its owner";
        default: return directory + ": " + describe(failure);
    }
}

// It may come later, so this is no error; but more often it is a name written wrong.
void tell_if_missing(const root& from, const std::string& spa_fallback) {
    if (!spa_fallback.empty() && ::faccessat(from.fd(), spa_fallback.c_str(), R_OK, 0) != 0) {
        log_line(log_level::warning, "--spa " +
                                         file_text(spa_fallback, error_from_errno(errno), false) +
                                         "; until then missing pages get 404");
    }
}

// accept4(2) of the epoll driver must not wait.
void make_nonblocking(const std::vector<unique_fd>& sockets) noexcept {
    for (const unique_fd& each : sockets) {
        ::fcntl(each.get(), F_SETFL, ::fcntl(each.get(), F_GETFL) | O_NONBLOCK);
    }
}

}  // namespace

void site_process::derive_limits() {
    shards_ = options_.shards == 0 ? cluster::usable_cores() : options_.shards;
    const std::size_t descriptors = raise_descriptor_limit();
    cache_limits_.bytes_max = options_.cache_bytes;
    cache_limits_.entries_max = options_.cache_entries;
    cache_limits_.time_to_live = options_.cache_ttl;
    cache_limits_.open_files_max =
        std::clamp<std::size_t>(descriptors / 8 / shards_, 8, open_files_per_shard_max);
    const std::size_t taken = descriptors_reserved + cache_limits_.open_files_max * shards_;
    const std::size_t left =
        descriptors > taken + connections_least ? descriptors - taken : connections_least;
    const auto asked_for = static_cast<std::size_t>(options_.max_connections);
    const std::size_t wanted = asked_for == 0 ? connections_least : asked_for;
    if (descriptors < taken + wanted) {
        log_line(log_level::warning,
                 fmt::format("{} file descriptors are all that is allowed here, which is too few "
                             "for {} connections: raise the limit (ulimit -n {})",
                             descriptors, wanted, taken + wanted));
    }
    connection_limits_.total_max = asked_for == 0 ? left : asked_for;
    connection_limits_.per_address_max =
        static_cast<std::size_t>(options_.max_connections_per_address);
    gate_.emplace(connection_limits_);

    session_limits_.head.header_bytes_max = options_.max_header_bytes;
    session_limits_.head.header_count_max = static_cast<unsigned>(options_.max_headers);
    session_limits_.head.target_bytes_max = options_.max_target;
    session_limits_.head.line_bytes_max =
        std::max(options_.max_header_bytes, options_.max_target + 64);
    session_limits_.block_bytes_max = options_.cache_block_bytes;
    session_limits_.header_timeout = options_.header_timeout;
    session_limits_.idle_timeout = options_.idle_timeout;
    session_limits_.rate_min = options_.min_rate;
    session_limits_.requests_max = options_.max_requests;
    session_limits_.streams_max = static_cast<std::uint32_t>(options_.max_streams);
    session_limits_.h2c = options_.h2c;
    transfer_ = [this] {
        switch (options_.transfer) {
            case transfer_choice::sendfile: return transfer_method::sendfile;
            case transfer_choice::copy: return transfer_method::copy;
            case transfer_choice::splice: return transfer_method::splice;
            case transfer_choice::fixed: return transfer_method::fixed;
            case transfer_choice::zero_copy: return transfer_method::zero_copy;
            case transfer_choice::gathered: return transfer_method::gathered;
            case transfer_choice::mapped: return transfer_method::mapped;
            case transfer_choice::automatic: break;
        }
        return transfer_method::automatic;
    }();
}

bool site_process::open_root() {
    auto opened = root::open(options_.directory);
    if (!opened) {
        complain(why_not_opened(options_.directory, opened.error()));
        return false;
    }
    root_.emplace(*std::move(opened));
    tell_if_missing(*root_, options_.site.spa_fallback);
    const std::string types = options_.mime_types.empty()
                                  ? std::string{files::mime_table::system_path}
                                  : options_.mime_types;
    const auto added = types_.add_file(types);
    if (!added && !options_.mime_types.empty()) {
        complain("--mime-types " + file_text(types, added.error(), false));
        return false;
    }
    if (!added) {
        log_line(log_level::debug, types + " can't be read: using the built-in media types");
    }
    return true;
}

bool site_process::make_cluster() {
    cluster_options wanted;
    wanted.shards = shards_;
    wanted.pin = options_.pin;
    wanted.driver = options_.driver;
    wanted.driver_settings.busy_poll = options_.busy_poll;
    wanted.driver_settings.sqpoll_idle = options_.sqpoll;
    wanted.driver_settings.napi_poll = std::chrono::microseconds{options_.napi};
    auto made = cluster::make(wanted);
    if (!made) {
        complain("no event loop: " + explain_driver_refusal(made.error()) +
                 "; --driver epoll works everywhere");
        return false;
    }
    cluster_ = *std::move(made);
    return true;
}

bool site_process::open_sockets(const std::string& text, unsigned count, listening& to) {
    std::string_view reason;
    const auto where = parse_endpoint(text, &reason);
    if (!where) {
        complain(text + ": " + std::string{reason});
        return false;
    }
    auto sockets = when_free([&] { return open_listeners(*where, count); });
    if (!sockets) {
        complain(explain_listen_failure(*where, sockets.error()));
        return false;
    }
    to.sockets = *std::move(sockets);
    to.where = local_endpoint(to.sockets.front().get()).value_or(*where);
    if (where->is_every_address()) {
        to.where = endpoint::every_address(to.where.port());
    }
    if (cluster_->driver_choice().kind == driver_kind::epoll) {
        make_nonblocking(to.sockets);
    }
    return true;
}

// Before anybody is listened to, so that nobody gets past it.
bool site_process::start_guard() {
    if (options_.guard.interface.empty()) {
        return true;
    }
    std::vector<std::uint16_t> ports;
    for (const planned_listener& each : plan_listeners(options_)) {
        if (const auto where = parse_endpoint(each.endpoint); where && each.tls) {
            ports.push_back(where->port());
        }
    }
    auto started = guard_front::start(options_.guard, ports, cutter_);
    if (!started) {
        complain("--guard " + options_.guard.interface + ": " + started.error());
        return false;
    }
    guard_ = *std::move(started);
    log_line(log_level::info, "guard: at " + guard_->describe());
    return true;
}

bool site_process::open_listening() {
    for (const planned_listener& each : plan_listeners(options_)) {
        listening& to = listening_.emplace_back();
        to.what = each.tls ? spoken::https : spoken::http;
        if (!open_sockets(each.endpoint, shards_, to)) {
            return false;
        }
    }
    if (const std::string& redirect = options_.tls.http_redirect; !redirect.empty()) {
        listening& to = listening_.emplace_back();
        to.what = spoken::redirect;
        if (!open_sockets(redirect, shards_, to)) {
            return false;
        }
    }
    return options_.admin.empty() || open_sockets(options_.admin, 1, admin_.emplace());
}

bool site_process::open_log() {
    if (options_.log.empty()) {
        return true;
    }
    auto opened = observe::access_log::open(
        {.path = options_.log, .format = options_.log_format, .shards = shards_});
    if (!opened) {
        complain("--log " + (opened.error().sys == ENXIO  // open(2)
                                 ? options_.log + ": nobody reads this FIFO; start its reader first"
                                 : file_text(options_.log, opened.error(), true)));
        return false;
    }
    log_ = *std::move(opened);
    return true;
}

}  // namespace ringway::cli
