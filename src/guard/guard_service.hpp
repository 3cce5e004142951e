// The firewall at work: its lists and their ends, its counts, and what it is asked by commands.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "guard/firewall.hpp"
#include "guard/rule_book.hpp"
#include "guard/talkers.hpp"

namespace ringway::guard {

struct guard_options {
    std::string interface;
    bpf::xdp_mode mode = bpf::xdp_mode::automatic;
    firewall_settings firewall;
    std::vector<std::filesystem::path> allow_files;
    std::vector<std::filesystem::path> block_files;
    std::vector<cidr> admin;  ///< Always allowed.
    /// Told of each range that a ban or a command has added to the block list, once it is in force
    /// (not in a dry run), with those inside that are allowed. On the thread that asks or ticks.
    std::function<void(const cidr& range, const std::vector<cidr>& spared)> blocked;
};

/// Any thread; one call at a time has its way.
class guard_service {
public:
    /// Says whether the event was taken; else it counts as lost.
    using sink = std::function<bool(const guard_event&)>;

    /// Reads the lists, loads the program and attaches it, in this order: a mistake in a file is
    /// found before anything happens. Fails with a line for the operator.
    [[nodiscard]] static told<std::unique_ptr<guard_service>> start(guard_options options,
                                                                    time_point now);

    /// Answers a request, JSON in one line, with such a line. See docs/guide/guard.md. Never fails:
    /// what is wrong is in the answer.
    [[nodiscard]] std::string answer(std::string_view request, time_point now);

    /// Blocks `range` for a while. What the allow list has is never banned: false. False also for
    /// what is blocked as long or longer.
    bool ban(const cidr& range, seconds lifetime, time_point now);

    /// Has `range` banned by the next tick, which logs it with `why`. Never waits for long: for
    /// threads with other work. What there is no room for, 4096 of them, is forgotten.
    void request_ban(const cidr& range, seconds lifetime, std::string why);

    /// What time brings: ends of entries, and once a second the counts. Events go to `to`, 1000 a
    /// call at most. Yields until when there is nothing to be done.
    [[nodiscard]] time_point tick(time_point now, const sink& to);

    /// Appends Prometheus metrics, as of the last second. Never waits for long.
    void write_metrics(std::string& out) const;

    [[nodiscard]] const guard_options& options() const noexcept { return options_; }
    /// "driver", "generic": how it is attached.
    [[nodiscard]] const char* mode() const noexcept;
    /// "", or that it runs in libxdp's dispatcher, and how it ends there.
    [[nodiscard]] const char* place() const noexcept;
    [[nodiscard]] std::size_t entries(list_kind list) const;
    /// False once the interface has gone, or somebody has detached the program. As of the last
    /// second.
    [[nodiscard]] bool is_attached() const noexcept { return attached_.load(); }

private:
    struct request;
    explicit guard_service(guard_options options, time_point now)
        : options_{std::move(options)}, started_{now}, next_harvest_{now} {}

    [[nodiscard]] told<void> load_files(time_point now);
    [[nodiscard]] told<void> put_all(rule_book next);
    void take_requested_bans(time_point now);
    void look_at_link();
    void make_metrics_page();
    [[nodiscard]] bool is_allowed(const cidr& range) const;
    void tell_blocked(const cidr& range) const;
    [[nodiscard]] std::string answer_status(time_point now) const;
    [[nodiscard]] std::string answer_stats(std::size_t top) const;
    [[nodiscard]] std::string answer_list(list_kind list, time_point now) const;
    [[nodiscard]] std::string answer_add(const request& asked, time_point now);
    [[nodiscard]] std::string answer_del(const request& asked);
    [[nodiscard]] std::string answer_load(const request& asked, time_point now);

    mutable std::mutex one_;
    guard_options options_;
    std::unique_ptr<firewall> firewall_;
    rule_book rules_;
    talkers talkers_;
    time_point started_;
    time_point next_harvest_;
    mutable std::mutex page_one_;  // Like the next, never held with a system call.
    std::string metrics_page_;
    std::mutex pending_one_;
    struct pending_ban {
        cidr range;
        seconds lifetime;
        std::string why;
    };
    std::vector<pending_ban> pending_;
    std::atomic<bool> attached_{true};
    std::uint64_t bans_ = 0;
    std::uint64_t expired_ = 0;
    std::uint64_t loads_ = 0;
    std::uint64_t failed_loads_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t events_refused_ = 0;  // By who was to write them down.
};

/// "blocked", "rate": as metrics and events call it.
[[nodiscard]] const char* name_of(guard_reason reason) noexcept;

/// An event as a line of JSON, with a line feed.
[[nodiscard]] std::string to_json_line(const guard_event& event);

}  // namespace ringway::guard
