// The surroundings of an experiment: network, relay, files, servers and clients.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lab/network.hpp"
#include "lab/outcome.hpp"
#include "lab/process.hpp"
#include "lab/relay.hpp"
#include "lab/scratch.hpp"

namespace ringway::lab {

struct world_options {
    std::string ringway;      ///< The command, for servers and clients.
    std::string quic_server;  ///< Another server for QUIC: ngtcp2's gtlsserver; "": our own.
    std::string quic_client;  ///< Another client for QUIC: ngtcp2's gtlsclient; "": our own.
    std::uint64_t seed = 1;
    std::string capture;  ///< File for a capture of everything; "": none.
};

enum class fetch_version : std::uint8_t { http_1_1, http_2, http_3 };

struct fetch_request {
    fetch_version version = fetch_version::http_3;
    std::string path = "1k";  ///< Without the slash.
    bool early_data = false;
    /// Where the client keeps tickets and tokens: clients with different ones know nothing of each
    /// other's connections.
    std::string sessions = "sessions";
    /// Other programs than ours and gtlsclient: curl, as an independent check of HTTP/1 and 2.
    bool by_curl = false;
    std::vector<std::string> more = {};       ///< Further options for the client.
    std::chrono::milliseconds limit{20'000};  ///< What has come by then counts.
    bool keep_body = false;
};

struct fetch_result {
    bool complete = false;  ///< Status 200 and all of the body.
    double first_byte_ms = 0;
    double total_ms = 0;
    std::uint64_t bytes = 0;  ///< Of the body.
    bool resumed = false;
    bool early = false;  ///< The request went with the first flight, and was accepted.
    std::uint64_t lost = 0;
    std::string body;     ///< If it was to be kept.
    std::string problem;  ///< Why it is not complete.
};

/// All of it, for the experiments of one run. The site has "1k" (1 KiB) and whatever is added.
class world {
public:
    static constexpr std::uint16_t port = 4433;

    /// Fails with a line for people where namespaces are refused.
    [[nodiscard]] static outcome<std::unique_ptr<world>> make(const world_options& options);

    [[nodiscard]] network& net() noexcept { return net_; }
    [[nodiscard]] relay& path() noexcept { return *relay_; }
    [[nodiscard]] const scratch& files() const noexcept { return files_; }
    [[nodiscard]] const world_options& options() const noexcept { return options_; }

    /// Adds a file of noise to the site.
    [[nodiscard]] outcome<void> add_file(std::string_view name, std::uint64_t bytes);

    /// Starts a server for the site at the server's side and waits until its port is there. Any
    /// server before it is ended. `quic`: HTTP/3 is wanted, `more` are options of `ringway serve`.
    [[nodiscard]] outcome<void> serve(bool quic, const std::vector<std::string>& more = {});
    /// Ends the server in the orderly way. Its access log is complete then.
    void stop_server();
    /// Lines of the access log that contain `text`. Of our own server only.
    [[nodiscard]] std::size_t logged(std::string_view text) const;

    /// Fetches a file of the site from the client's side. Fails only if the client could not be
    /// run: what happened to the request is in the result.
    [[nodiscard]] outcome<fetch_result> fetch(const fetch_request& what);

    /// The command line of such a client, for those who want to run it beside others.
    [[nodiscard]] std::vector<std::string> client_command(const fetch_request& what) const;
    /// What such a client has printed, understood.
    [[nodiscard]] fetch_result understand(const fetch_request& what,
                                          const finished_program& ended) const;

    /// Whether `ringway serve` or `ringway get` has an option.
    [[nodiscard]] bool has_option(std::string_view command, std::string_view option) const;
    /// Why HTTP/3 can't be measured here; "" if it can.
    [[nodiscard]] std::string why_no_quic() const;
    /// Lets clients that keep them there forget tickets and tokens of earlier connections.
    void forget_sessions(const std::string& sessions) const;

private:
    outcome<void> start_server(const std::vector<std::string>& arguments,
                               transport_protocol protocol);
    world(world_options options, network net, scratch files);

    world_options options_;
    network net_;
    scratch files_;
    std::unique_ptr<relay> relay_;
    std::unique_ptr<process> server_;
    bool curl_ = false;
};

}  // namespace ringway::lab
