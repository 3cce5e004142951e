// From the names of certificate files and directories to their text.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include <ringway/tls/certificates.hpp>

namespace ringway::tls {

/// Where a chain and its key are. `key` is "" where the file `chain` holds both.
struct certificate_files {
    std::string chain;
    std::string key;

    friend bool operator==(const certificate_files&, const certificate_files&) = default;
};

/// Files and directories of certificates, in the order in which the operator named them.
struct certificate_sources {
    std::vector<certificate_files> files;
    std::vector<std::string> directories;

    [[nodiscard]] bool empty() const noexcept { return files.empty() && directories.empty(); }
};

/// What was read, and what is odd about the files: one line each.
struct certificate_texts {
    std::vector<certificate_text> pairs;
    std::vector<std::string> warnings;
};

/// Longer files are refused: a chain has a few kilobytes.
inline constexpr std::size_t certificate_file_bytes_max = 1'048'576;

/// The pairs in a directory, sorted by name, so that the first one is the same each time:
/// NAME.crt or NAME.pem with NAME.key; NAME.pem alone for both; NAME/fullchain.pem with
/// NAME/privkey.pem, as certbot lays them out, also in the directory itself, whose other files are
/// then left alone. Names that begin with a dot are left out.
/// Fails with a line for the operator: unreadable, empty, or a key without its certificate. Blocks.
[[nodiscard]] std::expected<std::vector<certificate_files>, std::string> find_pairs(
    const std::string& directory);

/// Reads all files of `sources`, those it names first, then its directories. Warns of private keys
/// that everybody may read. Fails with a line for the operator for the first that can't be read.
/// Blocks.
[[nodiscard]] std::expected<certificate_texts, std::string> read_certificates(
    const certificate_sources& sources);

/// The directories in which a change of `sources` shows: those named, the ones in them, and those
/// of the files. Each once. Blocks.
[[nodiscard]] std::vector<std::string> directories_of(const certificate_sources& sources);

}  // namespace ringway::tls
