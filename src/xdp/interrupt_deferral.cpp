#include "xdp/interrupt_deferral.hpp"

#include <array>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/mount.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/network_interface.hpp>

namespace ringway::xdp {
namespace {

constexpr const char* count_file = "napi_defer_hard_irqs";
constexpr const char* timeout_file = "gro_flush_timeout";
constexpr std::string_view count_wanted = "2";         // Rounds without work until then.
constexpr std::string_view timeout_wanted = "200000";  // ns until the kernel helps itself.

// The folder of the interface in a sysfs of our network namespace: what is mounted at /sys may show
// that of another (nsenter(1), unshare(1)). fsopen(2), Linux 5.2.
unique_fd folder_of(const bpf::network_interface& where) {
    const unique_fd context{::fsopen("sysfs", FSOPEN_CLOEXEC)};
    if (!context || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
        return {};
    }
    const unique_fd mount{::fsmount(context.get(), FSMOUNT_CLOEXEC, 0)};
    if (!mount) {
        return {};
    }
    const std::string path = "class/net/" + where.name;
    return unique_fd{::openat(mount.get(), path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

std::string read_setting(int folder, const char* name) {
    const unique_fd file{::openat(folder, name, O_RDONLY | O_CLOEXEC)};
    std::array<char, 32> room{};
    const ssize_t length = file ? ::read(file.get(), room.data(), room.size()) : -1;
    std::string text(room.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

bool write_setting(int folder, const char* name, std::string_view value) {
    const unique_fd file{::openat(folder, name, O_WRONLY | O_CLOEXEC)};
    return file &&
           ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

}  // namespace

std::unique_ptr<interrupt_deferral> interrupt_deferral::begin(const bpf::network_interface& where) {
    unique_fd folder = folder_of(where);
    if (!folder) {
        return nullptr;
    }
    std::string count = read_setting(folder.get(), count_file);
    std::string timeout = read_setting(folder.get(), timeout_file);
    if (count != "0" || !write_setting(folder.get(), count_file, count_wanted)) {
        return nullptr;
    }
    std::unique_ptr<interrupt_deferral> made{
        new interrupt_deferral{std::move(folder), std::move(count), std::move(timeout)}};
    if (!write_setting(made->folder_.get(), timeout_file, timeout_wanted)) {
        return nullptr;  // Its end restores the other one.
    }
    return made;
}

interrupt_deferral::~interrupt_deferral() {
    // Nothing is to be done where the interface has gone.
    static_cast<void>(write_setting(folder_.get(), count_file, count_));
    static_cast<void>(write_setting(folder_.get(), timeout_file, timeout_));
}

}  // namespace ringway::xdp
