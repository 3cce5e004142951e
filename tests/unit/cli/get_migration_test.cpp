#include "cli/get_migration.hpp"

#include <cerrno>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

TEST(get_migration, places_are_told_as_they_were_given) {
    EXPECT_EQ(place_text(*parse_endpoint("127.0.0.2:0")), "127.0.0.2");
    EXPECT_EQ(place_text(*parse_endpoint("[::1]:0")), "[::1]");
    EXPECT_EQ(place_text(*parse_endpoint("[::1]:5")), "[::1]:5");
}

TEST(get_migration, problems_are_told_in_words) {
    EXPECT_EQ(migration_problem({errc::not_permitted, 0}), "the server does not allow it");
    EXPECT_EQ(migration_problem(error_from_errno(EADDRNOTAVAIL)),
              "it is no address of this machine");
    EXPECT_EQ(migration_problem(error_from_errno(EAFNOSUPPORT)),
              "the server can't be reached from such an address");
    EXPECT_EQ(migration_problem(error_from_errno(EACCES)), "Permission denied");
    EXPECT_EQ(migration_problem({errc::unsupported, 0}), "unsupported");
}

}  // namespace
}  // namespace ringway::cli
