#include <cstddef>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <vector>

#include "quic/id_table.hpp"

namespace ringway::quic::detail {
namespace {

struct somebody final : packet_target {
    void receive(const arrival&, byte_view) override {}
};

ngtcp2_cid id_of(unsigned number, std::size_t size) {
    ngtcp2_cid made{};
    made.datalen = size;
    for (std::size_t i = 0; i < size; ++i) {
        made.data[i] = static_cast<std::uint8_t>(number >> (8 * (i % 4)));
    }
    return made;
}

TEST(id_table, knows_who_answers) {
    id_table table;
    somebody one;
    somebody two;
    const ngtcp2_cid id = id_of(1, 8);
    EXPECT_EQ(table.find(id.data, id.datalen), nullptr);
    table.put(id, one);
    EXPECT_EQ(table.find(id.data, 8), &one);
    EXPECT_EQ(table.find(id.data, 7), nullptr);
    table.put(id, two);
    EXPECT_EQ(table.find(id.data, 8), &two);
    EXPECT_EQ(table.size(), 1U);
    table.erase(id, one);  // It is not his any more.
    EXPECT_EQ(table.find(id.data, 8), &two);
    table.erase(id, two);
    table.erase(id, two);
    EXPECT_EQ(table.size(), 0U);
}

TEST(id_table, takes_the_empty_id_and_no_longer_ones_than_there_are) {
    id_table table;
    somebody one;
    const ngtcp2_cid empty{};
    table.put(empty, one);
    EXPECT_EQ(table.find(empty.data, 0), &one);
    const std::vector<std::uint8_t> endless(255, 0);
    EXPECT_EQ(table.find(endless.data(), endless.size()), nullptr);
    table.erase(empty, one);
}

// Goal: whatever is put and erased, it is a map.
TEST(id_table, as_a_map) {
    id_table table;
    std::vector<somebody> targets(7);
    std::map<unsigned, somebody*> model;
    std::minstd_rand random{11};
    for (int step = 0; step < 50'000; ++step) {
        const auto number = static_cast<unsigned>(random() % 3000);
        const ngtcp2_cid id = id_of(number, 4 + number % 17);
        if (random() % 2 == 0) {
            somebody& target = targets[random() % targets.size()];
            table.put(id, target);
            model[number] = &target;
        } else if (const auto found = model.find(number); found != model.end()) {
            table.erase(id, *found->second);
            model.erase(found);
        }
    }
    EXPECT_EQ(table.size(), model.size());
    for (unsigned number = 0; number < 3000; ++number) {
        const ngtcp2_cid id = id_of(number, 4 + number % 17);
        const auto found = model.find(number);
        EXPECT_EQ(table.find(id.data, id.datalen), found == model.end() ? nullptr : found->second);
    }
}

}  // namespace
}  // namespace ringway::quic::detail
