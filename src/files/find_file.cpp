// From a path to a cached file: looking, opening, keeping true.
#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <memory>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/files/file_handler.hpp>
#include <ringway/files/plan_file.hpp>
#include <ringway/http/date_cache.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/runtime/sleep.hpp>
#include <ringway/wire/date.hpp>
#include <ringway/wire/h1_response.hpp>

namespace ringway::files {
namespace {

using wire::coding;

constexpr std::chrono::seconds sweep_interval{30};

constexpr std::string_view suffix_of(coding which) noexcept {
    switch (which) {
        case coding::gzip: return ".gz";
        case coding::brotli: return ".br";
        case coding::zstd: return ".zst";
        case coding::identity: break;
    }
    return "";
}

// Whether nothing of the file can have changed between two looks at it.
bool same_content(const file_status& a, const file_status& b) noexcept {
    return a.device == b.device && a.inode == b.inode && a.size == b.size &&
           a.mtime_ns == b.mtime_ns && a.ctime_ns == b.ctime_ns;
}

representation describe_file(const file_status& status, coding which) {
    representation made;
    made.status = status;
    const std::string_view tag =
        wire::format_etag({.size = status.size,
                           .mtime_ns = status.mtime_ns,
                           .ctime_ns = status.ctime_ns,
                           .inode = status.inode,
                           .variant = which == coding::identity ? "" : wire::name_of(which)},
                          made.etag_text);
    made.etag_size = static_cast<std::uint8_t>(tag.size());
    // A date in the future would be later than the Date of the response (RFC 9110 section 8.8.2.1).
    // Conditions go by the same time, or what a client was told would not hold.
    made.modified_s = std::min<std::int64_t>(status.mtime_ns / 1'000'000'000, std::time(nullptr));
    static_cast<void>(wire::format_http_date(made.modified_s, made.last_modified));
    return made;
}

// Reads exactly `length` bytes; false if there are fewer, or reading fails.
task<bool> read_body(int fd, char* memory, std::size_t length) {
    std::size_t got = 0;
    while (got < length) {
        operation op;
        op.kind = op_kind::read;
        op.fd = fd;
        op.address = memory + got;
        op.length = static_cast<std::uint32_t>(length - got);
        op.offset = got;
        const completion done = co_await await_operation{op};
        if (done.result == -EINTR) {
            continue;
        }
        if (done.result <= 0) {
            co_return false;
        }
        got += static_cast<std::size_t>(done.result);
    }
    co_return true;
}

}  // namespace

// Yields the entry of `key`, fresh. A directory in place of a file fails with EISDIR.
task<result<file_handler::found_file>> file_handler::find(std::string key, std::string path) {
    if (cached_file* const known = cache_.find(key); known != nullptr && known->path == path) {
        if (cache_.is_fresh(*known, shard::current().now()) || revalidate(*known)) {
            const bool in_memory = known->identity.ready.get() != nullptr;
            co_return found_file{cached_ref{known},
                                 in_memory ? observe::cache_tier::body : observe::cache_tier::fd};
        }
    }
    const std::uint64_t changes_before = changes_;
    const nanoseconds asked_at = shard::current().now();
    result<opened_file> opened = root_.try_open_now(path, site_.symlinks);
    if (!opened && opened.error().code == errc::would_block) {
        opened = co_await root_.open_beneath(path, site_.symlinks);
    }
    if (!opened) {
        co_return std::unexpected{opened.error()};
    }
    if (opened->status.is_directory) {
        co_return fail_errno(EISDIR);
    }
    if (!opened->status.is_regular) {
        co_return fail(errc::not_regular);
    }
    watch(path);  // Before its bytes are read, so that no change is missed.
    auto entry = make_shared_here<cached_file>();
    entry->content_type = types_.content_type(path);
    result<representation> loaded =
        co_await load(*std::move(opened), coding::identity, entry->content_type);
    if (!loaded) {
        co_return std::unexpected{loaded.error()};
    }
    entry->identity = *std::move(loaded);
    entry->key = std::move(key);
    entry->path = std::move(path);
    entry->checked = asked_at;
    if (changes_ == changes_before) {  // Else it may be this file that changed meanwhile.
        cache_.put(entry);
    }
    co_return found_file{std::move(entry), observe::cache_tier::miss};
}

task<void> file_handler::follow_changes() {
    if (const auto opened = watch_.open(); !opened) {
        log_line(log_level::warning, "no inotify (" + describe(opened.error()) +
                                         "): changed files are seen after "
                                         "--cache-ttl");
        co_return;
    }
    cache_.clear();  // What came in before is not watched.
    scope sweeping;
    sweeping.spawn(drop_stale_files());
    co_await watch_.run();
    sweeping.request_stop();
    co_await sweeping.join();
}

// Closes files that nobody has asked for in a while: where no event comes, a deleted one would keep
// its space on disk for as long as the server runs.
task<void> file_handler::drop_stale_files() {
    while (co_await sleep_for(sweep_interval)) {
        cache_.close_unchecked_since(shard::current().now() - sweep_interval);
    }
}

void file_handler::everything_changed() {
    ++changes_;
    cache_.clear();
}

// A changed name can be a file, a variant of one, or an index.
void file_handler::changed(std::string_view directory, std::string_view name) {
    ++changes_;
    std::string path{directory};
    path += directory.empty() ? "" : "/";
    const std::size_t prefix = path.size();
    const auto forget = [&](std::string_view file) {
        path.resize(prefix);
        path += file;
        cache_.forget(path);
        if (std::ranges::find(site_.index_names, file) != site_.index_names.end()) {
            cache_.forget(std::string{directory} + "/");
        }
    };
    forget(name);
    for (const coding which : {coding::gzip, coding::brotli, coding::zstd}) {
        if (name.ends_with(suffix_of(which))) {
            forget(name.substr(0, name.size() - suffix_of(which).size()));
        }
    }
}

// Looks whether the path still leads to the same unchanged file. If it does the entry is fresh for
// another while; else it is forgotten. Never waits for storage: then the answer is no.
bool file_handler::revalidate(cached_file& entry) noexcept {
    const auto now = root_.try_open_now(entry.path, site_.symlinks);
    if (now && same_content(now->status, entry.identity.status)) {
        entry.checked = shard::current().now();
        if (entry.known != 0) {  // Variants may have come, changed or gone.
            entry.known = entry.available = 0;
            for (auto& variant : entry.encoded) {
                variant.reset();
            }
            cache_.grown(entry);
        }
        return true;
    }
    cache_.forget(std::string{entry.key});
    return false;
}

// Makes a variant of an opened file: a small one is read, a large one stays open.
task<result<representation>> file_handler::load(opened_file opened, coding which,
                                                std::string_view content_type) {
    representation made = describe_file(opened.status, which);
    if (opened.status.size <= cache_.limits().body_bytes_max) {
        made.ready = co_await make_ready(made, opened.fd.get(), which, content_type);
        const auto after = status_of(opened.fd.get());
        if (!after || !same_content(*after, opened.status)) {
            made.ready.reset();  // It changed under the reader: bytes and facts may not agree.
        }
    }
    if (!made.ready) {
        made.file = make_shared_here<shared_file>(std::move(opened.fd));
    }
    co_return made;
}

task<void> file_handler::look_for_variants(cached_file& entry, std::uint8_t wanted) {
    const cached_ref alive{&entry};
    for (const coding which : {coding::brotli, coding::zstd, coding::gzip}) {
        const std::uint8_t bit = wire::coding_bit(which);
        if ((wanted & bit) == 0 || (entry.known & bit) != 0) {
            continue;
        }
        auto opened =
            co_await root_.open_regular(entry.path + std::string{suffix_of(which)}, site_.symlinks);
        if (opened) {
            auto loaded = co_await load(*std::move(opened), which, entry.content_type);
            if (loaded) {
                entry.encoded[static_cast<std::size_t>(which)] =
                    std::make_unique<representation>(*std::move(loaded));
                entry.available |= bit;
            }
        }
        entry.known |= bit;  // Not before: others would take a variant on its way for missing.
    }
    cache_.grown(entry);
}

// Writes the whole response to a plain request, and reads the body behind it. Empty on failure.
task<http::ready_ref> file_handler::make_ready(const representation& of, int fd, coding which,
                                               std::string_view content_type) {
    http::request plain;
    plain.method = wire::method_id::get;
    http::response_plan planned;
    file_facts facts;
    facts.size = of.status.size;
    facts.mtime_s = of.modified_s;
    facts.etag = of.etag();
    facts.last_modified = {of.last_modified.data(), of.last_modified.size()};
    facts.content_type = content_type;
    facts.content_encoding = which == coding::identity ? "" : wire::name_of(which);
    facts.vary_encoding = site_.precompressed != 0;
    facts.cache_control = site_.cache_control;
    http::date_cache date;
    date.update();
    plan_file(plain, facts, date.seconds(), planned);
    add_extra_headers(site_, planned);

    std::array<wire::header_field, http::header_list::fields_max + 2> fields;
    std::size_t count = 0;
    fields[count++] = {"Date", date.text()};
    fields[count++] = {"Server", "ringway"};
    for (const wire::header_field& each : planned.headers.fields()) {
        fields[count++] = each;
    }
    std::array<char, 4096> head;
    const std::size_t head_size =
        wire::write_head(head, 1, planned.status, std::span{fields.data(), count});
    if (head_size == 0) {
        co_return http::ready_ref{};  // Longer than usual: planned anew for each request.
    }
    const std::string_view text{head.data(), head_size};
    auto made = http::ready_response::make(text, of.status.size, text.find(date.text()),
                                           date.seconds(), which);
    if (!co_await read_body(fd, made->body_memory(), of.status.size)) {
        co_return http::ready_ref{};
    }
    co_return made;
}

}  // namespace ringway::files
