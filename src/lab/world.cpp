#include "lab/world.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fmt/core.h>
#include <sys/stat.h>
#include <thread>
#include <utility>

#include <ringway/tls/self_certificate.hpp>

#include "lab/client_output.hpp"

namespace ringway::lab {
namespace {

constexpr std::chrono::milliseconds start_limit{10'000};
constexpr std::chrono::milliseconds stop_limit{10'000};
constexpr std::chrono::milliseconds poll_interval{5};
constexpr std::chrono::milliseconds restart_pause{100};
constexpr std::chrono::milliseconds grace{3000};  // For a client beyond its own limit.

outcome<void> prepare(const scratch& files) {
    std::error_code failed;
    for (const auto* const name : {"site", "cache", "state", "got"}) {
        std::filesystem::create_directory(files.at(name), failed);
    }
    const std::array<std::string, 3> names{std::string{network::server_v4},
                                           std::string{network::server_second_v4},
                                           std::string{network::server_v6}};
    const auto made = tls::make_self_certificate(names, std::time(nullptr));
    if (!made) {
        return std::unexpected{made.error()};
    }
    if (!files.add_text("cert.pem", made->chain) || !files.add_text("key.pem", made->key) ||
        !files.add_noise("site/1k", 1024, 1)) {
        return std::unexpected{fmt::format("can't write into {}", files.path())};
    }
    ::chmod(files.at("key.pem").c_str(), 0600);
    return {};
}

std::string milliseconds_text(std::chrono::milliseconds time) {
    return fmt::format("{}ms", time.count());
}

// With caches and state of its own, so that runs know nothing of each other or of the user.
std::vector<std::string> with_environment(const scratch& files, const std::string& sessions) {
    return {"env", "-u", "SSLKEYLOGFILE", "XDG_CACHE_HOME=" + files.at("cache/" + sessions),
            "XDG_STATE_HOME=" + files.at("state")};
}

void append(std::vector<std::string>& to, std::vector<std::string> more) {
    std::ranges::move(more, std::back_inserter(to));
}

}  // namespace

world::world(world_options options, network net, scratch files)
    : options_{std::move(options)}, net_{std::move(net)}, files_{std::move(files)} {}

outcome<std::unique_ptr<world>> world::make(const world_options& options) {
    auto files = scratch::make();
    if (!files) {
        return std::unexpected{files.error()};
    }
    if (auto prepared = prepare(*files); !prepared) {
        return std::unexpected{prepared.error()};
    }
    auto net = network::make({});
    if (!net) {
        return std::unexpected{net.error()};
    }
    std::unique_ptr<world> made{new world{options, *std::move(net), *std::move(files)}};
    auto started = relay::start(made->net_, {.path = {}, .capture = options.capture});
    if (!started) {
        return std::unexpected{started.error()};
    }
    made->relay_ = *std::move(started);
    return made;
}

outcome<void> world::add_file(std::string_view name, std::uint64_t bytes) {
    if (!files_.add_noise(fmt::format("site/{}", name), bytes, options_.seed)) {
        return std::unexpected{
            fmt::format("can't write {} bytes into {}: is the disk full?", bytes, files_.path())};
    }
    return {};
}

outcome<void> world::serve(bool quic, const std::vector<std::string>& more) {
    stop_server();
    auto arguments = with_environment(files_, "server");
    const bool foreign = quic && !options_.quic_server.empty();
    if (foreign) {
        append(arguments, {options_.quic_server, "-q", "-d", files_.at("site")});
        append(arguments, more);
        append(arguments, {std::string{network::server_v4}, std::to_string(port),
                           files_.at("key.pem"), files_.at("cert.pem")});
    } else {
        append(arguments, {options_.ringway, "serve", files_.at("site"), "--tls",
                           files_.at("cert.pem") + "," + files_.at("key.pem"), "--listen",
                           fmt::format("{}:{}", network::server_v4, port), "--log",
                           files_.at("access.log"), "--min-rate", "off", "--no-pin",
                           "--max-connections-per-address", "off", "--drain", "1s"});
        append(arguments, more);
        if (std::ranges::find(more, "--shards") == more.end()) {
            append(arguments, {"--shards", "2"});
        }
    }
    const auto protocol = quic ? transport_protocol::udp : transport_protocol::tcp;
    return start_server(arguments, protocol);
}

outcome<void> world::start_server(const std::vector<std::string>& arguments,
                                  transport_protocol protocol) {
    const auto until = std::chrono::steady_clock::now() + start_limit;
    for (;;) {
        auto started = process::start(net_, side::server, arguments);
        if (!started) {
            return std::unexpected{started.error()};
        }
        server_ = std::make_unique<process>(*std::move(started));
        bool ended = false;
        while (!ended && std::chrono::steady_clock::now() < until) {
            if (server_->has_port(protocol, port)) {
                return {};
            }
            ended = server_->wait(poll_interval).has_value();
        }
        // The kernel closes the sockets of an io_uring a little after its process has ended.
        const auto said = server_->errors();
        if (std::chrono::steady_clock::now() >= until || !said.contains("in use")) {
            return std::unexpected{fmt::format("the server has not started: {}", said)};
        }
        std::this_thread::sleep_for(restart_pause);
    }
}

void world::stop_server() {
    if (server_) {
        server_->signal(SIGTERM);
        static_cast<void>(server_->wait(stop_limit));
        server_.reset();
    }
}

std::size_t world::logged(std::string_view text) const {
    const auto log = files_.read("access.log");
    std::size_t lines = 0;
    for (std::string_view rest{log}; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        lines += line.contains(text) ? 1 : 0;
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return lines;
}

std::vector<std::string> world::client_command(const fetch_request& what) const {
    auto arguments = with_environment(files_, what.sessions);
    const auto sessions = fmt::format("cache/{}", what.sessions);
    std::error_code ignored;
    std::filesystem::create_directory(files_.at(sessions), ignored);
    const auto url = fmt::format("https://{}:{}/{}", network::server_v4, port, what.path);
    const bool quic = what.version == fetch_version::http_3;
    if (what.by_curl) {
        append(arguments,
               {"curl", "--silent", "--cacert", files_.at("cert.pem"), "--noproxy", "*",
                what.version == fetch_version::http_2 ? "--http2" : "--http1.1", "--max-time",
                fmt::format("{:.3f}", static_cast<double>(what.limit.count()) / 1000),
                "--write-out", fmt::format("%{{stderr}}{}", curl_format)});
        append(arguments, what.more);
        append(arguments, {url});
    } else if (quic && !options_.quic_client.empty()) {
        append(arguments, {options_.quic_client, "--exit-on-all-streams-close", "--no-quic-dump",
                           "--no-http-dump", "--session-file=" + files_.at(sessions + "/session"),
                           "--tp-file=" + files_.at(sessions + "/parameters")});
        append(arguments, what.early_data ? std::vector<std::string>{}
                                          : std::vector<std::string>{"--disable-early-data"});
        if (what.keep_body || what.path != "1k") {  // The log of a long transfer is too long.
            append(arguments, {"-q", "--download=" + files_.at("got")});
        }
        append(arguments, what.more);
        append(arguments, {std::string{network::server_v4}, std::to_string(port), url});
    } else {
        append(arguments, {options_.ringway, "get", "--json", "--quiet", "--cacert",
                           files_.at("cert.pem"), "--max-time", milliseconds_text(what.limit),
                           quic                                    ? "--http3"
                           : what.version == fetch_version::http_2 ? "--http2"
                                                                   : "--http1.1"});
        // It migrates only what it writes into a file.
        append(arguments, what.keep_body ? std::vector<std::string>{"--overwrite", "--output",
                                                                    files_.at("got/" + what.path)}
                                         : std::vector<std::string>{"--output", "-"});
        append(arguments, what.early_data ? std::vector<std::string>{"--early-data"}
                                          : std::vector<std::string>{});
        append(arguments, what.more);
        append(arguments, {url});
    }
    return arguments;
}

fetch_result world::understand(const fetch_request& what, const finished_program& ended) const {
    const bool foreign =
        what.version == fetch_version::http_3 && !options_.quic_client.empty() && !what.by_curl;
    if (what.by_curl) {
        auto read = read_curl_line(ended.errors);
        read.body = ended.output;
        return read;
    }
    if (!foreign) {
        // On standard error when the file goes to standard output.
        auto read = read_get_json(what.keep_body ? ended.output + ended.errors : ended.errors);
        if (what.keep_body) {
            const auto name = "got/" + what.path;
            read.body = files_.read(read.complete ? name : name + ".part");
            std::error_code ignored;
            std::filesystem::remove_all(files_.at("got"), ignored);
            std::filesystem::create_directory(files_.at("got"), ignored);
        }
        return read;
    }
    if (what.path == "1k" && !what.keep_body) {
        return read_gtlsclient_log(ended.errors + ended.output);
    }
    fetch_result read;
    std::error_code failed;
    const auto name = "got/" + what.path;
    const auto size = std::filesystem::file_size(files_.at(name), failed);
    read.bytes = failed ? 0 : size;
    const auto wanted = std::filesystem::file_size(files_.at("site/" + what.path), failed);
    read.complete = read.bytes == wanted;
    read.problem = read.complete ? "" : fmt::format("{} of {} bytes came", read.bytes, wanted);
    if (what.keep_body) {
        read.body = files_.read(name);
    }
    std::filesystem::remove(files_.at(name), failed);
    return read;
}

outcome<fetch_result> world::fetch(const fetch_request& what) {
    const auto began = std::chrono::steady_clock::now();
    auto started = process::start(net_, side::client, client_command(what),
                                  what.keep_body ? output_kind::kept : output_kind::discarded);
    if (!started) {
        return std::unexpected{started.error()};
    }
    // A client that does not keep its own limit is ended, and what it has got is looked at.
    if (!started->wait(what.limit + grace)) {
        started->signal(SIGINT);
        static_cast<void>(started->wait(grace));
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    const auto status = started->wait(std::chrono::milliseconds{0});
    auto read = understand(what, {.status = status ? *status : -1,
                                  .output = started->output(),
                                  .errors = started->errors(),
                                  .cpu_time = started->cpu_time()});
    if (read.total_ms == 0) {
        read.total_ms = took.count();
    }
    return read;
}

bool world::has_option(std::string_view command, std::string_view option) const {
    const auto told = run_program(net_, side::client,
                                  {options_.ringway, std::string{command}, "--help"}, start_limit);
    return told && told->output.contains(fmt::format("--{}", option));
}

std::string world::why_no_quic() const {
    if (options_.quic_server.empty() && !has_option("serve", "no-http3")) {
        return "this build of ringway serve has no HTTP/3";
    }
    if (options_.quic_client.empty() && !has_option("get", "http3")) {
        return "this build of ringway get has no HTTP/3";
    }
    return "";
}

void world::forget_sessions(const std::string& sessions) const {
    std::error_code ignored;
    std::filesystem::remove_all(files_.at("cache/" + sessions), ignored);
}

}  // namespace ringway::lab
