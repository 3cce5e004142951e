#include <ringway/observe/metrics_page.hpp>

#include <algorithm>
#include <array>
#include <dirent.h>
#include <map>
#include <string_view>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/observe/prometheus.hpp>

namespace ringway::observe {
namespace {

constexpr auto counter_type = metric_type::counter;
constexpr auto gauge_type = metric_type::gauge;

using shard_list = std::span<const shard_sources>;

// The names of `wire::method_id`; "_OTHER" is OpenTelemetry's name for the rest.
constexpr std::array<std::string_view, http_metrics::methods> method_names{
    "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE", "_OTHER"};

template <class Read>
auto sum(shard_list shards, Read read) {
    decltype(read(shards.front())) total{};
    for (const auto& shard : shards) {
        total += read(shard);
    }
    return total;
}

double seconds(std::uint64_t ns) noexcept { return static_cast<double>(ns) / 1e9; }

std::string code_text(std::size_t index) {
    return index < http_metrics::codes.size() ? std::to_string(http_metrics::codes[index])
                                              : std::string{"other"};
}

template <class Visit>
void each_protocol(Visit visit) {
    for (std::size_t i = 0; i < http_metrics::protocols; ++i) {
        visit(static_cast<http_protocol>(i));
    }
}

void write_requests(prometheus_writer& page, shard_list shards) {
    page.family("http_requests_total", counter_type, "Requests answered.");
    each_protocol([&](http_protocol protocol) {
        for (std::size_t m = 0; m < http_metrics::methods; ++m) {
            for (std::size_t c = 0; c <= http_metrics::codes.size(); ++c) {
                const auto n = sum(shards, [=](const shard_sources& from) {
                    return from.http->requests(protocol, static_cast<wire::method_id>(m), c);
                });
                if (n > 0) {
                    page.sample({{"proto", name_of(protocol)},
                                 {"method", method_names[m]},
                                 {"code", code_text(c)}},
                                n);
                }
            }
        }
    });
    page.family("http_requests_in_flight", gauge_type, "Requests that are being answered.");
    page.sample({}, sum(shards, [](const auto& from) { return from.http->in_flight.get(); }));
}

void write_response_bytes(prometheus_writer& page, shard_list shards) {
    page.family("http_response_bytes_total", counter_type, "Bytes of bodies sent.");
    each_protocol([&](http_protocol protocol) {
        for (std::size_t c = 0; c < http_metrics::codings; ++c) {
            const auto coding = static_cast<wire::coding>(c);
            const auto n = sum(shards, [=](const shard_sources& from) {
                return from.http->response_bytes(protocol, coding);
            });
            if (n > 0) {
                page.sample({{"proto", name_of(protocol)}, {"encoding", wire::name_of(coding)}}, n);
            }
        }
    });
}

void write_durations(prometheus_writer& page, shard_list shards) {
    page.family("http_request_duration_seconds", metric_type::histogram,
                "From the end of a request head to the last byte of its response.");
    each_protocol([&](http_protocol protocol) {
        std::array<std::uint64_t, duration_buckets::bounds_ns.size() + 1> buckets{};
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < buckets.size(); ++i) {
            buckets[i] = sum(shards, [=](const shard_sources& from) {
                return from.http->durations(protocol).get(i);
            });
            total += buckets[i];
        }
        if (total > 0 || protocol == http_protocol::http_1_1) {
            page.duration_histogram({{"proto", name_of(protocol)}}, duration_buckets::bounds_ns,
                                    buckets, sum(shards, [=](const shard_sources& from) {
                                        return from.http->durations(protocol).sum_ns();
                                    }));
        }
    });
}

// One sample for each value of a label, those of zero too: rates need a beginning.
template <class Label>
void write_by(prometheus_writer& page, shard_list shards, std::string_view name,
              std::string_view help, std::string_view label,
              counter_by<Label> http_metrics::* counters) {
    page.family(name, counter_type, help);
    for (std::size_t i = 0; i < label_count<Label>; ++i) {
        const auto which = static_cast<Label>(i);
        page.sample({{label, name_of(which)}}, sum(shards, [=](const shard_sources& from) {
                        return (from.http->*counters).get(which);
                    }));
    }
}

void write_connections(prometheus_writer& page, shard_list shards) {
    write_by(page, shards, "connections_accepted_total", "Connections accepted.", "transport",
             &http_metrics::accepted);
    write_by(page, shards, "connections_rejected_total", "Connections that were not served.",
             "reason", &http_metrics::rejected);
    page.family("connections_evicted_total", counter_type, "Idle connections that made room.");
    page.sample({}, sum(shards, [](const auto& from) { return from.http->evicted.get(); }));
    page.family("connections", gauge_type, "Open connections, with a request (active) or without.");
    for (std::size_t i = 0; i < label_count<transport>; ++i) {
        const auto name = name_of(static_cast<transport>(i));
        page.sample({{"transport", name}, {"state", "active"}},
                    sum(shards, [=](const auto& from) { return from.http->active[i].get(); }));
        page.sample({{"transport", name}, {"state", "idle"}},
                    sum(shards, [=](const auto& from) { return from.http->idle[i].get(); }));
    }
    write_by(page, shards, "protocol_abuse_total", "Things that no well-behaved client does.",
             "kind", &http_metrics::abuse);
    write_by(page, shards, "timeouts_total", "Connections that a deadline ended.", "kind",
             &http_metrics::timeouts);
    write_by(page, shards, "h2_stream_resets_total", "Streams given up, by who did it.", "by",
             &http_metrics::stream_resets);
    write_by(page, shards, "h2_goaways_total", "Connections that we asked to end.", "code",
             &http_metrics::goaways);
    page.family("http_early_requests_total", counter_type,
                "Requests in early data (0-RTT), by when they were answered.");
    page.sample({{"answered", "at_once"}},
                sum(shards, [](const auto& from) { return from.http->early_requests.get(); }));
    page.sample({{"answered", "after_handshake"}},
                sum(shards, [](const auto& from) { return from.http->early_waits.get(); }));
}

void write_files(prometheus_writer& page, shard_list shards) {
    constexpr std::array<std::string_view, 3> tiers{"body", "fd", "miss"};
    page.family("file_cache_hits_total", counter_type,
                "Files served, by what the cache had: the bytes, a descriptor or nothing.");
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        page.sample({{"tier", tiers[i]}}, sum(shards, [=](const shard_sources& from) {
                        return from.http->cache_hits.get(static_cast<cache_tier>(i));
                    }));
    }
    page.family("file_cache_evictions_total", counter_type, "Files that made room for others.");
    page.sample({}, sum(shards, [](const auto& from) { return from.http->cache_evictions.get(); }));
    page.family("file_cache_bytes", gauge_type, "Bytes of file contents in the cache.");
    page.sample({}, sum(shards, [](const auto& from) { return from.http->cache_bytes.get(); }));
    page.family("file_cache_entries", gauge_type, "Files in the cache.");
    page.sample({}, sum(shards, [](const auto& from) { return from.http->cache_entries.get(); }));
    write_by(page, shards, "transfer_bytes_total", "Body bytes, by how they reached the socket.",
             "way", &http_metrics::transferred);
}

