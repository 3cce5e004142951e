// Answering with the listing of a directory.
#include <ringway/files/file_handler.hpp>
#include <ringway/http/plan_error.hpp>
#include <ringway/runtime/run_blocking.hpp>

namespace ringway::files {
namespace {

// What policy allows to be seen of `read`.
std::vector<listing_entry> visible_entries(directory_listing& read, const std::string& path,
                                           hidden_policy hidden) {
    std::vector<listing_entry> entries;
    entries.reserve(read.entries.size());
    const std::string prefix = path.empty() ? path : path + "/";
    for (directory_entry& each : read.entries) {
        if (!hidden_denied(prefix + each.name, hidden)) {
            entries.push_back({std::move(each.name), each.is_directory, each.size,
                               each.mtime_ns / 1'000'000'000});
        }
    }
    return entries;
}

}  // namespace

// A page of ten thousand names takes many milliseconds: it is made on a worker, by few at a time.
task<void> file_handler::respond_with_listing(const http::request& asked, http::response& out,
                                              std::string path) {
    const auto format = choose_listing_format(asked, site_.listing);
    if (!format) {
        co_await respond_with_failure(asked, out, std::move(path), error{errc::not_found, 0});
        co_return;
    }
    if (listings_waiting_ >= listings_waiting_max) {
        http::plan_error(asked, 503, "Too many listings are being made.", out.plan);
        co_return;
    }
    ++listings_waiting_;
    auto turn = co_await listings_.acquire_permit();
    --listings_waiting_;
    if (!turn) {
        http::plan_error(asked, 503, "The server is ending.", out.plan);
        co_return;
    }
    const auto listed = co_await list(asked, out, path, *format);
    if (!listed) {
        co_await respond_with_failure(asked, out, std::move(path), listed.error());
    }
}

task<result<void>> file_handler::list(const http::request& asked, http::response& out,
                                      std::string path, listing_format format) {
    auto read = co_await root_.list(path, site_.symlinks, listing_entries_max);
    if (!read) {
        co_return std::unexpected{read.error()};
    }
    const listing_view view = parse_listing_query(asked.query);
    const auto render = [&] {
        auto entries = visible_entries(*read, path, site_.hidden);
        const listing shown{.normal_path = path,
                            .entries = entries,
                            .more = read->more,
                            .offer_json = site_.listing == listing_mode::automatic};
        if (format == listing_format::html) {
            append_listing_html(shown, view, out.text);
        } else {
            append_listing_json(shown, view, out.text);
        }
    };
    co_await run_blocking{render};
    plan_listing(asked, site_.listing, format, out.text, out.plan);
    co_return result<void>{};
}

}  // namespace ringway::files
