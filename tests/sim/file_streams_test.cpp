// Readers and writers of files on simulated kernels: what is in the file comes out, or an error;
// what was accepted is in the file, or an error.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/fs/direct_file.hpp>
#include <ringway/fs/file.hpp>
#include <ringway/fs/replacement.hpp>
#include <ringway/fs/stream_reader.hpp>
#include <ringway/fs/stream_writer.hpp>

#include "ring/simulated_random.hpp"
#include "support/simulated_shard.hpp"
#include "support/simulation.hpp"

namespace ringway::test {
namespace {

std::string random_text(detail::simulated_random& random) {
    std::string text(random.below(200'000), ' ');
    for (char& c : text) {
        c = static_cast<char>('a' + random.below(26));
    }
    return text;
}

unique_fd file_of(const std::string& content) {
    unique_fd file{::memfd_create("stream", MFD_CLOEXEC)};
    EXPECT_EQ(::pwrite(file.get(), content.data(), content.size(), 0),
              static_cast<ssize_t>(content.size()));
    return file;
}

std::string content_of(int fd) {
    std::string all(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '?');
    EXPECT_EQ(::pread(fd, all.data(), all.size(), 0), static_cast<ssize_t>(all.size()));
    return all;
}

struct reading {
    std::string got;
    result<void> outcome;
    std::uint64_t position = 0;
    simulated_run run;
};

struct part {
    std::uint64_t offset;
    std::uint64_t length;
};

// Reads until the end, a failure, or, sometimes, until it has had enough.
task<void> read_stream(int fd, part what, std::uint64_t seed, reading& into) {
    detail::simulated_random random{seed * 3};
    const read_ahead how{.buffers = static_cast<unsigned>(random.between(1, 6)),
                         .buffer_bytes = static_cast<std::uint32_t>(random.between(1, 30'000)),
                         .enrolls = random.below(2) == 0};
    // Of files in memory since Linux 6.6.
    const bool direct = random.below(2) == 0 && ::fcntl(fd, F_SETFL, O_DIRECT) == 0;
    const direct_file as_direct{unique_fd{::dup(fd)}, {.memory = 512, .offset = 512}};
    const file plain{unique_fd{::dup(fd)}};
    stream_reader past{as_direct, what.offset, what.length, how};
    stream_reader through{plain.fd(), what.offset, what.length, how};
    stream_reader& reader = direct ? past : through;
    const std::uint64_t enough = random.below(4) == 0 ? random.below(100'000) : ~std::uint64_t{0};
    while (into.got.size() < enough) {
        const auto piece = co_await reader.next();
        if (!piece) {
            into.outcome = std::unexpected{piece.error()};
            EXPECT_EQ((co_await reader.next()).error(), piece.error());  // It sticks.
            break;
        }
        if (piece->empty()) {
            break;
        }
        into.got += as_text(*piece);
    }
    into.position = reader.position();
    co_await reader.close();
}

reading read_under(const simulation_options& options, const std::string& text, part what) {
    reading all;
    const unique_fd file = file_of(text);
    all.run = run_simulated(options, [&](simulated_driver&) {
        return read_stream(file.get(), what, options.seed, all);
    });
    return all;
}

TEST(file_streams_on_simulated_kernels, what_is_read_is_what_is_there) {
    std::size_t whole = 0;
    std::size_t failed = 0;
    for (const std::uint64_t seed : seeds(600)) {
        detail::simulated_random random{seed};
        const std::string text = random_text(random);
        const part what{random.below(text.size() + 1000), random.below(250'000)};
        const reading all = read_under(stormy(seed), text, what);
        SCOPED_TRACE(all.run.description);
        const std::string expected =
            text.substr(std::min<std::size_t>(what.offset, text.size()), what.length);
        EXPECT_TRUE(expected.starts_with(all.got));
        EXPECT_EQ(all.position, what.offset + all.got.size());
        if (!all.outcome) {
            EXPECT_EQ(all.outcome.error().sys, EIO);
            EXPECT_GT(all.run.faults[fault::file_error], 0U);
        }
        whole += all.got == expected ? 1 : 0;
        failed += all.outcome ? 0 : 1;
        EXPECT_EQ(all.run.leaks, leak_report{});
    }
    if (!seed_from_environment()) {
        EXPECT_GT(whole, 250U);
        EXPECT_GT(failed, 10U);
    }
}

struct writing {
    result<void> outcome;
    std::uint64_t accepted = 0;
    std::uint64_t written = 0;
    bool abandoned = false;
    simulated_run run;
};

task<result<void>> pour(stream_writer& into, const std::string& text,
                        detail::simulated_random& random) {
    if (random.below(3) == 0) {
        static_cast<void>(co_await into.preallocate(random.below(300'000) + 1));
    }
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = std::min<std::size_t>(random.between(1, 20'000), text.size() - at);
        co_await or_return(co_await into.write(as_bytes(text).subspan(at, size)));
        at += size;
        if (random.below(16) == 0) {
            co_await or_return(random.below(2) == 0 ? co_await into.flush() : co_await into.sync());
            EXPECT_EQ(into.written(), into.position());
        }
    }
    co_return result<void>{};
}

task<void> write_stream(int fd, const std::string& text, std::uint64_t seed, writing& how_far) {
    detail::simulated_random random{seed * 5};
    const write_behind how{.buffers = static_cast<unsigned>(random.between(1, 6)),
                           .buffer_bytes = static_cast<std::uint32_t>(random.between(1, 30'000))};
    // Of files in memory since Linux 6.6.
    const bool direct = random.below(2) == 0 && ::fcntl(fd, F_SETFL, O_DIRECT) == 0;
    const direct_file as_direct{unique_fd{::dup(fd)}, {.memory = 512, .offset = 512}};
    const file plain{unique_fd{::dup(fd)}};
    stream_writer past{as_direct, 0, how};
    stream_writer through{plain, 0, how};
    stream_writer& writer = direct ? past : through;
    how_far.outcome = co_await pour(writer, text, random);
    how_far.accepted = writer.position();
    how_far.abandoned = random.below(8) == 0;
    if (how_far.abandoned) {
        co_await writer.abandon();
    } else {
        const auto closed = co_await writer.close();
        EXPECT_TRUE(how_far.outcome || closed == how_far.outcome);  // It sticks.
        how_far.outcome = closed;
    }
    how_far.written = writer.written();
}

// Goal: a writer that says it is done has written everything, and one that failed says how much is
// there without claiming too much.
TEST(file_streams_on_simulated_kernels, what_is_written_is_there) {
    std::size_t whole = 0;
    std::size_t failed = 0;
    for (const std::uint64_t seed : seeds(600, 1000)) {
        detail::simulated_random random{seed};
        const std::string text = random_text(random);
        const unique_fd file = file_of("");
        writing all;
        all.run = run_simulated(stormy(seed), [&](simulated_driver&) {
            return write_stream(file.get(), text, seed, all);
        });
        SCOPED_TRACE(all.run.description);
        EXPECT_EQ(::fcntl(file.get(), F_SETFL, 0), 0);
        const std::string content = content_of(file.get());
        EXPECT_LE(all.written, all.accepted);
        EXPECT_TRUE(content.starts_with(text.substr(0, all.written)));
        if (all.outcome && !all.abandoned) {
            EXPECT_TRUE(content == text);
            EXPECT_EQ(all.written, text.size());
            ++whole;
        }
        if (!all.outcome) {
            const int sys = all.outcome.error().sys;
            EXPECT_TRUE(sys == EIO || sys == ENOSPC) << sys;
            EXPECT_GT(all.run.faults[fault::file_error] + all.run.faults[fault::no_space], 0U);
            ++failed;
        }
        EXPECT_EQ(all.run.leaks, leak_report{});
    }
    if (!seed_from_environment()) {
        EXPECT_GT(whole, 200U);
        EXPECT_GT(failed, 10U);
    }
}

task<result<void>> replace_once(const root& where, const std::string& text, bool named) {
    auto made = co_await or_return(
        co_await replacement::begin(where, "file", {.durable = true, .named = named}));
    const auto written = co_await made.content().write(as_bytes(text), 0);
    if (!written) {
        co_await made.abandon();
        co_return written;
    }
    co_return co_await made.commit();
}

// Goal: whatever fails, the name leads to all of the old or all of the new, and to nothing else.
TEST(file_streams_on_simulated_kernels, a_replacement_is_whole_or_not_there) {
    std::size_t replaced = 0;
    std::size_t kept = 0;
    std::string name = "/dev/shm/ringway-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    const auto where = root::open(name);
    const std::string path = name + "/file";
    for (const std::uint64_t seed : seeds(400, 2000)) {
        const std::string before = "old " + std::to_string(seed);
        const std::string after(5000 + seed, 'n');
        ::unlink(path.c_str());
        const unique_fd old{::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)};
        ASSERT_GT(::write(old.get(), before.data(), before.size()), 0);
        result<void> outcome;
        const auto main = [&](simulated_driver&) -> task<void> {
            return [](const root& in, const std::string& text, bool named,
                      result<void>& into) -> task<void> {
                into = co_await replace_once(in, text, named);
            }(*where, after, seed % 2 == 0, outcome);
        };
        simulation_options options = stormy(seed);
        options.per_mille[fault::file_error] = seed % 3 == 0 ? 0 : 60;
        const simulated_run run = run_simulated(options, main);
        SCOPED_TRACE(run.description);
        const unique_fd now{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
        const std::string content = content_of(now.get());
        EXPECT_TRUE(content == before || content == after);
        EXPECT_TRUE(!outcome || content == after) << describe(outcome.error());
        ++(content == after ? replaced : kept);
        EXPECT_EQ(run.leaks, leak_report{});
    }
    ::unlink(path.c_str());
    EXPECT_EQ(::rmdir(name.c_str()), 0) << "something was left behind";
    if (!seed_from_environment()) {
        EXPECT_GT(replaced, 50U);
        EXPECT_GT(kept, 50U);
    }
}

}  // namespace
}  // namespace ringway::test
