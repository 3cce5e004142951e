#include <ringway/tls/certificate_files.hpp>

#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/made_certificate.hpp"
#include "support/temporary_site.hpp"

namespace ringway::tls {
namespace {

namespace fs = std::filesystem;
using files = std::vector<certificate_files>;

class certificate_files_test : public ::testing::Test {
protected:
    [[nodiscard]] std::string at(std::string_view name) const { return directory_.at(name); }
    [[nodiscard]] std::string error_of(const certificate_sources& sources) const {
        const auto read = read_certificates(sources);
        return read ? "no failure" : read.error();
    }
    // The same, with the path of the directory left out.
    [[nodiscard]] std::string error_in(const std::string& name) const {
        const auto found = find_pairs(at(name));
        std::string text = found ? "no failure" : found.error();
        for (auto place = text.find(directory_.path() + "/"); place != std::string::npos;
             place = text.find(directory_.path() + "/")) {
            text.erase(place, directory_.path().size() + 1);
        }
        return text;
    }

    test::temporary_site directory_;
};

TEST_F(certificate_files_test, finds_pairs_in_a_directory) {
    for (const std::string_view name :
         {"d/b.crt", "d/b.key", "d/a.pem", "d/a.key", "d/both.pem", "d/README", "d/.hidden.pem",
          "d/.hidden.key", "d/live/fullchain.pem", "d/live/privkey.pem", "d/live/cert.pem",
          "d/other/x.pem", "d/c.crt", "d/c.pem", "d/c.key"}) {
        directory_.add(name, "x");
    }
    const auto found = find_pairs(at("d"));

    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(*found, (files{{at("d/a.pem"), at("d/a.key")},
                             {at("d/b.crt"), at("d/b.key")},
                             {at("d/both.pem"), ""},
                             {at("d/c.crt"), at("d/c.key")},
                             {at("d/c.pem"), ""},
                             {at("d/live/fullchain.pem"), at("d/live/privkey.pem")}}));
}

// Goal: /etc/letsencrypt/live/NAME can be named itself; cert.pem and chain.pem are no pairs.
TEST_F(certificate_files_test, finds_the_pair_of_certbot) {
    directory_.add("archive/fullchain1.pem", "chain");
    directory_.add("archive/privkey1.pem", "key");
    directory_.add("live/cert.pem", "x");
    directory_.add("live/chain.pem", "x");
    directory_.add_link("live/fullchain.pem", "../archive/fullchain1.pem");
    directory_.add_link("live/privkey.pem", "../archive/privkey1.pem");

    const auto read = read_certificates({.files = {}, .directories = {at("live")}});
    ASSERT_TRUE(read) << read.error();
    ASSERT_EQ(read->pairs.size(), 1U);
    EXPECT_EQ(read->pairs[0].file, at("live/fullchain.pem"));
    EXPECT_EQ(read->pairs[0].chain, "chain");
    EXPECT_EQ(read->pairs[0].key_file, at("live/privkey.pem"));
    EXPECT_EQ(read->pairs[0].key, "key");
}

TEST_F(certificate_files_test, says_what_is_wrong_with_a_directory) {
    fs::create_directory(at("empty"));
    directory_.add("file", "x");
    directory_.add("lonely/a.key", "x");

    EXPECT_EQ(
        error_in("empty"),
        "empty: no certificate in it; put NAME.crt and NAME.key there, NAME.pem with both, or "
        "NAME/fullchain.pem and NAME/privkey.pem");
    EXPECT_EQ(error_in("file"), "file: not a directory; for a file: --tls file");
    EXPECT_EQ(error_in("missing"), "missing: no such file; name one that exists");
    EXPECT_EQ(error_in("lonely"), "lonely/a.key: no certificate beside it; add lonely/a.crt");
}

TEST_F(certificate_files_test, says_why_a_file_cannot_be_read) {
    directory_.add("chain", "x");
    directory_.add("huge", std::string(certificate_file_bytes_max + 1, 'x'));
    directory_.add_fifo("fifo");
    fs::create_directory(at("folder"));
    const auto of = [&](const std::string& chain, const std::string& key = "") {
        return error_of({.files = {{at(chain), key.empty() ? "" : at(key)}}, .directories = {}});
    };

    EXPECT_EQ(of("chain"), "no failure");
    EXPECT_EQ(of("missing"), at("missing") + ": no such file; name one that exists");
    EXPECT_EQ(of("chain", "missing"), at("missing") + ": no such file; name one that exists");
    EXPECT_EQ(of("huge"), at("huge") + ": more than 1 MiB; name a certificate chain in PEM");
    EXPECT_EQ(of("fifo"), at("fifo") + ": no regular file; name a file in PEM");
    EXPECT_EQ(of("folder"), at("folder") + ": a directory; for all certificates in it: --tls-dir " +
                                at("folder"));
    if (::geteuid() == 0) {
        GTEST_SKIP() << "root may read everything: permission denied is not tried";
    }
    fs::permissions(at("chain"), fs::perms::none);
    EXPECT_TRUE(of("chain").contains("permission denied"));
}

TEST_F(certificate_files_test, warns_of_keys_that_everybody_may_read) {
    directory_.add("chain", "x");
    directory_.add("key", "x");
    fs::permissions(at("chain"), fs::perms{0644});
    fs::permissions(at("key"), fs::perms{0640});
    const certificate_sources sources{.files = {{at("chain"), at("key")}}, .directories = {}};
    EXPECT_TRUE(read_certificates(sources)->warnings.empty());

    fs::permissions(at("key"), fs::perms{0604});
    const auto read = read_certificates(sources);
    ASSERT_EQ(read->warnings.size(), 1U);
    EXPECT_EQ(read->warnings[0], at("key") +
                                     ": everybody on this machine can read the private key; chmod "
                                     "o= " +
                                     at("key"));
}

TEST_F(certificate_files_test, files_come_before_directories) {
    directory_.add("d/a.pem", "in the directory");
    directory_.add("z.pem", "named");
    const auto read = read_certificates({.files = {{at("z.pem"), ""}}, .directories = {at("d")}});

    ASSERT_EQ(read->pairs.size(), 2U);
    EXPECT_EQ(read->pairs[0].chain, "named");
    EXPECT_EQ(read->pairs[1].chain, "in the directory");
}

TEST_F(certificate_files_test, directories_to_watch) {
    directory_.add("d/sub/fullchain.pem", "x");
    directory_.add("e/a.crt", "x");

    EXPECT_EQ(
        directories_of({.files = {{at("e/a.crt"), at("f/a.key")}, {"a.pem", ""}},
                        .directories = {at("d"), at("missing")}}),
        (std::vector<std::string>{at("e"), at("f"), ".", at("d"), at("d/sub"), at("missing")}));
}

}  // namespace
}  // namespace ringway::tls