// A sample for each shard. `Read` yields the value from that shard's sources.
template <class Read>
void write_per_shard(prometheus_writer& page, shard_list shards, std::string_view name,
                     metric_type type, std::string_view help, Read read) {
    page.family(name, type, help);
    for (std::size_t i = 0; i < shards.size(); ++i) {
        page.sample({{"shard", std::to_string(i)}}, read(shards[i]));
    }
}

void write_shards(prometheus_writer& page, shard_list shards) {
    const auto add = [&](std::string_view name, metric_type type, std::string_view help,
                         auto read) { write_per_shard(page, shards, name, type, help, read); };
    add("shard_busy_seconds_total", counter_type, "Time not spent waiting.",
        [](const auto& from) { return seconds(from.runtime->busy_ns.get()); });
    add("shard_turns_total", counter_type, "Turns of the event loop.",
        [](const auto& from) { return from.runtime->turns.get(); });
    add("shard_resumed_total", counter_type, "Coroutines resumed.",
        [](const auto& from) { return from.runtime->resumed.get(); });
    add("shard_messages_total", counter_type, "Messages received from other threads.",
        [](const auto& from) { return from.runtime->messages.get(); });
    add("shard_stalls_total", counter_type, "Times a coroutine held the shard too long.",
        [](const auto& from) { return from.runtime->stalls.get(); });
    add("shard_stall_max_seconds", gauge_type, "The longest of the stalls.",
        [](const auto& from) { return seconds(from.runtime->stall_max_ns.get()); });
    add("shard_run_queue_depth", gauge_type, "Coroutines that were ready at the last turn.",
        [](const auto& from) { return from.runtime->ready.get(); });
}

void write_driver(prometheus_writer& page, shard_list shards) {
    const auto add = [&](std::string_view name, std::string_view help,
                         driver_counters::counter driver_counters::* which) {
        page.family(name, counter_type, help);
        page.sample({}, sum(shards, [=](const auto& from) { return (from.io->*which).get(); }));
    };
    page.family("uring_sqe_total", counter_type, "Operations submitted, whatever the driver.");
    for (std::size_t i = 0; i < driver_counters::kinds; ++i) {
        page.sample({{"op", name_of(static_cast<op_kind>(i))}},
                    sum(shards, [=](const auto& from) { return from.io->submitted[i].get(); }));
    }
    add("uring_enters_total", "System calls that submit or wait.", &driver_counters::enters);
    add("uring_completions_total", "Completions.", &driver_counters::completions);
    add("uring_cq_overflow_total", "Times the completion queue overflowed.",
        &driver_counters::overflows);
    add("uring_sq_full_total", "Operations that waited for a free submission entry.",
        &driver_counters::submission_full);
    add("uring_buffers_exhausted_total", "Receives that found no free buffer.",
        &driver_counters::buffers_exhausted);
    add("uring_wakes_total", "Wake-ups by other threads.", &driver_counters::wakes);
    add("zero_copy_notifications_total", "Ends of the use of memory that was sent without a copy.",
        &driver_counters::zero_copy_notes);
    add("zero_copy_copied_total", "Of these, sends that the kernel had to copy all the same.",
        &driver_counters::zero_copy_copied);
}

