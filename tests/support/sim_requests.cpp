// Which requests clients make.
#include <algorithm>
#include <array>

#include "support/sim_exchange.hpp"

namespace ringway::test {
namespace {

using dice = ringway::detail::simulated_random;

// Spellings that mean the same (RFC 3986 section 6.2.2, RFC 9112 section 3.2).
std::string spell(std::string_view path, dice& random) {
    std::string target{path};
    switch (random.below(6)) {
        case 0: return "http://other.example" + target;
        case 1: return target + "?a=b&c";
        case 2: return "/./docs/.." + target;
        case 3: {
            const std::size_t at = target.size() - 2;  // A letter, except in "/docs/".
            if (target.back() == '/') {
                return target;
            }
            constexpr std::string_view hex = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(target[at]);
            return target.substr(0, at) + '%' + hex[byte >> 4U] + hex[byte & 15U] +
                   target.substr(at + 1);
        }
        default: return target;
    }
}

std::string request_text(std::string_view method, std::string_view target, std::string_view lines,
                         std::string_view version = "HTTP/1.1") {
    return std::string{method} + " " + std::string{target} + " " + std::string{version} +
           "\r\nHost: site.example:8080\r\n" + std::string{lines} + "\r\n";
}

// Lines that change nothing, so that heads differ in length.
std::string some_lines(dice& random) {
    std::string lines;
    for (auto count = random.below(4); count > 0; --count) {
        lines += "X-Padding: " + std::string(random.below(60), 'x') + "y\r\n";
    }
    if (random.below(8) == 0) {
        lines += "Connection: keep-alive\r\nUser-Agent: sim\r\n";
    }
    return lines;
}

// What every response about the file says.
void describe(const sim_file& file, bool gzip, sim_exchange& out) {
    out.file = &file;
    const std::string& etag = gzip ? file.gzipped_etag : file.etag;
    if (!etag.empty()) {  // Else it is not known yet.
        out.fields.emplace_back("ETag", etag);
    }
    out.fields.emplace_back("Cache-Control", "max-age=60");
    out.fields.emplace_back("Vary", "Accept-Encoding");
    if (gzip) {
        out.fields.emplace_back("Content-Encoding", "gzip");
    } else {
        out.absent.emplace_back("Content-Encoding");
    }
}

sim_exchange about(const sim_file& file) {
    sim_exchange made;
    describe(file, false, made);
    if (!file.last_modified.empty()) {
        made.fields.emplace_back("Last-Modified", file.last_modified);
    }
    made.fields.emplace_back("Accept-Ranges", "bytes");
    made.fields.emplace_back("Content-Type", file.type);
    made.absent.emplace_back("Content-Range");
    made.body = file.content;
    return made;
}

sim_exchange plain(const sim_file& file, dice& random) {
    sim_exchange made = about(file);
    std::string lines = some_lines(random);
    if (random.below(4) == 0) {
        lines += "Accept-Encoding: gzip;q=0.5, br\r\n";
        if (!file.gzipped.empty()) {
            made = {};
            describe(file, true, made);
            made.fields.emplace_back("Content-Type", file.type);
            made.body = file.gzipped;
        }
    }
    made.head_only = random.below(5) == 0;
    made.request = request_text(made.head_only ? "HEAD" : "GET", spell(file.path, random), lines);
    return made;
}

sim_exchange one_part(const sim_file& file, dice& random) {
    const std::size_t size = file.content.size();
    sim_exchange made = about(file);
    sim_part part;
    std::string spec = "0-";
    if (size == 0) {
        part.length = 1;  // Nothing can be a part of it: all of it is the answer.
    } else if (random.below(3) == 0) {
        part.length = random.between(1, size);
        part.first = size - part.length;
        spec = "-" + std::to_string(part.length);
    } else {
        part.first = random.below(size);
        part.length = random.between(1, size - part.first);
        spec = std::to_string(part.first) + "-" + std::to_string(part.first + part.length - 1);
    }
    std::string lines = "Range: bytes=" + spec + "\r\n";
    const auto condition = random.below(4);
    if (condition == 0) {
        lines += "If-Range: " + file.etag + "\r\n";
    } else if (condition == 1) {
        lines += "If-Range: \"another\"\r\n";
    }
    if (size > 0 && condition != 1) {
        made.status = 206;
        made.body = file.content.substr(part.first, part.length);
        made.fields.emplace_back("Content-Range", range_text(part, size));
        std::erase(made.absent, "Content-Range");
    }
    made.request = request_text("GET", spell(file.path, random), some_lines(random) + lines);
    return made;
}

// Parts in order and so far from each other that they stay apart.
sim_exchange several_parts(const sim_file& file, dice& random) {
    const std::size_t size = file.content.size();
    constexpr std::size_t gap = 200;
    if (size < 4 * gap) {
        return one_part(file, random);
    }
    sim_exchange made = about(file);
    std::string lines = "Range: bytes=";
    std::size_t at = random.below(gap);
    while (at + gap < size && made.parts.size() < 8) {
        const sim_part part{at, random.between(1, std::min<std::size_t>(size - at - 1, 9000))};
        lines += made.parts.empty() ? "" : ", ";
        lines += std::to_string(part.first) + "-" + std::to_string(part.first + part.length - 1);
        made.parts.push_back(part);
        at += part.length + random.between(gap, 3 * gap);
    }
    if (made.parts.size() < 2) {
        return one_part(file, random);
    }
    made.status = 206;
    std::erase_if(made.fields, [](const auto& field) { return field.first == "Content-Type"; });
    made.request = request_text("GET", file.path, lines + "\r\n" + some_lines(random));
    return made;
}

sim_exchange conditional(const sim_file& file, dice& random) {
    sim_exchange made = about(file);
    const std::array<std::string, 8> lines{
        "If-None-Match: " + file.etag,
        "If-None-Match: \"a\", W/" + file.etag,
        "If-None-Match: *",
        "If-Modified-Since: " + file.last_modified,
        "If-Match: \"a\"",
        "If-Unmodified-Since: Thu, 01 Jan 1998 00:00:00 GMT",
        "If-None-Match: \"a\"\r\nIf-Modified-Since: " + file.last_modified,
        "If-Match: " + file.etag + "\r\nRange: bytes=" + std::to_string(file.content.size()) + "-",
    };
    const auto which = random.below(lines.size());
    if (which <= 3) {
        made = {};
        describe(file, false, made);
        made.status = 304;
        made.absent = {"Content-Length", "Content-Encoding", "Content-Type"};
    } else if (which <= 5) {
        made = {};
        made.status = 412;
    } else if (which == 7 && !file.content.empty()) {
        made = {};
        made.status = 416;
        made.fields = {{"Content-Range", "bytes */" + std::to_string(file.content.size())}};
    }
    made.request =
        request_text("GET", spell(file.path, random), some_lines(random) + lines[which] + "\r\n");
    return made;
}

// Requests that no file answers.
sim_exchange other(dice& random) {
    struct row {
        std::string_view method;
        std::string_view target;
        int status;
    };
    constexpr std::array rows{
        row{"GET", "/nothing.txt", 404}, row{"HEAD", "/docs/none", 404},
        row{"GET", "/.hidden", 404},     row{"GET", "/small.html/x", 404},
        row{"GET", "/docs", 301},        row{"GET", "/bare/", 404},
        row{"GET", "/%zz", 400},         row{"GET", "/../x", 400},
        row{"OPTIONS", "*", 204},        row{"OPTIONS", "/small.html", 204},
        row{"DELETE", "/one.txt", 405},  row{"BREW", "/one.txt", 501},
        row{"PROPFIND", "/", 405},       row{"GET", "/%2fetc", 404},
    };
    const row& chosen = rows[random.below(rows.size())];
    sim_exchange made;
    made.status = chosen.status;
    made.head_only = chosen.method == "HEAD";
    if (made.status == 301) {
        made.fields.emplace_back("Location", "/docs/");
    } else if (made.status == 405 || made.status == 204) {
        made.fields.emplace_back("Allow", "GET, HEAD, OPTIONS");
    }
    made.request = request_text(chosen.method, chosen.target, some_lines(random));
    return made;
}

// A request body that nobody wants, after which the connection goes on.
sim_exchange with_body(const sim_file& file, dice& random) {
    const bool post = random.below(2) == 0;
    sim_exchange made = post ? sim_exchange{.status = 405} : about(file);
    const std::string_view method = post ? "POST" : "GET";
    // Looks like a request, so that it would be noticed if it were taken for one.
    std::string body = "GET /one.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    body.resize(random.between(1, 3000), 'b');
    if (random.below(3) == 0) {
        made.closes = closing::maybe;
        std::string chunks;
        while (!body.empty()) {
            const std::size_t size = random.between(1, body.size());
            constexpr std::string_view hex = "0123456789abcdef";
            chunks += {hex[size >> 12U & 15U], hex[size >> 8U & 15U], hex[size >> 4U & 15U],
                       hex[size & 15U]};
            chunks += random.below(3) == 0 ? ";name=value\r\n" : "\r\n";
            chunks += body.substr(0, size) + "\r\n";
            body.erase(0, size);
        }
        chunks += random.below(2) == 0 ? "0\r\n\r\n" : "0\r\nX-Trailer: t\r\n\r\n";
        made.request = request_text(method, file.path, "Transfer-Encoding: chunked\r\n") + chunks;
    } else {
        const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
        made.request = request_text(method, file.path, length) + body;
    }
    return made;
}

const sim_file& pick_file(const sim_site& site, std::size_t bytes_max, dice& random) {
    for (;;) {
        const sim_file& file = site.files()[random.below(site.files().size())];
        if (file.content.size() <= bytes_max) {
            return file;
        }
    }
}

}  // namespace

sim_exchange get_whole(const sim_file& file, std::string_view lines) {
    sim_exchange made = about(file);
    made.request = request_text("GET", file.path, lines);
    return made;
}

sim_exchange pick_exchange(const sim_site& site, std::size_t bytes_max, dice& random) {
    const sim_file& file = pick_file(site, bytes_max, random);
    switch (random.below(10)) {
        case 0: return one_part(file, random);
        case 1: return several_parts(file, random);
        case 2: return conditional(file, random);
        case 3: return other(random);
        case 4: return with_body(file, random);
        default: return plain(file, random);
    }
}

sim_exchange pick_malformed(dice& random) {
    struct row {
        std::string_view request;
        int status;
    };
    static const std::string long_target =
        "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
    static const std::string long_fields =
        "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n";
    static const std::array rows{
        row{"GET / HTTP/1.1\r\n\r\n", 400},
        row{"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        row{"GET / HTTP/1.1\nHost: h\n\n", 400},
        row{"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
        row{"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
        row{"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            "GET /one.txt HTTP/1.1\r\nHost: h\r\n\r\n",
            400},
        row{"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 400},
        row{"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
        row{"\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03", 400},
        row{long_target, 414},
        row{long_fields, 431},
    };
    const row& chosen = rows[random.below(rows.size())];
    sim_exchange made;
    made.request = chosen.request;
    made.status = chosen.status;
    made.closes = closing::always;
    return made;
}

sim_exchange pick_last(const sim_site& site, std::size_t bytes_max, dice& random) {
    const sim_file& file = pick_file(site, bytes_max, random);
    sim_exchange made = about(file);
    made.closes = closing::always;
    switch (random.below(5)) {
        case 0: return pick_malformed(random);
        case 1: made.request = request_text("GET", file.path, "Connection: close\r\n"); return made;
        case 2: made.request = request_text("GET", file.path, "", "HTTP/1.0"); return made;
        case 3:
            made.request =
                request_text("GET", file.path, "Expect: 100-continue\r\nContent-Length: 10\r\n");
            return made;
        default: {  // More than the server reads of a body that it does not want.
            made.request = request_text("PUT", file.path, "Content-Length: 65537\r\n") + "begin";
            sim_exchange refused{.request = made.request, .status = 405};
            refused.closes = closing::always;
            return refused;
        }
    }
}

}  // namespace ringway::test
