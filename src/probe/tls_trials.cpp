// Trials of the kernel's TLS: keys are set on a connection to ourselves, and a record is looked at.
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <fstream>
#include <linux/tls.h>
#include <netinet/in.h>  // IWYU pragma: keep
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include "probe/loopback.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

constexpr int level_tls = 282;  // SOL_TLS

// Which of "load it", "install it" and "another kernel" is the way.
std::string how_to_load() {
    utsname names{};
    ::uname(&names);
    const std::string folder = fmt::format("/lib/modules/{}/", names.release);
    std::ifstream modules{folder + "modules.dep"};
    for (std::string line; std::getline(modules, line);) {
        if (line.substr(0, line.find(':')).find("/tls.ko") != std::string::npos) {
            return "sudo modprobe tls";
        }
    }
    return modules.is_open() ? "run a kernel with CONFIG_TLS=m or =y"
                             : "sudo modprobe tls # or a kernel with CONFIG_TLS";
}

outcome attach_to(const tcp_pair& pair) {
    if (pair.error != 0) {
        return found_nothing("no connection over loopback: " + error_text(pair.error),
                             pair.error == ENETUNREACH ? "sudo ip link set lo up" : "");
    }
    if (::setsockopt(pair.client.get(), IPPROTO_TCP, TCP_ULP, "tls", sizeof "tls") != 0) {
        return errno == ENOENT ? found_no("the module is not there", how_to_load())
                               : refused(errno);
    }
    return found_yes();
}

template <class Info>
Info made_keys(unsigned short cipher) {
    Info info{};
    info.info.version = TLS_1_3_VERSION;
    info.info.cipher_type = cipher;
    std::memset(info.key, 0x5a, sizeof info.key);
    return info;
}

template <class Info, unsigned short Cipher>
outcome seals(argument) {
    const tcp_pair pair;
    if (auto attached = attach_to(pair); attached.has != state::yes) {
        return attached;
    }
    const auto keys = made_keys<Info>(Cipher);
    if (::setsockopt(pair.client.get(), level_tls, TLS_TX, &keys, sizeof keys) != 0) {
        return refused(errno);
    }
    std::array<unsigned char, 64> record{};
    if (::send(pair.client.get(), "abc", 3, 0) != 3) {
        return refused(errno);
    }
    // Header of 5, content, its type, tag of 16 (RFC 8446, 5.2).
    const ssize_t size = ::recv(pair.server.get(), record.data(), record.size(), 0);
    constexpr unsigned char application_data = 23;
    return size == 5 + 3 + 1 + 16 && record[0] == application_data
               ? found_yes()
               : found_no("what arrived is no record");
}

outcome opens_records(argument) {
    const tcp_pair pair;
    if (auto attached = attach_to(pair); attached.has != state::yes) {
        return attached;
    }
    const auto keys = made_keys<tls12_crypto_info_aes_gcm_128>(TLS_CIPHER_AES_GCM_128);
    return ::setsockopt(pair.client.get(), level_tls, TLS_RX, &keys, sizeof keys) == 0
               ? found_yes()
               : refused(errno);
}

// A kernel that can change keys takes the same ones again; one that can't says EBUSY.
outcome changes_keys(argument) {
    const tcp_pair pair;
    if (auto attached = attach_to(pair); attached.has != state::yes) {
        return attached;
    }
    const auto keys = made_keys<tls12_crypto_info_aes_gcm_128>(TLS_CIPHER_AES_GCM_128);
    for (int i = 0; i < 2; ++i) {
        if (::setsockopt(pair.client.get(), level_tls, TLS_TX, &keys, sizeof keys) != 0) {
            return refused(errno);
        }
    }
    return found_yes();
}

outcome leaves_files_alone(argument) {
    const tcp_pair pair;
    if (auto attached = attach_to(pair); attached.has != state::yes) {
        return attached;
    }
    const auto keys = made_keys<tls12_crypto_info_aes_gcm_128>(TLS_CIPHER_AES_GCM_128);
    constexpr unsigned on = 1;
    if (::setsockopt(pair.client.get(), level_tls, TLS_TX, &keys, sizeof keys) != 0 ||
        ::setsockopt(pair.client.get(), level_tls, TLS_TX_ZEROCOPY_RO, &on, sizeof on) != 0) {
        return refused(errno);
    }
    return found_partial("taken, but it works on cards that do TLS only");
}

outcome has_instructions(argument) {
    std::ifstream file{"/proc/cpuinfo"};
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("flags") || line.starts_with("Features")) {
            const bool aes = (line + ' ').contains(" aes ");
            const bool wide = (line + ' ').contains(" vaes ");
            return aes ? found_yes(wide ? "also 256 bits and more at a time (VAES)" : "")
                       : found_no("prefer ChaCha20-Poly1305");
        }
    }
    return found_nothing("/proc/cpuinfo can't be read");
}

constexpr auto about = topic::tls;

}  // namespace

std::vector<trial> tls_trials() {
    return {
        {"tls.send", about, "kTLS, AES-128-GCM", "5.1", "a record over a connection to ourselves",
         "With it sendfile works on TLS connections; without it serve seals what it sends itself",
         "", false, seals<tls12_crypto_info_aes_gcm_128, TLS_CIPHER_AES_GCM_128>},
        {"tls.send_256", about, "kTLS, AES-256-GCM", "5.1",
         "a record over a connection to ourselves", "The cipher that some clients ask for", "",
         false, seals<tls12_crypto_info_aes_gcm_256, TLS_CIPHER_AES_GCM_256>},
        {"tls.send_chacha", about, "kTLS, ChaCha20-Poly1305", "5.11",
         "a record over a connection to ourselves", "The cipher of clients without AES", "", false,
         seals<tls12_crypto_info_chacha20_poly1305, TLS_CIPHER_CHACHA20_POLY1305>},
        {"tls.receive", about, "kTLS, receiving", "5.1", "TLS_RX on a connection to ourselves",
         "Uploads; serve has none", "", false, opens_records},
        {"tls.key_update", about, "kTLS, new keys", "6.14", "TLS_TX twice",
         "A connection outlives a KeyUpdate of its peer", fix_by_kernel, false, changes_keys},
        {"tls.zero_copy", about, "kTLS, sealed by the card", "5.19", "TLS_TX_ZEROCOPY_RO",
         "The network card seals what it sends", "", false, leaves_files_alone},
        {"tls.aes", about, "AES instructions", "", "/proc/cpuinfo",
         "TLS and QUIC at gigabytes a second", "", false, has_instructions},
    };
}

}  // namespace ringway::probe
