#include "cli/get_option_table.hpp"
#include "cli/pages.hpp"

namespace ringway::cli {
namespace {

std::vector<page_section> sections() {
    return {
        {"FILES",
         {"FILE.part is what has come so far, FILE.part.state what is known about it. When all has "
          "come FILE.part becomes FILE and the other goes; FILE is never there in part.",
          "$XDG_CACHE_HOME/ringway/sessions, or ~/.cache/ringway/sessions: for --early-data, what "
          "servers have left for the next connection, and which of them offer HTTP/3. Readable by "
          "its owner only."}},
        {"EXIT STATUS",
         {"0 success; 1 the server broke its protocol or gave up; 2 the command line makes no "
          "sense; 3 the name could not be resolved; 4 no connection; 5 the certificate was "
          "refused; 6 the server answered with a status of 400 or more; 7 the file could not be "
          "written, or is there already; 8 a time limit; 9 the body ended early, or a range is not "
          "what was asked for; 130 interrupted. Of several URLs the first that failed decides."}},
        {"EXAMPLES",
         {"A file, named as in the URL:", "$ ringway get https://example.org/big.iso",
          "The rest of it after an interruption:", "$ ringway get -C https://example.org/big.iso",
          "In eight pieces:", "$ ringway get -j 8 https://example.org/big.iso",
          "To another program:", "$ ringway get -o - https://example.org/list.txt",
          "From a server that made its own certificate:",
          "$ ringway get --cacert self.pem https://localhost:8443/file",
          "How fast a server is, with 4 connections of 32 requests each, for 10 seconds:",
          "$ ringway get --bench --http2 -c 4 -m 32 -d 10s https://localhost:8443/"}},
        {"SEE ALSO", {"ringway(1), ringway-serve(1)"}}};
}

}  // namespace

const command_page& get_page() {
    static const command_page page{
        .name = "ringway get",
        .summary = "fetch URLs over HTTP/1.1, HTTP/2 and HTTP/3",
        .synopsis = "ringway get [OPTION]... URL...",
        .description =
            {"Fetches each URL into a file, which appears when it is complete. Redirects are "
             "followed, certificates verified, and an answer with a status of 400 or more is a "
             "failure that leaves no file.",
             "SIZE is a number of bytes, or one with K, M or G; TIME is a number of seconds, "
             "or 500ms, 10s, 5m, 1h or off."},
        .options = options_of(get_option_table()),
        .sections = sections(),
        .help_ending = "Defaults stand in brackets. ringway-get(1) has examples.",
    };
    return page;
}

}  // namespace ringway::cli
