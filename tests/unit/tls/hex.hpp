// Bytes as RFCs print them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace ringway::tls {

/// "17 03 03" as bytes; blanks are left out.
inline std::vector<std::byte> from_hex(std::string_view text) {
    std::vector<std::byte> bytes;
    int high = -1;
    for (const char c : text) {
        if (c == ' ' || c == '\n') {
            continue;
        }
        const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
        if (high < 0) {
            high = digit;
        } else {
            bytes.push_back(static_cast<std::byte>(high * 16 + digit));
            high = -1;
        }
    }
    return bytes;
}

// The connection of RFC 8448 section 3: what its record layer starts from, and its records.
namespace rfc8448 {
constexpr std::string_view client_secret =
    "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
constexpr std::string_view server_secret =
    "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";
constexpr std::string_view client_data =
    "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20"
    "441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4";
constexpr std::string_view client_alert = "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3";
constexpr std::string_view server_data =
    "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb50"
    "1a59a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d";
constexpr std::string_view server_alert = "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9";
}  // namespace rfc8448

}  // namespace ringway::tls
