#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include <ringway/fs/file.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

class file_test : public testing::Test {
protected:
    test::scratch_directory scratch_;
    root root_ = *root::open(scratch_.path());
};

using body = task<void>;

TEST_F(file_test, what_is_written_is_read_back) {
    const auto run = [](const root& where) -> body {
        auto made = co_await open_file(where, "new", open_mode::create_new);
        RW_CO_ASSERT(made.has_value());
        const std::string text = test::pattern(300'000);
        EXPECT_TRUE((co_await made->write(as_bytes(text), 10)).has_value());
        EXPECT_TRUE((co_await made->sync()).has_value());
        EXPECT_TRUE((co_await made->sync(true)).has_value());
        EXPECT_EQ(*made->size(), 300'010U);

        std::string back(text.size() + 5, '?');
        const byte_span into{reinterpret_cast<std::byte*>(back.data()), back.size()};
        EXPECT_EQ(*co_await made->read_full(into, 10), text.size());
        EXPECT_EQ(back.substr(0, text.size()), text);
        EXPECT_EQ(*co_await made->read(into, 1'000'000), 0U);
        EXPECT_TRUE((co_await made->close()).has_value());
    };
    test::run_on_shard(run(root_));
}

TEST_F(file_test, modes_do_what_their_names_say) {
    scratch_.write("old", "content");
    const auto run = [](const root& where) -> body {
        EXPECT_EQ((co_await open_file(where, "old", open_mode::create_new)).error().sys, EEXIST);
        EXPECT_EQ((co_await open_file(where, "none", open_mode::write)).error().code,
                  errc::not_found);
        const auto both = co_await open_file(where, "old", open_mode::read_write);
        EXPECT_EQ(*both->size(), 7U);
        const auto reader = co_await open_file(where, "old", open_mode::read);
        const std::string text = "x";
        EXPECT_EQ((co_await reader->write(as_bytes(text), 0)).error().sys, EBADF);
        const auto emptied = co_await open_file(where, "old", open_mode::create);
        EXPECT_EQ(*emptied->size(), 0U);
    };
    test::run_on_shard(run(root_));
}

// Goal: no offset means the file's own position.
TEST_F(file_test, offsets_that_no_file_has_are_refused) {
    const auto run = [](const root& where) -> body {
        const auto made = co_await open_file(where, "new", open_mode::create);
        EXPECT_TRUE((co_await made->write(as_bytes("hello"), 0)).has_value());
        std::array<std::byte, 4> memory{};
        for (const std::uint64_t offset :
             {~std::uint64_t{0}, ~std::uint64_t{0} - 1, std::uint64_t{1} << 63U}) {
            EXPECT_EQ((co_await made->write(as_bytes("X"), offset)).error().sys, EINVAL);
            EXPECT_EQ((co_await made->read(memory, offset)).error().sys, EINVAL);
        }
        EXPECT_EQ((co_await made->read_all(100)).value_or(""), "hello");
    };
    test::run_on_shard(run(root_));
}

// Goal: writing is confined to the root like reading.
TEST_F(file_test, nothing_is_created_outside) {
    scratch_.make_directory("inner");
    scratch_.make_link("inner/out", scratch_.at("target"));
    root_ = *root::open(scratch_.at("inner"));
    const auto run = [](const root& where) -> body {
        for (const char* const path : {"../target", "/tmp/ringway-target", "out"}) {
            const auto made = co_await open_file(where, path, open_mode::create);
            EXPECT_FALSE(made.has_value()) << path;
        }
    };
    test::run_on_shard(run(root_));
    EXPECT_FALSE(std::filesystem::exists(scratch_.at("target")));
}

TEST_F(file_test, read_all_knows_files_with_and_without_a_size) {
    scratch_.write("empty", "");
    scratch_.write("large", test::pattern(200'000));
    const auto run = [](const root& where) -> body {
        const auto empty = co_await open_file(where, "empty", open_mode::read);
        EXPECT_EQ(*co_await empty->read_all(10), "");
        const auto large = co_await open_file(where, "large", open_mode::read);
        EXPECT_EQ(*co_await large->read_all(200'000), test::pattern(200'000));
        EXPECT_EQ((co_await large->read_all(199'999)).error().code, errc::limit);
        const auto proc = root::open("/proc/self");
        const auto sizeless = co_await open_file(*proc, "status", open_mode::read);
        const auto content = co_await sizeless->read_all(100'000);
        EXPECT_NE(content->find("Threads:"), std::string::npos);
        EXPECT_EQ((co_await sizeless->read_all(100)).error().code, errc::limit);
    };
    test::run_on_shard(run(root_));
}

}  // namespace
}  // namespace ringway
