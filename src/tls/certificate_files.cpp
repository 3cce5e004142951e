#include <ringway/tls/certificate_files.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::tls {
namespace {

namespace fs = std::filesystem;

using pairs_or_reason = std::expected<std::vector<certificate_files>, std::string>;

std::string why_unreadable(const std::string& path, int failure) {
    switch (failure) {
        case ENOENT: return path + ": no such file; name one that exists";
        case EACCES:
            return fmt::format("{}: permission denied; let this user (uid {}) read it", path,
                               ::geteuid());
        case EISDIR: return path + ": a directory; for all certificates in it: --tls-dir " + path;
        default: return path + ": can't be read: " + std::strerror(failure);
    }
}

struct read_file {
    std::string text;
    bool everybody_may_read = false;
};

std::expected<read_file, std::string> read(const std::string& path) {
    // A FIFO must not hold up the start.
    const unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat facts{};
    if (!file || ::fstat(file.get(), &facts) != 0) {
        return std::unexpected{why_unreadable(path, errno)};
    }
    if (!S_ISREG(facts.st_mode)) {
        return std::unexpected{S_ISDIR(facts.st_mode)
                                   ? why_unreadable(path, EISDIR)
                                   : path + ": no regular file; name a file in PEM"};
    }
    read_file out{.text = {}, .everybody_may_read = (facts.st_mode & S_IROTH) != 0};
    char piece[16 * 1024];
    for (;;) {
        const ssize_t size = ::read(file.get(), piece, sizeof piece);
        if (size < 0) {
            return std::unexpected{why_unreadable(path, errno)};
        }
        if (size == 0) {
            return out;
        }
        out.text.append(piece, static_cast<std::size_t>(size));
        if (out.text.size() > certificate_file_bytes_max) {
            return std::unexpected{path + ": more than 1 MiB; name a certificate chain in PEM"};
        }
    }
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

bool is_certbot(const fs::path& directory) {
    return is_there(directory / "fullchain.pem") && is_there(directory / "privkey.pem");
}

certificate_files certbot_pair(const fs::path& directory) {
    return {(directory / "fullchain.pem").string(), (directory / "privkey.pem").string()};
}

std::expected<std::vector<fs::path>, std::string> sorted_entries(const std::string& directory) {
    std::error_code failure;
    std::vector<fs::path> entries;
    for (fs::directory_iterator each{directory, failure}, end; !failure && each != end;
         each.increment(failure)) {
        if (!each->path().filename().string().starts_with('.')) {
            entries.push_back(each->path());
        }
    }
    if (failure) {
        return std::unexpected{failure.value() == ENOTDIR
                                   ? directory + ": not a directory; for a file: --tls " + directory
                                   : why_unreadable(directory, failure.value())};
    }
    std::ranges::sort(entries);
    return entries;
}

fs::path with_extension(fs::path path, std::string_view extension) {
    return path.replace_extension(extension);
}

// The pair that begins with this entry, if one does; nothing for keys and other files.
std::expected<std::vector<certificate_files>, std::string> pair_at(const fs::path& entry) {
    const std::string extension = entry.extension().string();
    if (is_folder(entry)) {
        return is_certbot(entry) ? std::vector{certbot_pair(entry)}
                                 : std::vector<certificate_files>{};
    }
    if (extension == ".key") {
        if (is_there(with_extension(entry, ".crt")) || is_there(with_extension(entry, ".pem"))) {
            return {};
        }
        return std::unexpected{fmt::format("{}: no certificate beside it; add {}", entry.string(),
                                           with_extension(entry, ".crt").string())};
    }
    if (extension != ".crt" && extension != ".pem") {
        return {};
    }
    // Where both NAME.crt and NAME.pem are there, the key goes with the first.
    const fs::path key = with_extension(entry, ".key");
    const bool taken = extension == ".pem" && is_there(with_extension(entry, ".crt"));
    return std::vector{
        certificate_files{entry.string(), is_there(key) && !taken ? key.string() : ""}};
}

}  // namespace

pairs_or_reason find_pairs(const std::string& directory) {
    const auto entries = sorted_entries(directory);
    if (!entries) {
        return std::unexpected{entries.error()};
    }
    if (is_certbot(directory)) {
        return std::vector{certbot_pair(directory)};
    }
    std::vector<certificate_files> found;
    for (const fs::path& entry : *entries) {
        auto pair = pair_at(entry);
        if (!pair) {
            return pair;
        }
        found.insert(found.end(), pair->begin(), pair->end());
    }
    if (found.empty()) {
        return std::unexpected{directory +
                               ": no certificate in it; put NAME.crt and NAME.key there, NAME.pem "
                               "with both, or NAME/fullchain.pem and NAME/privkey.pem"};
    }
    return found;
}

std::expected<certificate_texts, std::string> read_certificates(
    const certificate_sources& sources) {
    auto files = sources.files;
    for (const std::string& directory : sources.directories) {
        const auto found = find_pairs(directory);
        if (!found) {
            return std::unexpected{found.error()};
        }
        files.insert(files.end(), found->begin(), found->end());
    }
    certificate_texts out;
    for (const certificate_files& each : files) {
        const std::string& key_file = each.key.empty() ? each.chain : each.key;
        auto chain = read(each.chain);
        if (!chain) {
            return std::unexpected{std::move(chain).error()};
        }
        auto key = read(key_file);
        if (!key) {
            return std::unexpected{std::move(key).error()};
        }
        if (key->everybody_may_read) {
            out.warnings.push_back(fmt::format(
                "{0}: everybody on this machine can read the private key; chmod o= {0}", key_file));
        }
        out.pairs.push_back({each.chain, std::move(chain->text), key_file, std::move(key->text)});
    }
    return out;
}

std::vector<std::string> directories_of(const certificate_sources& sources) {
    std::vector<std::string> out;
    const auto add = [&out](const fs::path& directory) {
        const std::string name = directory.empty() ? "." : directory.string();
        if (std::ranges::find(out, name) == out.end()) {
            out.push_back(name);
        }
    };
    for (const certificate_files& each : sources.files) {
        add(fs::path{each.chain}.parent_path());
        if (!each.key.empty()) {
            add(fs::path{each.key}.parent_path());
        }
    }
    for (const std::string& directory : sources.directories) {
        add(directory);
        const auto entries = sorted_entries(directory);
        for (const fs::path& entry : entries.value_or(std::vector<fs::path>{})) {
            if (is_folder(entry)) {
                add(entry);
            }
        }
    }
    return out;
}

}  // namespace ringway::tls
