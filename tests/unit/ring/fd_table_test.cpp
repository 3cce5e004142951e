#include "ring/fd_table.hpp"

#include <gtest/gtest.h>

namespace ringway {
namespace {

TEST(op_list, is_first_in_first_out_with_removal_from_anywhere) {
    operation ops[5];
    op_list list;
    EXPECT_TRUE(list.empty());
    for (operation& op : ops) {
        list.push_back(op);
    }
    list.remove(ops[2]);
    list.remove(ops[0]);
    list.remove(ops[4]);
    EXPECT_EQ(&list.front(), &ops[1]);
    list.push_back(ops[0]);
    op_list other;
    other.swap(list);
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(&other.pop_front(), &ops[1]);
    EXPECT_EQ(&other.pop_front(), &ops[3]);
    EXPECT_EQ(&other.pop_front(), &ops[0]);
    EXPECT_TRUE(other.empty());
}

TEST(fd_table, entries_stay_where_they_are) {
    fd_table table;
    EXPECT_EQ(table.find(3), nullptr);
    EXPECT_EQ(table.find(-1), nullptr);
    watched_fd& entry = table.at(3);
    EXPECT_EQ(entry.fd, 3);
    EXPECT_TRUE(entry.idle());
    static_cast<void>(table.at(100'000));
    EXPECT_EQ(table.find(3), &entry);
    EXPECT_EQ(&table.at(3), &entry);
    EXPECT_EQ(table.find(4), nullptr);
}

TEST(fd_table, a_key_is_of_one_generation) {
    fd_table table;
    watched_fd& entry = table.at(3);
    const std::uint64_t key = entry.key();
    EXPECT_EQ(table.find_key(key), &entry);
    ++entry.generation;
    EXPECT_EQ(table.find_key(key), nullptr);
    EXPECT_EQ(table.find_key(entry.key()), &entry);
    EXPECT_EQ(table.find_key(table.at(2).key() + 2), nullptr);  // A number without an entry.
}

TEST(watched_fd, is_idle_when_nothing_waits_on_any_side) {
    fd_table table;
    watched_fd& entry = table.at(0);
    for (const wait_side side : {wait_side::reading, wait_side::writing, wait_side::polling}) {
        operation op;
        entry.on(side).push_back(op);
        EXPECT_FALSE(entry.idle());
        entry.on(side).remove(op);
        EXPECT_TRUE(entry.idle());
    }
}

}  // namespace
}  // namespace ringway
