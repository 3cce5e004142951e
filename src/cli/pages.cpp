#include "cli/pages.hpp"

#include <algorithm>
#include <array>

#include "cli/serve_option_table.hpp"

namespace ringway::cli {

const command_page& main_page() {
    static const command_page page{
        .name = "ringway",
        .summary = "files over modern Linux, by io_uring",
        .synopsis = "ringway COMMAND [ARGUMENT]...",
        .description = {"Commands: serve (serve the files of a directory over HTTP/1.1, HTTP/2 and "
                        "HTTP/3), get (fetch URLs, or put load on a server), cp (copy files and "
                        "directories), bench (measure servers, files and protocols on this "
                        "machine), doctor (tell what this machine can do), xdp (handle packets "
                        "before the network stack), guard (a firewall before the network stack), "
                        "top (watch the network of this machine), help (tell more about a "
                        "command)."},
        .options = {{.group = "Options",
                     .name = "help",
                     .letter = 'h',
                     .form = option_form::flag,
                     .help =
                         "Print this, or with a command in front what there is to say about it."},
                    {.group = "Options",
                     .name = "version",
                     .letter = 'V',
                     .form = option_form::flag,
                     .help = "Print the version, how it was built, and the kernel it runs on."}},
        .sections = {{"EXIT STATUS",
                      {"0 after success, 1 after a failure, 2 when the command line makes no "
                       "sense."}},
                     {"EXAMPLES",
                      {"$ ringway serve ./public", "$ ringway get https://example.org/file",
                       "$ ringway cp -a photos /backup/"}},
                     {"SEE ALSO",
                      {"ringway-serve(1), ringway-get(1), ringway-cp(1), ringway-bench(1), "
                       "ringway-doctor(1), ringway-xdp(1), ringway-guard(1), ringway-top(1)"}}},
        .help_ending = "ringway help COMMAND tells more.",
    };
    return page;
}

const command_page& serve_page() {
    static const command_page page = [] {
        return command_page{
            .name = "ringway serve",
            .summary = "serve the files of a directory over HTTP and HTTPS",
            .synopsis = "ringway serve [OPTION]... [DIR]",
            .description =
                {"Serves DIR, or the current directory, on http://127.0.0.1:8080/ until a signal "
                 "ends it; with --tls on https://127.0.0.1:8443/.",
                 "SIZE is a number of bytes, or one with K, M or G; TIME is 500ms, 10s, 5m, 1h or "
                 "off. Every option can be given as an environment variable too: "
                 "RINGWAY_IDLE_TIMEOUT=5m is --idle-timeout 5m. Options win over variables."},
            .options = options_of(serve_option_table()),
            .sections =
                {{"ENVIRONMENT",
                  {"RINGWAY_NAME stands for the option --name, with underscores for hyphens. "
                   "Options without a value take yes or no. For options that may be repeated each "
                   "line of the variable is one value. An empty variable counts as none.",
                   "NO_COLOR, when it is not empty, turns colours off."}},
                 {"SIGNALS",
                  {"SIGTERM and SIGINT stop accepting and let running requests end, for as long as "
                   "--drain says; a second one ends at once. SIGUSR1 opens the access log anew, "
                   "after it was renamed.",
                   "SIGHUP loads the certificates anew and says how that went; it is not needed "
                   "after a renewal, because their files are watched. When the terminal of the "
                   "server is closed it stops as by SIGTERM."}},
                 {"FILES",
                  {"$XDG_STATE_HOME/ringway/self.pem, or ~/.local/state/ringway/self.pem: the "
                   "certificate of --tls self, with its key. Without it a new one is made."}},
                 {"EXIT STATUS",
                  {"0 after a clean end, 1 when it failed later, 2 when it could not start: the "
                   "command line makes no sense, a port is taken, a file is not what it should "
                   "be."}},
                 {"EXAMPLES",
                  {"The current directory, for this machine only:", "$ ringway serve",
                   "A site for everybody, with an access log:",
                   "$ ringway serve /srv/www --listen :80 --log /var/log/ringway/access.log",
                   "An application that routes in the browser:",
                   "$ ringway serve ./dist --spa --cache-control max-age=3600",
                   "For development, with https:", "$ ringway serve ./dist --tls self",
                   "A site with certificates of certbot, and redirects to it:",
                   // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one of two lines.
                   "$ ringway serve /srv/www -l :443 --tls-dir /etc/letsencrypt/live "
                   "--http-redirect :80",
                   "Behind a proxy on the same machine, with metrics:",
                   "$ ringway serve /srv/www -l unix:/run/ringway.sock --admin 127.0.0.1:9100"}},
                 {"SEE ALSO", {"ringway(1)"}}},
            .help_ending = "Defaults stand in brackets. ringway-serve(1) has examples.",
        };
    }();
    return page;
}

const command_page* page_of(std::string_view command) {
    struct entry {
        std::string_view name;
        const command_page& (*page)();
    };
    static constexpr std::array<entry, 8> pages{{{"serve", serve_page},
                                                 {"get", get_page},
                                                 {"cp", cp_page},
                                                 {"bench", bench_page},
                                                 {"doctor", doctor_page},
                                                 {"xdp", xdp_page},
                                                 {"guard", guard_page},
                                                 {"top", top_page}}};
    const auto* const found = std::ranges::find(pages, command, &entry::name);
    return found == pages.end() ? nullptr : &found->page();
}

}  // namespace ringway::cli
