// The certificates of a server over its life: loaded at the start, watched, loaded anew.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ringway/coro/event.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/tls/certificate_files.hpp>
#include <ringway/tls/certificate_holder.hpp>
#include <ringway/tls/certificate_watch.hpp>
#include <ringway/tls/self_certificate.hpp>

namespace ringway::tls {

/// What to load, and how patient to be.
struct keeper_options {
    certificate_sources sources;
    bool self = false;  ///< A development certificate too, behind those of `sources`.
    std::vector<std::string> self_names;
    std::string state_directory;  ///< Of the development certificate.

    std::chrono::milliseconds quiet{1'000};  ///< Files are read when they rest for this long.
    std::chrono::milliseconds grace{2'000};  ///< What is broken then is read again after this.
    std::chrono::milliseconds poll{60'000};  ///< For changes that nobody tells of.
};

/// How the latest reload went.
struct reload_status {
    bool successful = true;
    std::int64_t success_unix_s = 0;  ///< Of the latest that was.
};

/// Loads certificates, and loads them again when their files change. A set that can't be loaded
/// changes nothing: the last good one stays.
class certificate_keeper {
public:
    /// Certificates that expire within this are warned of, once a day.
    static constexpr std::chrono::days expiry_warning{14};

    explicit certificate_keeper(keeper_options wanted) : wanted_{std::move(wanted)} {}

    /// Loads for the first time and warns of what is odd. Fails with a line for the operator.
    /// Blocks: before the shards run.
    [[nodiscard]] std::expected<void, std::string> load();

    /// Where the shards find the set. Lifetime: that of the keeper. After `load` has succeeded.
    [[nodiscard]] const certificate_holder& certificates() const noexcept { return holder_; }

    /// Follows changes until stopped: by inotify, by looking once a minute, and when asked to by
    /// `reload`. Files are read on a worker thread. What fails is said once, with its file; the
    /// same failure is not said again. Warns of expiry once a day.
    /// Cancel: ends it. Resumes: on this shard.
    [[nodiscard]] task<void> follow();

    /// Asks `follow` to load now, and to say how that went. On the shard that follows.
    void reload() noexcept { asked_.set(); }

    /// On the shard that follows.
    [[nodiscard]] const reload_status& status() const noexcept { return status_; }

    /// The development certificate, if there is one. Before the shards run, or on the one that
    /// follows.
    [[nodiscard]] const std::optional<self_certificate>& self() const noexcept { return self_; }

private:
    enum class cause : std::uint8_t { asked, changed, time, stopped };
    struct loaded {
        std::shared_ptr<const certificate_set> set;  // Null: nothing has changed.
        std::vector<certificate_text> pairs;
        std::vector<std::string> warnings;
        std::optional<self_certificate> self;
    };
    using loaded_or_reason = std::expected<loaded, std::string>;

    [[nodiscard]] loaded_or_reason load_all() const;
    [[nodiscard]] std::expected<std::optional<self_certificate>, std::string> load_self(
        std::int64_t now) const;
    void adopt(loaded what);
    void warn_of_expiry();
    void watch_files();

    [[nodiscard]] task<cause> next_cause();
    [[nodiscard]] task<result<void>> wait_until_asked();
    [[nodiscard]] task<result<void>> wait_for_change();
    [[nodiscard]] task<bool> settle();
    [[nodiscard]] task<void> load_again(cause why);
    void tell(cause why, const loaded_or_reason& outcome);

    keeper_options wanted_;
    certificate_holder holder_;
    certificate_watch watch_;
    bool watching_ = false;
    event asked_;
    reload_status status_;
    std::optional<self_certificate> self_;
    std::vector<certificate_text> pairs_;  // What the set was made of.
    std::string told_;                     // The failure that was said last.
    std::int64_t warned_unix_s_ = 0;
};

/// What to call a certificate in few words: its first DNS name without wildcard, else its first
/// name, else its file.
[[nodiscard]] std::string short_name(const certificate_facts& facts);

}  // namespace ringway::tls
