#include "lab/lookup.hpp"

#include <fcntl.h>
#include <set>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/temporary_site.hpp"

namespace ringway::lab {
namespace {

TEST(lookup, records_of_a_file_are_where_they_belong) {
    const test::scratch_directory folder;
    const auto path = folder.at("records");
    ASSERT_TRUE(make_records(path, 10'000 * 16));
    const auto file = record_file::open(path, false);
    ASSERT_TRUE(file) << file.error();
    const auto block = std::make_unique<lookup_block>();
    for (const std::uint64_t number : {0U, 1U, 15U, 16U, 4095U, 4096U, 159'999U}) {
        ASSERT_EQ(::pread(file->fd(), block->bytes.data(), lookup_block_bytes,
                          static_cast<off_t>(file->block_of(number))),
                  static_cast<ssize_t>(lookup_block_bytes));
        record expected;
        fill_record(expected, number);
        EXPECT_TRUE(std::ranges::equal(block->record_of(number), expected)) << number;
    }
    EXPECT_EQ(file->block_of(160'000), 0U);  // Beyond the end: from the beginning again.
    EXPECT_TRUE(forget_file(path));
    EXPECT_FALSE(forget_file(folder.at("none")));
    EXPECT_FALSE(record_file::open(folder.at("none"), false));
}

TEST(lookup, records_differ) {
    std::set<record> all;
    for (std::uint64_t number = 0; number < 1000; ++number) {
        record one;
        fill_record(one, number);
        EXPECT_TRUE(all.insert(one).second);
    }
}

TEST(lookup, requests_cut_anywhere) {
    const std::string two("\x01\x02\x03\x04\x05\x06\x07\x08\xff\0\0\0\0\0\0\0", 16);
    for (std::size_t cut = 0; cut <= two.size(); ++cut) {
        lookup_request request;
        std::vector<std::uint64_t> numbers;
        for (auto piece :
             {std::string_view{two}.substr(0, cut), std::string_view{two}.substr(cut)}) {
            auto bytes = as_bytes(piece);
            while (request.take(bytes)) {
                numbers.push_back(request.number());
            }
        }
        EXPECT_EQ(numbers, (std::vector<std::uint64_t>{0x0807060504030201, 0xff})) << cut;
    }
}

}  // namespace
}  // namespace ringway::lab
