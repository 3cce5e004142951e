#include "copy/copy_range.hpp"

#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

#include "support/made_file.hpp"
#include "support/run_on_shard.hpp"
#include "support/simulation.hpp"

namespace ringway {
namespace {

using test::pattern;

// A kernel that interrupts, moves less than it is asked for and, if wanted, fails at some call.
class unkind_calls : public kernel_calls {
public:
    unkind_calls(std::uint64_t seed, int failure, unsigned fails_at)
        : random_{seed}, failure_{failure}, fails_at_{fails_at} {}

    ssize_t read(int from, void* memory, std::size_t length,
                 std::uint64_t offset) noexcept override {
        return interfere(length) ? kernel_calls::read(from, memory, length, offset) : -1;
    }
    ssize_t write(int to, const void* memory, std::size_t length,
                  std::uint64_t offset) noexcept override {
        return interfere(length) ? kernel_calls::write(to, memory, length, offset) : -1;
    }
    ssize_t copy_range(int from, std::uint64_t offset, int to, std::uint64_t to_offset,
                       std::size_t length) noexcept override {
        return interfere(length) ? kernel_calls::copy_range(from, offset, to, to_offset, length)
                                 : -1;
    }
    ssize_t send_file(int from, std::uint64_t offset, int to,
                      std::size_t length) noexcept override {
        return interfere(length) ? kernel_calls::send_file(from, offset, to, length) : -1;
    }
    ssize_t fill(int from, std::uint64_t offset, int pipe, std::size_t length) noexcept override {
        return interfere(length) ? kernel_calls::fill(from, offset, pipe, length) : -1;
    }
    ssize_t drain(int pipe, int to, std::uint64_t offset, std::size_t length) noexcept override {
        return interfere(length) ? kernel_calls::drain(pipe, to, offset, length) : -1;
    }

    [[nodiscard]] bool has_failed() const noexcept { return calls_ > fails_at_ && failure_ != 0; }

private:
    // False: the call fails, with errno set. May shorten it.
    bool interfere(std::size_t& length) noexcept {
        if (calls_++ == fails_at_ && failure_ != 0) {
            errno = failure_;
            return false;
        }
        if (random_.below(5) == 0) {
            errno = EINTR;
            return false;
        }
        if (length > 1 && random_.below(2) == 0) {
            length = random_.between(1, length - 1);
        }
        return true;
    }

