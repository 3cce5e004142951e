#include <ringway/files/file_handler.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/files/plan_file.hpp>
#include <ringway/files/plan_method.hpp>
#include <ringway/files/plan_redirect.hpp>
#include <ringway/http/plan_error.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/wire/path.hpp>

namespace ringway::files {
namespace {

using wire::coding;

// Decoding never makes a path longer; one byte more for the slash that marks a directory's key.
using path_buffer = std::array<char, wire::path_bytes_max + 2>;

// Why a path is refused, which is shown as the client wrote it.
void tell_operator(const http::request& asked, std::string_view why) {
    if (!log_enabled(log_level::debug)) {
        return;
    }
    std::string line{asked.path};
    std::ranges::replace_if(line, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, '?');
    line += ": ";
    line += why;
    log_line(log_level::debug, line);
}

// The cache's key for a path, in the buffer that holds the path.
std::string_view key_of(const wire::normal_path& where, path_buffer& buffer) noexcept {
    if (!where.directory) {
        return where.path;
    }
    RW_ASSERT(where.path.data() == buffer.data() || where.path.empty());
    buffer[where.path.size()] = '/';
    return {buffer.data(), where.path.size() + 1};
}

// Which codings the client could get, of those that the site has.
std::uint8_t wanted_codings(const http::request& asked, const site_options& site) noexcept {
    if (site.precompressed == 0 || !asked.has(wire::field::accept_encoding)) {
        return 0;
    }
    std::uint8_t wanted = 0;
    std::string room;
    const auto accepted =
        wire::preferred_codings(http::joined(asked, wire::field::accept_encoding, room));
    for (const coding each : accepted.order()) {
        wanted |= wire::coding_bit(each);
    }
    return wanted & site.precompressed;
}

coding choose(const http::request& asked, const cached_file& entry) noexcept {
    if (entry.available == 0 || !asked.has(wire::field::accept_encoding)) {
        return coding::identity;
    }
    std::string room;
    return wire::choose_coding(http::joined(asked, wire::field::accept_encoding, room),
                               entry.available)
        .value_or(coding::identity);
}

// Whether a path that is none was meant to lead out of the root. A percent sign alone is a mistake
// in somebody's link, for which nobody should be banned.
bool is_attempt(std::string_view path) noexcept {
    return path.contains("..") || path.contains("%2e") || path.contains("%2E") ||
           path.contains("%00");
}

std::string join(std::string_view directory, std::string_view name) {
    std::string path{directory};
    if (!path.empty()) {
        path += '/';
    }
    return path += name;
}

}  // namespace

file_handler::file_handler(const root& beneath, const site_options& site, const mime_table& types,
                           const cache_limits& limits, observe::http_metrics& metrics)
    : root_{beneath},
      site_{site},
      types_{types},
      cache_{limits, metrics},
      metrics_{metrics},
      boundary_seed_{std::random_device{}() * 0x9e3779b97f4a7c15ULL + std::random_device{}()} {}

// An index file that counts only as long as no earlier name of the list exists.
bool file_handler::is_second_choice(const cached_file& entry) const noexcept {
    if (!entry.key.ends_with('/')) {
        return false;
    }
    const std::size_t directory = entry.key == "/" ? 0 : entry.key.size();
    return std::string_view{entry.path}.substr(directory) != site_.index_names.front();
}

http::ready_ref file_handler::find_ready(const http::request& asked, std::int64_t now_s,
                                         std::string_view date) {
    path_buffer buffer;
    if (!plan_is_plain(asked) || asked.path.size() > wire::path_bytes_max) {
        return {};
    }
    const auto where = wire::normalize_path(asked.path, std::span{buffer}.first(asked.path.size()));
    if (where.verdict != wire::path_verdict::ok || hidden_denied(where.path, site_.hidden)) {
        return {};
    }
    cached_file* const entry = cache_.find(key_of(where, buffer));
    if (entry == nullptr || (!cache_.is_fresh(*entry, shard::current().now()) &&
                             (is_second_choice(*entry) || !revalidate(*entry)))) {
        return {};
    }
    const std::uint8_t wanted = wanted_codings(asked, site_);
    if ((wanted & ~entry->known) != 0) {
        return {};  // Somebody has to look first.
    }
    representation* const chosen = entry->variant(choose(asked, *entry));
    if (chosen == nullptr || !chosen->ready) {
        return {};
    }
    if (!chosen->ready->is_of(now_s)) {
        if (chosen->ready->references() == 1) {
            chosen->ready->set_date(now_s, date);
        } else {
            chosen->ready = chosen->ready->with_date(now_s, date);
        }
    }
    return chosen->ready;
}

task<void> file_handler::respond(const http::request& asked, http::response& out) {
    if (plan_method(asked, out.plan)) {
        add_extra_headers(site_, out.plan);
        co_return;
    }
    path_buffer buffer;
    if (asked.path.size() > wire::path_bytes_max) {
        http::plan_error(asked, 414, "The path is longer than any file's.", out.plan);
        co_return;
    }
    const auto where = wire::normalize_path(asked.path, std::span{buffer}.first(asked.path.size()));
    if (where.verdict == wire::path_verdict::bad) {
        if (is_attempt(asked.path)) {
            out.abuse = observe::abuse_kind::path_escape;
        }
        tell_operator(asked, "malformed, or it leaves the root");
        http::plan_error(asked, 400, "The path is malformed or leaves the root.", out.plan);
    } else if (where.verdict == wire::path_verdict::not_found ||
               hidden_denied(where.path, site_.hidden)) {
        tell_operator(asked, where.verdict == wire::path_verdict::not_found
                                 ? "an encoded slash is in it"
                                 : "hidden; --hidden allow serves such names");
        co_await respond_with_failure(asked, out, std::string{where.path},
                                      error{errc::not_found, 0});
    } else if (where.directory) {
        co_await respond_with_directory(asked, out, std::string{where.path});
    } else {
        co_await respond_with_path(asked, out, where);
    }
    add_extra_headers(site_, out.plan);
}

task<void> file_handler::respond_with_path(const http::request& asked, http::response& out,
                                           wire::normal_path where) {
    std::string path{where.path};
    result<found_file> found = co_await find(path, path);
    if (found) {
        co_await plan(asked, out, *std::move(found));
    } else if (found.error().sys == EISDIR) {
        plan_redirect(asked, path, out);
    } else {
        co_await respond_with_failure(asked, out, std::move(path), found.error());
    }
}

task<void> file_handler::respond_with_directory(const http::request& asked, http::response& out,
                                                std::string path) {
    error failure{errc::not_found, 0};
    for (const std::string& name : site_.index_names) {
        result<found_file> found = co_await find(path + "/", join(path, name));
        if (found) {
            co_await plan(asked, out, *std::move(found));
            co_return;
        }
        if (found.error().code != errc::not_found && found.error().sys != EISDIR) {
            failure = found.error();
        }
    }
    if (failure.code == errc::not_found && site_.listing != listing_mode::off) {
        co_await respond_with_listing(asked, out, std::move(path));
    } else {
        if (failure.code == errc::not_found) {
            tell_operator(asked, "there is no index file, and --listing is off");
        }
        co_await respond_with_failure(asked, out, std::move(path), failure);
    }
}

// No file: the fallback page of a single-page application, or an error that says no more than the
// client may know. The reason is for the operator.
task<void> file_handler::respond_with_failure(const http::request& asked, http::response& out,
                                              std::string path, error failure) {
    if (failure.code != errc::not_found || failure.sys != 0) {  // Else it is told already.
        tell_operator(asked, describe(failure));
    }
    if (failure.code == errc::not_found && !site_.spa_fallback.empty()) {
        const auto start = site_.spa_fallback.find_first_not_of('/');
        const std::string page =
            start == std::string::npos ? std::string{} : site_.spa_fallback.substr(start);
        result<found_file> found = co_await find(page, page);
        if (found) {
            co_await plan(asked, out, *std::move(found));
            co_return;
        }
    }
    switch (failure.code) {
        case errc::not_found:
            http::plan_error(asked, 404, "There is no such file.", out.plan);
            break;
        case errc::not_permitted:
        case errc::not_regular:
            http::plan_error(asked, 403, "This file is not served.", out.plan);
            break;
        default:
            if (failure.sys == EMFILE || failure.sys == ENFILE || failure.sys == ENOMEM) {
                http::plan_error(asked, 503, "The server is short of resources.", out.plan);
            } else if (failure.sys == ENAMETOOLONG) {
                http::plan_error(asked, 404, "There is no such file.", out.plan);
            } else if (failure.sys == ENXIO) {  // How open(2) says that it is a socket.
                http::plan_error(asked, 403, "This file is not served.", out.plan);
            } else {
                log_line(log_level::warning, "/" + path + ": " + describe(failure));
                http::plan_error(asked, 500, "The file could not be read.", out.plan);
            }
    }
}

task<void> file_handler::plan(const http::request& asked, http::response& out, found_file found) {
    cached_file& entry = *found.entry;
    const std::uint8_t wanted = wanted_codings(asked, site_);
    if ((wanted & ~entry.known) != 0) {
        co_await look_for_variants(entry, wanted);
    }
    out.coding = choose(asked, entry);
    const representation& chosen = *entry.variant(out.coding);
    file_facts facts;
    facts.size = chosen.status.size;
    facts.mtime_s = chosen.modified_s;
    facts.etag = chosen.etag();
    facts.last_modified = {chosen.last_modified.data(), chosen.last_modified.size()};
    facts.content_type = entry.content_type;
    facts.content_encoding = out.coding == coding::identity ? "" : wire::name_of(out.coding);
    facts.vary_encoding = site_.precompressed != 0;
    facts.cache_control = site_.cache_control;
    facts.boundary_seed = ++boundary_seed_;
    plan_file(asked, facts, std::time(nullptr), out.plan);
    out.file = chosen.file;
    out.memory = chosen.ready;
    out.cache = found.tier;
}

}  // namespace ringway::files