void write_process(prometheus_writer& page, shard_list shards, const process_facts& process) {
    page.family("build_info", gauge_type, "What runs here; always 1.");
    page.sample(
        {{"version", process.version}, {"driver", process.driver}, {"kernel", process.kernel}},
        std::uint64_t{1});
    page.family("start_time_seconds", gauge_type, "When the process started, since 1970.");
    page.sample({}, process.start_unix_s);
    page.family("shards", gauge_type, "Threads that serve.");
    page.sample({}, std::uint64_t{shards.size()});
    page.family("open_fds", gauge_type, "Open file descriptors.");
    page.sample({}, process.open_fds);
    page.family("max_fds", gauge_type, "The limit of open file descriptors.");
    page.sample({}, process.max_fds);
    page.family("log_dropped_total", counter_type, "Access log lines that found no room.");
    page.sample({}, sum(shards, [](const auto& from) { return from.log_dropped; }));
    page.family("log_lost_total", counter_type, "Access log lines that could not be written.");
    page.sample({}, process.log_lost);
}

// Several certificates may have one name, as while one takes over from another: the first to expire
// is the one to know of.
void write_certificates(prometheus_writer& page, const certificate_metrics& about) {
    if (about.expiries.empty()) {
        return;
    }
    std::map<std::pair<std::string_view, std::string_view>, std::int64_t> earliest;
    for (const auto& each : about.expiries) {
        const auto added = earliest.try_emplace({each.name, each.key}, each.unix_s);
        added.first->second = std::min(added.first->second, each.unix_s);
    }
    page.family("tls_certificate_expiry_timestamp_seconds", gauge_type,
                "When the certificate expires, since 1970.");
    for (const auto& [labels, unix_s] : earliest) {
        page.sample({{"name", labels.first}, {"key", labels.second}}, unix_s);
    }
    page.family("config_last_reload_successful", gauge_type,
                "Whether the certificates could be loaded the last time.");
    page.sample({}, std::uint64_t{about.reload_successful ? 1U : 0U});
    page.family("config_last_reload_success_timestamp_seconds", gauge_type,
                "When the certificates were loaded, or found unchanged, since 1970.");
    page.sample({}, about.reload_success_unix_s);
}

void write_tls(prometheus_writer& page, const tls_metrics& about) {
    page.family("tls_handshakes_total", counter_type,
                "Handshakes: ok, failed (refused by either side), left (the peer went away, or "
                "took too long).");
    page.sample({{"version", "1.2"}, {"result", "ok"}}, about.handshakes_tls_1_2);
    page.sample({{"version", "1.3"}, {"result", "ok"}}, about.handshakes_tls_1_3);
    page.sample({{"version", ""}, {"result", "failed"}}, about.handshakes_failed);
    page.sample({{"version", ""}, {"result", "left"}}, about.handshakes_left);
    page.family("tls_handshakes_resumed_total", counter_type,
                "Handshakes that went on from an earlier session, without a signature.");
    page.sample({}, about.handshakes_resumed);
    page.family("tls_alerts_total", counter_type, "Alerts other than close_notify.");
    page.sample({{"dir", "sent"}}, about.alerts_sent);
    page.sample({{"dir", "received"}}, about.alerts_received);
    page.family("tls_kernel_sends_total", counter_type,
                "Connections whose sending the kernel has taken over.");
    page.sample({}, about.kernel_sends);
}

}  // namespace

void append_metrics_page(std::string& out, std::span<const shard_sources> shards,
                         const process_facts& process) {
    for (const auto& shard : shards) {
        RW_ASSERT(shard.http != nullptr && shard.runtime != nullptr && shard.io != nullptr);
    }
    prometheus_writer page{out};
    write_process(page, shards, process);
    write_certificates(page, process.certificates);
    if (process.tls) {
        write_tls(page, *process.tls);
    }
    write_requests(page, shards);
    write_durations(page, shards);
    write_response_bytes(page, shards);
    write_connections(page, shards);
    write_files(page, shards);
    write_shards(page, shards);
    write_driver(page, shards);
}

std::uint64_t count_open_fds() noexcept {
    DIR* const folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) {
        return 0;
    }
    std::uint64_t entries = 0;
    while (::readdir(folder) != nullptr) {
        ++entries;
    }
    ::closedir(folder);
    return entries < 3 ? 0 : entries - 3;  // ".", ".." and the folder itself.
}

}  // namespace ringway::observe