    detail::simulated_random random_;
    int failure_;
    unsigned fails_at_;
    unsigned calls_ = 0;
};

struct files {
    files(const test::scratch_directory& where, const std::string& content) {
        where.write("from", content);
        from = unique_fd{::open(where.at("from").c_str(), O_RDWR | O_CLOEXEC)};
        to =
            unique_fd{::open(where.at("to").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    }
    [[nodiscard]] std::string copy() const {
        std::string text(static_cast<std::size_t>(::lseek(to.get(), 0, SEEK_END)), '\0');
        EXPECT_EQ(::pread(to.get(), text.data(), text.size(), 0),
                  static_cast<ssize_t>(text.size()));
        return text;
    }
    unique_fd from;
    unique_fd to;
};

constexpr copy_method blocking_methods[] = {copy_method::read_write, copy_method::mapped,
                                            copy_method::splice, copy_method::sendfile,
                                            copy_method::copy_file_range};

class blocking_way : public testing::TestWithParam<copy_method> {
protected:
    test::scratch_directory directory_;
};

// Goal: however the kernel cuts and interrupts the calls, the bytes are right.
TEST_P(blocking_way, copies_exactly_whatever_the_kernel_does) {
    for (const std::uint64_t seed : test::seeds(120)) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        detail::simulated_random random{seed};
        const std::size_t size = random.between(1, 150'000);
        const std::string content = pattern(size);
        const files pair{directory_, content};
        unkind_calls calls{seed, 0, 0};
        copy_meter meter;
        const copy_context context{.calls = calls,
                                   .from = pair.from.get(),
                                   .to = pair.to.get(),
                                   .method = GetParam(),
                                   .buffer_bytes = 16'384,
                                   .meter = meter};
        const std::uint64_t begin = random.between(0, size - 1);
        const std::uint64_t length = random.between(1, size - begin);

        const auto copied = copy_range(context, {begin, length});

        ASSERT_TRUE(copied.has_value()) << describe(copied.error());
        ASSERT_EQ(*copied, length);
        EXPECT_EQ(meter.bytes.load(), length);
        ASSERT_EQ(pair.copy(), std::string(begin, '\0') + content.substr(begin, length));
    }
}

// Goal: a failure comes out as itself, whichever call it struck, and nothing is left in a pipe.
TEST_P(blocking_way, tells_what_failed) {
    for (const std::uint64_t seed : test::seeds(100)) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const std::string content = pattern(100'000);
        const files pair{directory_, content};
        const int failure = seed % 2 == 0 ? EIO : ENOSPC;
        unkind_calls calls{seed, failure, static_cast<unsigned>(seed % 12)};
        copy_meter meter;
        copy_context context{.calls = calls,
                             .from = pair.from.get(),
                             .to = pair.to.get(),
                             .method = GetParam(),
                             .buffer_bytes = 16'384,
                             .meter = meter};

        const auto copied = copy_range(context, {0, content.size()});

        if (calls.has_failed()) {
            ASSERT_FALSE(copied.has_value());
            EXPECT_EQ(copied.error().sys, failure);
        } else {
            ASSERT_EQ(copied.value_or(0), content.size());
        }
        const copy_context again{.calls = kernel_calls::real(),
                                 .from = pair.from.get(),
                                 .to = pair.to.get(),
                                 .method = GetParam(),
                                 .meter = meter};
        ASSERT_EQ(copy_range(again, {0, content.size()}).value_or(0), content.size());
        ASSERT_EQ(pair.copy(), content);
    }
}

TEST_P(blocking_way, ends_where_the_source_ends) {
    const std::string content = pattern(10'000);
    const files pair{directory_, content};
    copy_meter meter;
    const copy_context context{.calls = kernel_calls::real(),
                               .from = pair.from.get(),
                               .to = pair.to.get(),
                               .method = GetParam(),
                               .meter = meter};

    const auto copied = copy_range(context, {0, 500'000});

    // A mapping ends with its page: what is behind the file in it are zeros of the kernel.
    const std::uint64_t most = GetParam() == copy_method::mapped ? 12'288 : 10'000;
    EXPECT_GE(copied.value_or(0), 10'000U);
    EXPECT_LE(copied.value_or(0), most);
    EXPECT_EQ(pair.copy().substr(0, 10'000), content);
}

TEST_P(blocking_way, stops_when_it_is_told) {
    const files pair{directory_, pattern(10'000)};
    copy_meter meter;
    meter.stop = true;
    const copy_context context{.calls = kernel_calls::real(),
                               .from = pair.from.get(),
                               .to = pair.to.get(),
                               .method = GetParam(),
                               .meter = meter};

    const auto copied = copy_range(context, {0, 10'000});

    ASSERT_FALSE(copied.has_value());
    EXPECT_EQ(copied.error().code, errc::canceled);
    EXPECT_EQ(pair.copy(), "");
}

INSTANTIATE_TEST_SUITE_P(copy, blocking_way, testing::ValuesIn(blocking_methods),
                         [](const auto& info) { return std::string{name_of(info.param)}; });

TEST(copy_range, a_way_that_is_refused_is_unsupported) {
    const test::scratch_directory directory;
    const files pair{directory, pattern(10'000)};
    unkind_calls calls{1, EXDEV, 0};
    copy_meter meter;
    const copy_context context{.calls = calls,
                               .from = pair.from.get(),
                               .to = pair.to.get(),
                               .method = copy_method::copy_file_range,
                               .meter = meter};

    const auto copied = copy_range(context, {0, 10'000});

    ASSERT_FALSE(copied.has_value());
    EXPECT_EQ(copied.error(), (error{errc::unsupported, EXDEV}));
}

TEST(copy_range, zeros_become_holes_when_asked_to) {
    const test::scratch_directory directory;
    std::string content = pattern(400'000);
    content.replace(100'000, 200'000, 200'000, '\0');
    const files pair{directory, content};
    copy_meter meter;
    const copy_context context{.calls = kernel_calls::real(),
                               .from = pair.from.get(),
                               .to = pair.to.get(),
                               .skip_zeros = true,
                               .buffer_bytes = 65'536,
                               .meter = meter};

    ASSERT_EQ(copy_range(context, {0, content.size()}).value_or(0), content.size());

    EXPECT_EQ(pair.copy(), content);
    EXPECT_LT(test::stored_bytes(directory.at("to")), 250'000U);
}

TEST(copy_stream, reads_a_pipe_until_it_ends) {
    const test::scratch_directory directory;
    const files pair{directory, ""};
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const unique_fd out{ends[0]};
    unique_fd in{ends[1]};
    const std::string content = pattern(50'000);
    ASSERT_EQ(::write(in.get(), content.data(), content.size()), 50'000);
    in.reset();
    copy_meter meter;
    const copy_context context{.calls = kernel_calls::real(),
                               .from = out.get(),
                               .to = pair.to.get(),
                               .buffer_bytes = 4096,
                               .meter = meter};

    EXPECT_EQ(copy_stream(context).value_or(0), 50'000U);
    EXPECT_EQ(pair.copy(), content);
}

TEST(zeros_in_front, counts_whole_blocks) {
    std::string memory(3 * 4096 + 100, '\0');
    const auto* const bytes = reinterpret_cast<const std::byte*>(memory.data());
    EXPECT_EQ(zeros_in_front(bytes, memory.size()), memory.size());
    memory[4096] = 'x';
    EXPECT_EQ(zeros_in_front(bytes, memory.size()), 4096U);
    memory[4096] = '\0';
    memory.back() = 'x';
    EXPECT_EQ(zeros_in_front(bytes, memory.size()), std::size_t{3} * 4096);
    EXPECT_EQ(zeros_in_front(bytes, 1), 1U);
}

}  // namespace
}  // namespace ringway
