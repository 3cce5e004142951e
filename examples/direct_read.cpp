// Shows reading past the page cache: any part of a file, with O_DIRECT's alignment taken care of.
// usage: direct_read FILE OFFSET BYTES     FILE in the current folder or below; prints the bytes
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include <ringway/fs/direct_file.hpp>
#include <ringway/fs/stream_reader.hpp>
#include <ringway/runtime/cluster.hpp>

using namespace ringway;

static task<result<void>> print(std::string name, std::uint64_t offset, std::uint64_t bytes) {
    const root here = co_await or_return(root::open("."));
    const direct_file from = co_await or_return(co_await open_direct(here, name, open_mode::read));
    const direct_alignment& block = from.alignment();
    std::fprintf(stderr, "blocks of %u bytes, memory of %u%s\n", block.offset, block.memory,
                 block.told ? "" : " (assumed)");
    stream_reader reader{from, offset, bytes};
    auto piece = co_await reader.next();
    for (; piece && !piece->empty(); piece = co_await reader.next()) {
        std::fwrite(piece->data(), 1, piece->size(), stdout);
    }
    co_await reader.close();
    co_return piece ? result<void>{} : std::unexpected{piece.error()};
}

static task<void> print_or_complain(std::string name, std::uint64_t offset, std::uint64_t bytes,
                                    int& status) {
    const auto printed = co_await print(std::move(name), offset, bytes);
    if (!printed) {
        std::fprintf(stderr, "direct_read: %s\n", describe(printed.error()).c_str());
        status = 1;
    }
}

static std::uint64_t number(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

int main(int count, char** words) {
    if (count != 4) {
        std::fputs("usage: direct_read FILE OFFSET BYTES\n", stderr);
        return 2;
    }
    int status = 0;
    auto made = cluster::make({});
    const auto run = [&](shard&) {
        return print_or_complain(words[1], number(words[2]), number(words[3]), status);
    };
    return made && (*made)->run(run) ? status : 1;
}
