#include <ringway/tls/self_certificate.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <gnutls/crypto.h>
#include <ifaddrs.h>
#include <net/if.h>  // IWYU pragma: keep
#include <netinet/in.h>
#include <optional>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/tls/certificate_files.hpp>

#include "tls/certificate_pair.hpp"

namespace ringway::tls {
namespace {

constexpr std::string_view file_name = "self.pem";

std::int64_t seconds_of(std::chrono::days days) { return std::chrono::seconds{days}.count(); }

void sort_names(std::vector<std::string>& names) {
    std::ranges::sort(names);
    const auto twice = std::ranges::unique(names);
    names.erase(twice.begin(), twice.end());
}

// The certificate that was kept, if it is one of ours that can still be read.
std::optional<certificate_facts> facts_of(const certificate_text& text, std::int64_t now_unix_s) {
    auto pair = read_pair(text, now_unix_s);
    return pair ? std::optional{std::move(pair->facts)} : std::nullopt;
}

bool is_good_for(const certificate_facts& facts, std::span<const std::string> names,
                 std::int64_t now_unix_s) {
    return facts.not_after_unix_s - now_unix_s > seconds_of(self_certificate_left_min) &&
           std::ranges::includes(facts.names, names);
}

// Only our own files lie in the directory: nobody else may look into it.
std::expected<unique_fd, int> open_directory(const std::string& path) {
    std::error_code failure;
    const std::filesystem::path parent = std::filesystem::path{path}.parent_path();
    std::filesystem::create_directories(parent, failure);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return std::unexpected{errno};
    }
    unique_fd directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory) {
        return std::unexpected{errno};
    }
    // A server that starts at the same time waits here and finds what this one has made.
    ::flock(directory.get(), LOCK_EX);
    return directory;
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(file, text.data(), text.size());
        if (size < 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

// In one step: whoever reads sees the old file or the new one. Returns an errno.
int write_file(const unique_fd& directory, std::string_view text) {
    constexpr const char* fresh = "self.pem.new";
    ::unlinkat(directory.get(), fresh, 0);
    const unique_fd file{::openat(directory.get(), fresh,
                                  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    const bool written =
        file && write_all(file.get(), text) && ::fsync(file.get()) == 0 &&
        ::renameat(directory.get(), fresh, directory.get(), std::string{file_name}.c_str()) == 0;
    const int failure = errno;
    if (!written && file) {
        ::unlinkat(directory.get(), fresh, 0);
    }
    return written ? 0 : failure;
}

void set_names(gnutls_x509_crt_t certificate, std::span<const std::string> names) {
    for (const std::string& name : names) {
        in6_addr six{};
        in_addr four{};
        if (::inet_pton(AF_INET, name.c_str(), &four) == 1) {
            ::gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, &four,
                                                   sizeof four, GNUTLS_FSAN_APPEND);
        } else if (::inet_pton(AF_INET6, name.c_str(), &six) == 1) {
            ::gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, &six,
                                                   sizeof six, GNUTLS_FSAN_APPEND);
        } else {
            ::gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name.data(),
                                                   static_cast<unsigned>(name.size()),
                                                   GNUTLS_FSAN_APPEND);
        }
    }
}

// Everything but the signature. No key usage: OpenSSL takes a certificate that signed itself as
// trusted only if it may sign, or does not say.
int fill(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key,
         std::span<const std::string> names, std::int64_t now_unix_s) {
    unsigned char serial[16];
    unsigned char key_id[20];
    std::size_t key_id_size = sizeof key_id;
    constexpr std::string_view who = "ringway development certificate";
    int code = ::gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
    serial[0] =
        static_cast<unsigned char>((serial[0] & 0x3fU) | 0x40U);  // Positive, and not short.
    const auto step = [&code](int outcome) { code = code < 0 ? code : outcome; };
    step(::gnutls_x509_crt_set_version(certificate, 3));
    step(::gnutls_x509_crt_set_serial(certificate, serial, sizeof serial));
    step(::gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, who.data(),
                                         static_cast<unsigned>(who.size())));
    step(::gnutls_x509_crt_set_activation_time(certificate, now_unix_s - 3600));
    step(::gnutls_x509_crt_set_expiration_time(certificate,
                                               now_unix_s + seconds_of(self_certificate_days)));
    step(::gnutls_x509_crt_set_key(certificate, key));
    step(::gnutls_x509_crt_set_basic_constraints(certificate, 0, -1));
    step(::gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0));
    step(::gnutls_x509_privkey_get_key_id(key, 0, key_id, &key_id_size));
    step(::gnutls_x509_crt_set_subject_key_id(certificate, key_id, key_id_size));
    set_names(certificate, names);
    step(::gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0));
    return code;
}

std::string take_text(gnutls_datum_t data) {
    std::string text{reinterpret_cast<const char*>(data.data), data.size};
    ::gnutls_free(data.data);
    return text;
}

