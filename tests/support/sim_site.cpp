#include "support/sim_site.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <sys/stat.h>

#include <ringway/wire/accept_encoding.hpp>

#include "ring/simulated_random.hpp"
#include "support/sim_server.hpp"

namespace ringway::test {
namespace {

root open_root(const scratch_directory& directory) {
    directory.make_directory("docs");
    directory.make_directory("bare");
    auto opened = root::open(directory.path());
    RW_ASSERT(opened.has_value());
    return *std::move(opened);
}

// An hour ago: validators of files that change this very second are weak.
void make_old(const std::string& path) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec -= 3600;
    const timespec times[2]{now, now};
    RW_ASSERT(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

}  // namespace

std::string sim_bytes(std::uint64_t seed, std::size_t size) {
    ringway::detail::simulated_random random{seed};
    std::string bytes(size, '\0');
    for (char& one : bytes) {
        one = static_cast<char>(random.below(256));
    }
    return bytes;
}

sim_site::sim_site() : root_{open_root(directory_)} {
    add("empty.txt", "/empty.txt", 0, "text/plain; charset=utf-8");
    add("one.txt", "/one.txt", 1, "text/plain; charset=utf-8");
    add("small.html", "/small.html", 100, "text/html; charset=utf-8");
    add("page.css", "/page.css", 4096, "text/css; charset=utf-8");
    add("docs/index.html", "/docs/", 777, "text/html; charset=utf-8");
    add("medium.bin", "/medium.bin", 70 * 1024, "application/octet-stream");
    add("large.bin", "/large.bin", 300 * 1024, "application/octet-stream");
    directory_.write(".hidden", "secret");
    for (sim_file& each : files_) {
        if (each.path == "/page.css") {
            each.gzipped = sim_bytes(99, 999);
            directory_.write("page.css.gz", each.gzipped);
            make_old(directory_.at("page.css.gz"));
        }
    }
    options_.precompressed = wire::coding_bit(wire::coding::gzip);
    options_.cache_control = "max-age=60";
}

void sim_site::add(std::string_view name, std::string_view path, std::size_t size,
                   std::string_view type) {
    sim_file added;
    added.path = path;
    added.content = sim_bytes(files_.size() + 1, size);
    added.type = type;
    directory_.write(name, added.content);
    make_old(directory_.at(name));
    files_.push_back(std::move(added));
}

const sim_site& sim_site::shared() {
    static const sim_site* const site = [] {
        static sim_site made;
        made.learn();
        return &made;
    }();
    return *site;
}

const sim_file& sim_site::file(std::string_view path) const {
    for (const sim_file& each : files_) {
        if (each.path == path) {
            return each;
        }
    }
    std::abort();
}

// Asks a server on a perfect kernel for each file.
void sim_site::learn() {
    for (sim_file& each : files_) {
        sim_exchange whole = get_whole(each);
        const sim_response plain = ask_once(*this, whole.request);
        each.etag = plain.find("etag");
        each.last_modified = plain.find("last-modified");
        RW_ASSERT(!each.etag.empty() && !each.last_modified.empty());
        RW_ASSERT(plain.body == each.content);
        if (!each.gzipped.empty()) {
            whole = get_whole(each, "Accept-Encoding: gzip\r\n");
            const sim_response coded = ask_once(*this, whole.request);
            each.gzipped_etag = coded.find("etag");
            RW_ASSERT(coded.body == each.gzipped && each.gzipped_etag != each.etag);
        }
    }
}

}  // namespace ringway::test
