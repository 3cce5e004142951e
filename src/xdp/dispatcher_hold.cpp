#include "xdp/dispatcher_hold.hpp"

#include <array>
#include <bpf/bpf.h>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fmt/core.h>
#include <linux/bpf.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include <ringway/base/unique_fd.hpp>

namespace ringway::xdp {
namespace {

constexpr unsigned places = 10;  // Programs of a dispatcher at most (MAX_DISPATCHER_ACTIONS).

constexpr std::chrono::seconds patience{3};  // Who lives looks every second.
constexpr std::chrono::milliseconds between_looks{100};

const char* file_system() noexcept {
    const char* const given = ::secure_getenv("LIBXDP_BPFFS");
    return given != nullptr ? given : "/sys/fs/bpf";
}

std::string folder_of(unsigned interface, std::uint32_t dispatcher) {
    return fmt::format("{}/xdp/dispatch-{}-{}", file_system(), interface, dispatcher);
}

std::string folder_of_markers() { return fmt::format("{}/ringway", file_system()); }

std::string marker_of(unsigned interface, std::uint32_t program) {
    return fmt::format("{}/held-{}-{}", folder_of_markers(), interface, program);
}

unique_fd open_pin(const std::string& path) {
    const int fd = ::bpf_obj_get(path.c_str());
    return unique_fd{fd < 0 ? -1 : fd};
}

std::uint32_t number_of(const unique_fd& program) noexcept {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    const bool told = program && ::bpf_prog_get_info_by_fd(program.get(), &info, &size) == 0;
    return told ? info.id : 0;
}

bool is_program(const unique_fd& pinned) {
    std::array<char, 64> target{};
    const std::string entry = fmt::format("/proc/self/fd/{}", pinned.get());
    const ssize_t length = ::readlink(entry.c_str(), target.data(), target.size());
    return length > 0 &&
           std::string_view{target.data(), static_cast<std::size_t>(length)}.contains("bpf-prog");
}

struct pinned_program {
    unique_fd program;
    std::string link;  // Path of its link.
};

// Without a program where it is not there.
pinned_program find_pinned(unsigned interface, std::uint32_t dispatcher, std::uint32_t program) {
    const std::string folder = folder_of(interface, dispatcher);
    for (unsigned place = 0; place < places; ++place) {
        unique_fd pinned = open_pin(fmt::format("{}/prog{}-prog", folder, place));
        if (pinned && number_of(pinned) == program) {
            return {std::move(pinned), fmt::format("{}/prog{}-link", folder, place)};
        }
    }
    return {};
}

bool is_linked(std::uint32_t program) noexcept {
    for (std::uint32_t id = 0; ::bpf_link_get_next_id(id, &id) == 0;) {
        const unique_fd link{::bpf_link_get_fd_by_id(id)};
        bpf_link_info info{};
        std::uint32_t size = sizeof(info);
        if (link && ::bpf_link_get_info_by_fd(link.get(), &info, &size) == 0 &&
            info.prog_id == program) {
            return true;
        }
    }
    return false;
}

// Number of a program that is marked as held, while its link is with libxdp; 0: none.
std::uint32_t find_revived(unsigned interface, std::uint32_t dispatcher) {
    const std::string folder = folder_of(interface, dispatcher);
    for (unsigned place = 0; place < places; ++place) {
        const unique_fd link = open_pin(fmt::format("{}/prog{}-link", folder, place));
        if (!link || is_program(link)) {
            continue;
        }
        const std::uint32_t program =
            number_of(open_pin(fmt::format("{}/prog{}-prog", folder, place)));
        if (program != 0 && ::access(marker_of(interface, program).c_str(), F_OK) == 0) {
            return program;
        }
    }
    return 0;
}

}  // namespace

dispatcher_hold::~dispatcher_hold() {
    if (!marker_.empty()) {
        ::unlink(marker_.c_str());
    }
}

bool dispatcher_hold::take(unsigned interface, std::uint32_t dispatcher,
                           std::uint32_t program) noexcept {
    dispatcher_ = 0;
    const pinned_program found = find_pinned(interface, dispatcher, program);
    unique_fd link = found.program ? open_pin(found.link) : unique_fd{};
    if (!link || is_program(link) || ::unlink(found.link.c_str()) != 0) {
        return false;
    }
    if (::bpf_obj_pin(found.program.get(), found.link.c_str()) != 0) {
        static_cast<void>(::bpf_obj_pin(link.get(), found.link.c_str()));  // As it was.
        return false;
    }
    link_ = std::move(link);
    dispatcher_ = dispatcher;
    // Without it all is as good, but for who is killed before somebody else has a dispatcher made.
    ::mkdir(folder_of_markers().c_str(), 0700);
    std::string marker = marker_of(interface, program);
    if (marker != marker_ && ::bpf_obj_pin(found.program.get(), marker.c_str()) == 0) {
        marker_.swap(marker);  // The new one first: a kill in between leaves both, not none.
        if (!marker.empty()) {
            ::unlink(marker.c_str());
        }
    }
    return true;
}

bool dispatcher_hold::is_listed(unsigned interface, std::uint32_t dispatcher,
                                std::uint32_t program) noexcept {
    return static_cast<bool>(find_pinned(interface, dispatcher, program).program);
}

std::uint32_t dispatcher_hold::find_abandoned(unsigned interface,
                                              std::uint32_t dispatcher) noexcept {
    const std::string folder = folder_of(interface, dispatcher);
    for (unsigned place = 0; place < places; ++place) {
        const unique_fd pinned = open_pin(fmt::format("{}/prog{}-link", folder, place));
        if (pinned && is_program(pinned)) {
            const std::uint32_t program = number_of(pinned);
            if (program != 0 && !is_linked(program)) {
                return program;
            }
        }
    }
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const std::uint32_t program = find_revived(interface, dispatcher);
        if (program == 0 || std::chrono::steady_clock::now() >= until) {
            return program;
        }
        std::this_thread::sleep_for(between_looks);
    }
}

void dispatcher_hold::forget_gone(unsigned interface, std::uint32_t dispatcher) noexcept {
    const std::string prefix = fmt::format("held-{}-", interface);
    std::error_code failed;
    for (std::filesystem::directory_iterator at{folder_of_markers(), failed}, end;
         !failed && at != end; at.increment(failed)) {
        const std::string name = at->path().filename().string();
        if (!name.starts_with(prefix)) {
            continue;
        }
        std::uint32_t program = 0;
        std::from_chars(name.data() + prefix.size(), name.data() + name.size(), program);
        if (dispatcher == 0 || !is_listed(interface, dispatcher, program)) {
            ::unlink(at->path().c_str());
        }
    }
}

}  // namespace ringway::xdp