std::expected<self_certificate, std::string> in_memory(std::span<const std::string> names,
                                                       std::int64_t now_unix_s,
                                                       std::string warning) {
    auto made = make_self_certificate(names, now_unix_s);
    if (!made) {
        return std::unexpected{std::move(made).error()};
    }
    return self_certificate{*std::move(made), false, std::move(warning)};
}

}  // namespace

std::string state_directory() {
    const char* const state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && *state == '/') {  // Relative ones are to be ignored.
        return std::string{state} + "/ringway";
    }
    const char* const home = std::getenv("HOME");
    return home != nullptr && *home == '/' ? std::string{home} + "/.local/state/ringway" : "";
}

std::vector<std::string> self_certificate_names(std::span<const std::string> addresses) {
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    char host[256] = "";
    if (::gethostname(host, sizeof host - 1) == 0 && *host != '\0') {
        std::string name{host};
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos) {
            names.push_back(std::move(name));
        }
    }
    names.insert(names.end(), addresses.begin(), addresses.end());
    names.resize(std::min(names.size(), self_certificate_names_max));
    sort_names(names);
    return names;
}

std::vector<std::string> interface_addresses() {
    ifaddrs* all = nullptr;
    std::vector<std::string> found;
    if (::getifaddrs(&all) != 0) {
        return found;
    }
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_UP) == 0) {
            continue;
        }
        char text[INET6_ADDRSTRLEN] = "";
        if (each->ifa_addr->sa_family == AF_INET) {
            const auto* const four = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
            ::inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
        } else if (each->ifa_addr->sa_family == AF_INET6) {
            const auto* const six = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr);
            if (!IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr)) {
                ::inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
            }
        }
        if (*text != '\0') {
            found.emplace_back(text);
        }
    }
    ::freeifaddrs(all);
    sort_names(found);
    return found;
}

std::expected<certificate_text, std::string> make_self_certificate(
    std::span<const std::string> names, std::int64_t now_unix_s) {
    gnutls_x509_privkey_t raw_key = nullptr;
    gnutls_x509_crt_t raw = nullptr;
    ::gnutls_x509_privkey_init(&raw_key);
    const key_handle key{raw_key};
    ::gnutls_x509_crt_init(&raw);
    const certificate_handle certificate{raw};
    int code = ::gnutls_x509_privkey_generate2(
        raw_key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0, nullptr, 0);
    code = code < 0 ? code : fill(raw, raw_key, names, now_unix_s);
    gnutls_datum_t chain_text{};
    gnutls_datum_t key_text{};
    code = code < 0 ? code : ::gnutls_x509_crt_export2(raw, GNUTLS_X509_FMT_PEM, &chain_text);
    code = code < 0 ? code
                    : ::gnutls_x509_privkey_export2_pkcs8(raw_key, GNUTLS_X509_FMT_PEM, nullptr,
                                                          GNUTLS_PKCS_PLAIN, &key_text);
    if (code < 0) {
        return std::unexpected{
            fmt::format("no development certificate could be made: {}", ::gnutls_strerror(code))};
    }
    return certificate_text{"the development certificate", take_text(chain_text), "its private key",
                            take_text(key_text)};
}

std::expected<self_certificate, std::string> obtain_self_certificate(
    const std::string& directory, std::span<const std::string> names, std::int64_t now_unix_s) {
    if (directory.empty()) {
        return in_memory(names, now_unix_s,
                         "the development certificate is new with each start: neither "
                         "XDG_STATE_HOME nor HOME says where to keep it");
    }
    const auto opened = open_directory(directory);
    if (!opened) {
        return in_memory(names, now_unix_s,
                         fmt::format("the development certificate is new with each start: {}: {}",
                                     directory, std::strerror(opened.error())));
    }
    const std::string path = directory + "/" + std::string{file_name};
    std::vector<std::string> wanted{names.begin(), names.end()};
    if (auto kept = read_certificates({.files = {{path, ""}}, .directories = {}})) {
        certificate_text& text = kept->pairs.front();
        if (const auto facts = facts_of(text, now_unix_s)) {
            if (is_good_for(*facts, names, now_unix_s)) {
                return self_certificate{std::move(text), true, ""};
            }
            wanted.insert(wanted.end(), facts->names.begin(), facts->names.end());
            wanted.resize(std::min(wanted.size(), self_certificate_names_max));
            sort_names(wanted);
        }
    }
    auto made = in_memory(wanted, now_unix_s, "");
    if (!made) {
        return made;
    }
    if (const int failure = write_file(*opened, made->text.chain + made->text.key)) {
        made->warning = fmt::format("the development certificate is new with each start: {}: {}",
                                    path, std::strerror(failure));
        return made;
    }
    const std::string both = made->text.chain + made->text.key;  // As the next start reads it.
    made->text = {path, both, path, both};
    made->kept = true;
    return made;
}

}  // namespace ringway::tls
