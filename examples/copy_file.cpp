// Shows reading ahead: several reads are in flight while what came before is written.
// usage: copy_file FROM TO     both in the current folder or below; prints the bytes copied
#include <cstdint>
#include <cstdio>
#include <string>

#include <ringway/fs/file.hpp>
#include <ringway/fs/stream_reader.hpp>
#include <ringway/runtime/cluster.hpp>

using namespace ringway;

static task<result<std::uint64_t>> pump(stream_reader& from, const file& to) {
    std::uint64_t copied = 0;
    for (;;) {
        const byte_view piece = co_await or_return(co_await from.next());
        if (piece.empty()) {
            co_return copied;
        }
        co_await or_return(co_await to.write(piece, copied));
        copied += piece.size();
    }
}

static task<result<std::uint64_t>> copy(std::string from, std::string to) {
    const root here = co_await or_return(root::open("."));
    const file source = co_await or_return(co_await open_file(here, from, open_mode::read));
    file target = co_await or_return(co_await open_file(here, to, open_mode::create));
    stream_reader reader{source.fd(), 0, stream_reader::to_the_end};
    const auto copied = co_await pump(reader, target);
    co_await reader.close();  // In any case: reads may still be in flight.
    co_await or_return(copied ? co_await target.close() : result<void>{});
    co_return copied;
}

static task<void> copy_and_tell(std::string from, std::string to, int& status) {
    const auto copied = co_await copy(from, to);
    if (copied) {
        std::printf("%llu bytes\n", static_cast<unsigned long long>(*copied));
    } else {
        std::fprintf(stderr, "copy_file: %s\n", describe(copied.error()).c_str());
        status = 1;
    }
}

int main(int count, char** words) {
    if (count != 3) {
        std::fputs("usage: copy_file FROM TO\n", stderr);
        return 2;
    }
    int status = 0;
    auto made = cluster::make({});
    if (!made || !(*made)->run([&](shard&) { return copy_and_tell(words[1], words[2], status); })) {
        return 1;
    }
    return status;
}
