#include "cli/driver_option.hpp"
#include "cli/serve_option_groups.hpp"
#include "cli/serve_setters.hpp"

namespace ringway::cli {
namespace {

using observe::log_format;
using options = serve_options;
using view = std::string_view;
using namespace rows;

constexpr words<log_format, 2> log_formats{
    {{"combined", log_format::combined}, {"json", log_format::json}}};
constexpr words<log_level, 4> log_levels{{{"error", log_level::error},
                                          {"warning", log_level::warning},
                                          {"info", log_level::info},
                                          {"debug", log_level::debug}}};
constexpr words<transfer_choice, 8> transfers{{{"auto", transfer_choice::automatic},
                                               {"sendfile", transfer_choice::sendfile},
                                               {"copy", transfer_choice::copy},
                                               {"splice", transfer_choice::splice},
                                               {"fixed", transfer_choice::fixed},
                                               {"zero-copy", transfer_choice::zero_copy},
                                               {"sendmsg-zc", transfer_choice::gathered},
                                               {"mmap", transfer_choice::mapped}}};

constexpr serve_option logging[] = {
    {{.group = "Logging",
      .name = "log",
      .value = "FILE|-|off",
      .default_value = "off",
      .help = "Access log: append to FILE, or write to standard output (-)."},
     set_log},
    {{.group = "Logging",
      .name = "log-format",
      .value = "combined|json",
      .default_value = "combined",
      .help = "Form of the access log: the combined format of Apache and nginx with a few fields "
              "more, or a JSON object per line with the names of OpenTelemetry."},
     [](options& to, view text) { return choose(to.log_format, text, log_formats); }},
    {{.group = "Logging",
      .name = "log-level",
      .value = "error|warning|info|debug",
      .default_value = "info",
      .help = "Which messages of the server go to standard error."},
     [](options& to, view text) { return choose(to.level, text, log_levels); }},
};

constexpr serve_option engine[] = {
    {{.group = "Engine",
      .name = "shards",
      .value = "N|auto",
      .default_value = "auto",
      .help = "Threads that serve. auto: one for each core this process may use."},
     [](options& to, view text) { return store(to.shards, number_or("auto", text, 1, 1024)); }},
    {{.group = "Engine",
      .name = "driver",
      .value = "io_uring|epoll|auto",
      .default_value = "auto",
      .help = "How to talk to the kernel. auto: io_uring where it works."},
     [](options& to, view text) { return choose(to.driver, text, driver_words); }},
    {{.group = "Engine",
      .name = "transfer",
      .value = "WAY",
      .default_value = "auto",
      .help = "How files that are not in the cache reach the socket: auto, sendfile, copy, splice, "
              "fixed, zero-copy, sendmsg-zc or mmap."},
     [](options& to, view text) { return choose(to.transfer, text, transfers); }},
    {{.group = "Engine",
      .name = "cache-bytes",
      .value = "SIZE",
      .default_value = "64M",
      .help = "Memory for the contents of small files, per shard; off to cache none."},
     [](options& to, view text) { return store(to.cache_bytes, parse_size(text)); }},
    {{.group = "Engine",
      .name = "cache-block-bytes",
      .value = "SIZE",
      .default_value = "32M",
      .help = "Memory for parts of larger files that HTTP/3 has sent, per shard, so that they need "
              "not be read again; off to keep none."},
     [](options& to, view text) { return store(to.cache_block_bytes, parse_size(text)); }},
    {{.group = "Engine",
      .name = "cache-entries",
      .value = "N",
      .default_value = "65536",
      .help = "Files to remember, per shard."},
     [](options& to, view text) {
         return store(to.cache_entries, number_or("off", text, 0, 16'777'216));
     }},
    {{.group = "Engine",
      .name = "cache-ttl",
      .value = "TIME",
      .default_value = "2s",
      .help = "How long a cached file is served without looking whether it has changed."},
     [](options& to, view text) { return store(to.cache_ttl, parse_duration(text)); }},
    {{.group = "Engine",
      .name = "busy-poll",
      .form = flag,
      .help = "Never sleep: lower latency, and a full core for each shard."},
     [](options& to, view text) { return store(to.busy_poll, parse_switch(text)); }},
    {{.group = "Engine",
      .name = "sqpoll",
      .value = "TIME|off",
      .default_value = "off",
      .help = "A thread of the kernel for each shard takes what is to be done, so that handing it "
              "over costs no system call; it sleeps after TIME without work. Needs spare cores."},
     [](options& to, view text) { return store(to.sqpoll, parse_duration(text)); }},
    {{.group = "Engine",
      .name = "napi",
      .value = "USEC|off",
      .default_value = "off",
      .help = "Shards that wait look at the queues of the network card themselves for so many "
              "microseconds before they sleep: lower latency, more CPU. Linux 6.9."},
     [](options& to, view text) { return store(to.napi, number_or("off", text, 1, 100'000)); }},
    {{.group = "Engine",
      .name = "no-pin",
      .form = flag,
      .help = "Let the kernel move shards between cores."},
     [](options& to, view text) { return store_not(to.pin, text); }},
};

}  // namespace

std::span<const serve_option> serve_logging_options() { return logging; }
std::span<const serve_option> serve_engine_options() { return engine; }

}  // namespace ringway::cli
