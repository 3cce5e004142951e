// Answers requests with the files below a directory.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <ringway/coro/semaphore.hpp>
#include <ringway/files/file_cache.hpp>
#include <ringway/files/file_watch.hpp>
#include <ringway/files/listing.hpp>
#include <ringway/files/mime.hpp>
#include <ringway/files/site_options.hpp>
#include <ringway/fs/root.hpp>
#include <ringway/http/handler.hpp>
#include <ringway/wire/path.hpp>

namespace ringway::files {

/// The handler of one shard. Opens files beneath the root only, plans with `plan_file`, and keeps
/// what it opened in its cache.
class file_handler final : public http::handler, file_watch::listener {
public:
    /// Listings cost far more than files: so many are made at a time by a shard, and so many wait.
    /// More are answered with 503.
    static constexpr std::size_t listings_at_once = 2;
    static constexpr std::size_t listings_waiting_max = 64;

    /// Lifetime: all outlive the handler, and every response that it filled.
    file_handler(const root& beneath, const site_options& site, const mime_table& types,
                 const cache_limits& limits, observe::http_metrics& metrics);

    [[nodiscard]] http::ready_ref find_ready(const http::request& asked, std::int64_t now_s,
                                             std::string_view date) override;
    [[nodiscard]] task<void> respond(const http::request& asked, http::response& out) override;

    /// Keeps the cache true until stopped: runs beside the server. Where changes can't be heard of
    /// it says so once and ends; what is known is then asked for anew after its time to live.
    [[nodiscard]] task<void> follow_changes();

    [[nodiscard]] file_cache& cache() noexcept { return cache_; }

private:
    // What a path turned out to be.
    struct found_file {
        cached_ref entry;
        observe::cache_tier tier = observe::cache_tier::miss;
    };

    [[nodiscard]] task<void> respond_with_path(const http::request& asked, http::response& out,
                                               wire::normal_path where);
    [[nodiscard]] task<void> respond_with_directory(const http::request& asked, http::response& out,
                                                    std::string path);
    [[nodiscard]] task<void> respond_with_failure(const http::request& asked, http::response& out,
                                                  std::string path, error failure);
    [[nodiscard]] task<void> respond_with_listing(const http::request& asked, http::response& out,
                                                  std::string path);
    [[nodiscard]] task<result<void>> list(const http::request& asked, http::response& out,
                                          std::string path, listing_format format);
    [[nodiscard]] task<void> drop_stale_files();
    [[nodiscard]] task<void> plan(const http::request& asked, http::response& out,
                                  found_file found);

    [[nodiscard]] task<result<found_file>> find(std::string key, std::string path);
    void changed(std::string_view directory, std::string_view name) override;
    void everything_changed() override;
    void watch(const std::string& path) { watch_.add_file(path); }
    [[nodiscard]] bool is_second_choice(const cached_file& entry) const noexcept;
    [[nodiscard]] bool revalidate(cached_file& entry) noexcept;
    [[nodiscard]] task<result<representation>> load(opened_file opened, wire::coding coding,
                                                    std::string_view content_type);
    [[nodiscard]] task<void> look_for_variants(cached_file& entry, std::uint8_t wanted);
    [[nodiscard]] task<http::ready_ref> make_ready(const representation& of, int fd,
                                                   wire::coding coding,
                                                   std::string_view content_type);

    const root& root_;
    const site_options& site_;
    const mime_table& types_;
    file_cache cache_;
    file_watch watch_{root_, *this};
    semaphore listings_{listings_at_once};
    std::size_t listings_waiting_ = 0;
    std::uint64_t changes_ = 0;  // Heard of so far.
    observe::http_metrics& metrics_;
    std::uint64_t boundary_seed_;
};

}  // namespace ringway::files
