// Every way of reading a file yields the same bytes as every other.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

#include <ringway/fs/direct_file.hpp>
#include <ringway/fs/mapped_file.hpp>
#include <ringway/fs/stream_reader.hpp>

#include "support/mounted.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

class reading_ways : public test::each_file_system {};
INSTANTIATE_TEST_SUITE_P(on, reading_ways, test::file_systems(), test::name_of_file_system);

struct place {
    std::uint64_t offset;
    std::size_t size;
};

byte_span span_of(std::string& text) {
    return {reinterpret_cast<std::byte*>(text.data()), text.size()};
}

// A file with holes in it, which is what plain pread(2) says it is.
std::string make_file(const std::string& path, std::size_t size, std::mt19937& random) {
    const unique_fd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(size)), 0);
    for (std::size_t at = 0; at < size;) {
        const std::size_t part = std::min<std::size_t>(1 + random() % 300'000, size - at);
        if (random() % 3 != 0) {
            const std::string text = test::pattern(part, static_cast<unsigned>(random()));
            EXPECT_EQ(::pwrite(fd.get(), text.data(), part, static_cast<off_t>(at)),
                      static_cast<ssize_t>(part));
        }
        at += part;
    }
    std::string all(size, '?');
    EXPECT_EQ(::pread(fd.get(), all.data(), size, 0), static_cast<ssize_t>(size));
    EXPECT_EQ(::fsync(fd.get()), 0);  // Direct reads of delayed blocks are slow.
    return all;
}

task<std::string> drain(stream_reader& reader) {
    std::string all;
    for (;;) {
        const auto piece = co_await reader.next();
        EXPECT_TRUE(piece.has_value()) << describe(piece.error());
        if (!piece || piece->empty()) {
            break;
        }
        all += as_text(*piece);
    }
    co_await reader.close();
    co_return all;
}

task<std::string> by_pread(const root& where, place what) {
    const auto file = co_await open_file(where, "file", open_mode::read);
    std::string all(what.size, '?');
    all.resize(*co_await file->read_full(span_of(all), what.offset));
    co_return all;
}

task<std::string> by_direct_read(const root& where, place what) {
    const auto file = co_await open_direct(where, "file", open_mode::read);
    if (!file) {
        co_return "open_direct: " + describe(file.error());
    }
    std::string all(what.size, '?');
    all.resize(*co_await file->read(span_of(all), what.offset));
    co_return all;
}

template <unsigned Buffers, unsigned Bytes, bool Enrolls>
task<std::string> by_stream(const root& where, place what) {
    const auto file = co_await open_file(where, "file", open_mode::read);
    stream_reader reader{file->fd(), what.offset, what.size, {Buffers, Bytes, Enrolls}};
    co_return co_await drain(reader);
}

template <unsigned Buffers, unsigned Bytes, bool Enrolls>
task<std::string> by_direct_stream(const root& where, place what) {
    const auto file = co_await open_direct(where, "file", open_mode::read);
    if (!file) {
        co_return "open_direct: " + describe(file.error());
    }
    stream_reader reader{*file, what.offset, what.size, {Buffers, Bytes, Enrolls}};
    co_return co_await drain(reader);
}

task<std::string> by_copy_of_mapping(const root& where, place what) {
    const auto file = co_await open_file(where, "file", open_mode::read);
    const auto mapped = mapped_file::map(*file);
    std::string all(what.size, '?');
    all.resize(*mapped->copy_out(span_of(all), what.offset));
    co_return all;
}

task<std::string> by_mapping(const root& where, place what) {
    const auto file = co_await open_file(where, "file", open_mode::read);
    const auto mapped = mapped_file::map(*file);
    std::string all(what.size, '?');
    all.resize(*co_await mapped->read(span_of(all), what.offset));
    co_return all;
}

task<std::string> by_read_files(const root& where, place what) {
    const std::vector<std::string> names{"file"};
    auto all = co_await read_files(where, names);
    std::string& content = *all.front();
    co_return content.substr(std::min<std::size_t>(what.offset, content.size()), what.size);
}

struct way {
    const char* name;
    task<std::string> (*read)(const root& where, place what);
    bool is_direct = false;
};

constexpr way ways[] = {{"pread", by_pread},
                        {"direct", by_direct_read, true},
                        {"stream", by_stream<4, 131072, false>},
                        {"odd stream", by_stream<3, 7777, false>},
                        {"enrolled stream", by_stream<2, 65536, true>},
                        {"direct stream", by_direct_stream<4, 131072, false>, true},
                        {"odd direct stream", by_direct_stream<1, 5000, false>, true},
                        {"enrolled direct stream", by_direct_stream<3, 65536, true>, true},
                        {"mapping, copied", by_copy_of_mapping},
                        {"mapping", by_mapping},
                        {"batch", by_read_files}};

TEST_P(reading_ways, yield_the_same) {
    const bool direct = has_direct_io();
    std::mt19937 random{7};
    std::vector<std::size_t> sizes{0, 1, 511, 512, 513, 4095, 4096, 4097, 65'536, 131'073};
    for (int i = 0; i < 3; ++i) {
        sizes.push_back(random() % 5'000'000);
    }
    for (const std::size_t size : sizes) {
        const std::string expected = make_file(at("file"), size, random);
        for (int i = 0; i < 4; ++i) {
            const place what = i == 0 ? place{0, size + 1}
                                      : place{random() % (size + 100), random() % (size + 100)};
            const std::string part =
                expected.substr(std::min<std::size_t>(what.offset, size), what.size);
            for (const way& each : ways) {
                if (each.is_direct && !direct) {
                    continue;
                }
                EXPECT_TRUE(test::run_on_shard(each.read(where(), what)) == part)
                    << each.name << ": " << what.size << " bytes at " << what.offset << " of "
                    << size;
            }
        }
    }
}

}  // namespace
}  // namespace ringway
