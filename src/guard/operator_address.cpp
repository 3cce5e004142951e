#include "guard/operator_address.hpp"

#include <charconv>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

namespace ringway::guard {
namespace {

constexpr int generations_max = 16;
constexpr std::string_view variable = "SSH_CONNECTION=";

std::string read_proc(int process, const char* what) {
    std::ifstream file{fmt::format("/proc/{}/{}", process, what), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

// The process that made `process`, 0 if there is none (proc_pid_stat(5)).
int parent_of(int process) {
    const auto text = read_proc(process, "stat");
    const auto name_end = text.rfind(')');
    int parent = 0;
    if (name_end != std::string::npos && text.size() > name_end + 4) {
        std::from_chars(text.data() + name_end + 4, text.data() + text.size(), parent);
    }
    return parent;
}

}  // namespace

std::optional<operator_session> parse_ssh_connection(std::string_view value) {
    const auto address_end = value.find(' ');
    const auto port_begin = value.rfind(' ');
    if (address_end == std::string_view::npos || port_begin == address_end) {
        return std::nullopt;
    }
    // An address of a link has its interface behind it.
    const auto address = value.substr(0, address_end);
    const auto from = parse_cidr(address.substr(0, address.find('%')));
    std::uint16_t port = 0;
    const auto digits = value.substr(port_begin + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (!from || address.contains('/') || read.ec != std::errc{} || port == 0) {
        return std::nullopt;
    }
    return operator_session{.from = *from, .port = port};
}

std::optional<operator_session> find_operator() {
    int process = ::getpid();
    for (int i = 0; i < generations_max && process > 1; ++i) {
        const auto variables = read_proc(process, "environ");
        std::size_t begin = 0;
        while (begin < variables.size()) {
            const auto end = std::min(variables.find('\0', begin), variables.size());
            const auto one = std::string_view{variables}.substr(begin, end - begin);
            if (one.starts_with(variable)) {
                return parse_ssh_connection(one.substr(variable.size()));
            }
            begin = end + 1;
        }
        process = parent_of(process);
    }
    return std::nullopt;
}

}  // namespace ringway::guard
