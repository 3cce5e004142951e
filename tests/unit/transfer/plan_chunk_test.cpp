#include <ringway/transfer/transfer.hpp>

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace ringway {
namespace {

constexpr chunk_facts cold{.length = 1 << 20U, .has_fixed = true, .zero_copy_pays = true};

TEST(plan_chunk, what_is_in_the_page_cache_goes_by_sendfile) {
    chunk_facts facts = cold;
    facts.resident = true;
    EXPECT_EQ(plan_chunk(transfer_method::automatic, facts), transfer_method::sendfile);
    facts.kernel_tls = true;
    EXPECT_EQ(plan_chunk(transfer_method::automatic, facts), transfer_method::sendfile);
}

TEST(plan_chunk, what_is_not_is_read_and_sent_without_copying_where_that_pays) {
    EXPECT_EQ(plan_chunk(transfer_method::automatic, cold), transfer_method::zero_copy);
    chunk_facts facts = cold;
    facts.zero_copy_pays = false;
    EXPECT_EQ(plan_chunk(transfer_method::automatic, facts), transfer_method::copy);
    facts = cold;
    facts.length = 1000;
    EXPECT_EQ(plan_chunk(transfer_method::automatic, facts), transfer_method::copy);
    facts = cold;
    facts.has_fixed = false;
    EXPECT_EQ(plan_chunk(transfer_method::automatic, facts), transfer_method::copy);
}

// Goal: kernel TLS refuses SEND_ZC.
TEST(plan_chunk, no_zero_copy_where_the_kernel_encrypts) {
    chunk_facts facts = cold;
    facts.kernel_tls = true;
    EXPECT_EQ(plan_chunk(transfer_method::automatic, facts), transfer_method::copy);
    EXPECT_EQ(plan_chunk(transfer_method::zero_copy, facts), transfer_method::fixed);
    EXPECT_EQ(plan_chunk(transfer_method::gathered, facts), transfer_method::fixed);
}

TEST(plan_chunk, what_was_asked_for_is_done_where_it_can_be) {
    std::set<std::string> names;
    for (const auto asked :
         {transfer_method::copy, transfer_method::sendfile, transfer_method::splice,
          transfer_method::gathered, transfer_method::fixed, transfer_method::zero_copy,
          transfer_method::mapped}) {
        EXPECT_EQ(plan_chunk(asked, cold), asked);
        EXPECT_TRUE(names.insert(std::string{name_of(asked)}).second);
    }
    chunk_facts facts = cold;
    facts.has_fixed = false;
    EXPECT_EQ(plan_chunk(transfer_method::fixed, facts), transfer_method::copy);
    EXPECT_EQ(plan_chunk(transfer_method::zero_copy, facts), transfer_method::copy);
    EXPECT_EQ(name_of(transfer_method::automatic), "auto");
}

}  // namespace
}  // namespace ringway
