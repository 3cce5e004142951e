#include "lab/site_servers.hpp"

#include <fmt/core.h>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "lab/program_versions.hpp"

namespace ringway::lab {
namespace {

// Braces of these formats are doubled; {{port}} is left for `measure_served`. One process, so that
// its processor time is all there is.
constexpr std::string_view nginx_form = R"({user}daemon off;
master_process off;
pid "{work}/nginx.pid";
error_log "{work}/nginx.err" error;
events {{ worker_connections 20000; use epoll; multi_accept on; }}
http {{
  types {{ application/octet-stream bin; }}
  access_log off;
  sendfile on;
  sendfile_max_chunk 2m;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  open_file_cache max=20000 inactive=600s;
  open_file_cache_valid 600s;
  open_file_cache_min_uses 1;
  client_body_temp_path "{work}/nginx-body";
  proxy_temp_path "{work}/nginx-proxy";
  fastcgi_temp_path "{work}/nginx-fastcgi";
  uwsgi_temp_path "{work}/nginx-uwsgi";
  scgi_temp_path "{work}/nginx-scgi";
  server {{ listen 127.0.0.1:{{port}} backlog=4096; root "{site}"; }}
}}
)";

constexpr std::string_view lighttpd_form = R"(server.document-root = "{site}"
server.bind = "127.0.0.1"
server.port = {{port}}
server.pid-file = "{work}/lighttpd.pid"
server.errorlog = "{work}/lighttpd.err"
server.event-handler = "linux-sysepoll"
server.network-backend = "sendfile"
server.stat-cache-engine = "simple"
server.max-fds = 40000
server.max-connections = 19000
server.listen-backlog = 4096
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 300
mimetype.assign = ( ".bin" => "application/octet-stream" )
)";

site_server other(const std::string& name, std::vector<std::string> arguments,
                  std::string configuration_file, std::string_view form, const std::string& site,
                  const std::string& work) {
    site_server made{.subject = name};
    const auto program = find_program(name);
    if (program.empty()) {
        made.not_measured = fmt::format("{} is not installed (apt-get install {})", name, name);
        return made;
    }
    // Else nginx gives root away, and with it the right to read the site.
    const auto* const user = ::geteuid() == 0 ? "user root;\n" : "";
    made.command.configuration = fmt::format(fmt::runtime(form), fmt::arg("site", site),
                                             fmt::arg("work", work), fmt::arg("user", user));
    made.command.configuration_file = std::move(configuration_file);
    arguments.front() = program;
    made.command.arguments = std::move(arguments);
    return made;
}

}  // namespace

std::vector<site_server> site_servers(const bench_settings& settings, const std::string& site,
                                      const std::string& work) {
    std::vector<site_server> all;
    all.push_back({.subject = "ringway serve", .command = ringway_serve(settings, site)});
    all.push_back({.subject = "ringway serve, epoll", .command = ringway_serve(settings, site)});
    all.back().command.environment.emplace_back("RINGWAY_DRIVER=epoll");
    const auto nginx = work + "/nginx.conf";
    all.push_back(other("nginx", {"nginx", "-p", work, "-e", work + "/nginx.err", "-c", nginx},
                        nginx, nginx_form, site, work));
    const auto lighttpd = work + "/lighttpd.conf";
    all.push_back(
        other("lighttpd", {"lighttpd", "-D", "-f", lighttpd}, lighttpd, lighttpd_form, site, work));
    return all;
}

}  // namespace ringway::lab
